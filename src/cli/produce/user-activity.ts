import { DOUBLE, INT, type Schema, STRING, timestamp } from '../../data/types.ts';
import type { EventSource } from './event-source.ts';
import { zipfSampler } from './zipf.ts';

const EVENT_TYPES = ['VIEW', 'VIEW', 'VIEW', 'VIEW', 'CLICK', 'CLICK', 'CART', 'PURCHASE'];
const DEVICES = ['ios', 'ios', 'android', 'android', 'web', 'tv'];
const REFERRERS = [null, null, 'search', 'mail', 'ad', 'friend'];
const ITEMS = 5000;
const ITEM_SKEW = 0.8;
/** A session ends after an event with this probability: twenty events on average. */
const SESSION_END = 0.05;

export interface UserActivityOptions {
  readonly users: number;
  /** Exponent of the Zipf distribution of users; 0 makes all equally busy. */
  readonly skew: number;
  /** Events are out of order by up to so many milliseconds. */
  readonly disorder: number;
  /** Share of events that are late: by up to `lateness` milliseconds more. */
  readonly late: number;
  readonly lateness: number;
  readonly random: () => number;
}

/** Users who view, click, put into the cart and buy items, in sessions. The same for the same random numbers. */
export class UserActivity implements EventSource {
  readonly name = 'user-activity';
  readonly schema: Schema = [
    { name: 'user_id', type: STRING },
    { name: 'session_id', type: STRING },
    { name: 'item_id', type: STRING },
    { name: 'event_type', type: STRING },
    { name: 'price', type: DOUBLE },
    { name: 'quantity', type: INT },
    { name: 'device', type: STRING },
    { name: 'ts', type: timestamp(3) },
  ];
  readonly added: Schema = [
    { name: 'referrer', type: STRING },
    { name: 'discount', type: DOUBLE },
  ];
  readonly row: unknown[] = Array.from({ length: 10 }, () => null);
  readonly ready = true;
  key: Uint8Array = new Uint8Array(0);
  time = 0;
  late = 0;
  private readonly options: UserActivityOptions;
  private readonly users: readonly string[];
  private readonly keys: readonly Uint8Array[];
  private readonly items: readonly string[];
  private readonly prices: Float64Array;
  private readonly sessions: Int32Array;
  private readonly nextUser: () => number;
  private readonly nextItem: () => number;

  constructor(options: UserActivityOptions) {
    const { users, skew, random } = options;
    this.options = options;
    this.users = Array.from({ length: users }, (_, i) => `user_${String(i).padStart(7, '0')}`);
    this.keys = this.users.map((user) => new Uint8Array(Buffer.from(user)));
    this.items = Array.from({ length: ITEMS }, (_, i) => `item_${String(i).padStart(5, '0')}`);
    // Many cheap items, few dear ones: 1 to 1,000, the median at about 30.
    this.prices = Float64Array.from({ length: ITEMS }, () => Math.round(100 * 1000 ** random()) / 100);
    this.sessions = new Int32Array(users);
    this.nextUser = zipfSampler(users, skew, random);
    this.nextItem = zipfSampler(ITEMS, ITEM_SKEW, random);
  }

  async load(): Promise<boolean> {
    return true;
  }

  next(now: number): void {
    const { random, disorder, late, lateness } = this.options;
    const { row } = this;
    const user = this.nextUser();
    const item = this.nextItem();
    const type = EVENT_TYPES[Math.floor(random() * EVENT_TYPES.length)];
    this.key = this.keys[user];
    this.time = Math.floor(now - random() * disorder);
    if (late > 0 && random() < late) {
      this.time = Math.floor(now - disorder - random() * lateness);
      this.late++;
    }
    row[0] = this.users[user];
    row[1] = `${this.users[user]}_${this.sessions[user]}`;
    row[2] = this.items[item];
    row[3] = type;
    row[4] = this.prices[item];
    row[5] = 1 + Math.floor(random() * 3);
    // A user keeps to a device, mostly.
    row[6] = DEVICES[random() < 0.9 ? user % DEVICES.length : Math.floor(random() * DEVICES.length)];
    row[7] = this.time;
    row[8] = REFERRERS[Math.floor(random() * REFERRERS.length)];
    row[9] = type === 'PURCHASE' ? Math.round(random() * 20) / 100 : null;
    if (random() < SESSION_END) this.sessions[user]++;
  }

  close(): void {
    // Nothing is open.
  }
}
