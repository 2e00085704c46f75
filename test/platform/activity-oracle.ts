import type { ActivityEvent } from './activity.ts';

const MINUTE = 60_000;

export type Features = Readonly<Record<string, unknown>>;
type Table = ReadonlyMap<string, Features>;

/** What queries/user_activity.sql has to give for the events, by a program that knows nothing of SQL. */
export function activityFeatures(events: readonly ActivityEvent[], closedUntil: number): Record<string, Table> {
  const allTime = new Map<string, Features>();
  const minutes = new Map<string, Features>();
  const fives = new Map<string, Features>();
  for (const [user, own] of byUser(events)) {
    const last = own[own.length - 1];
    allTime.set(user, {
      user_id: user,
      ...totals(own),
      max_price: Math.max(...own.map(({ price }) => price)),
      items: distinct(own, 'item'),
      last_event: last.type,
      last_item: last.item,
      last_seen: stamp(Math.max(...own.map(({ time }) => time))),
    });
    setLastWindow(minutes, own, 1, closedUntil, (part) => ({
      items: distinct(part, 'item'),
      last_event: part[part.length - 1].type,
    }));
    setLastWindow(fives, own, 5, closedUntil, (part) => ({
      items: distinct(part, 'item'),
      devices: distinct(part, 'device'),
    }));
  }
  return { user_activity: allTime, user_activity_1m: minutes, user_activity_5m: fives };
}

/** The last window of `length` minutes, one beginning each minute, that is closed and has events of the user. */
function setLastWindow(
  table: Map<string, Features>,
  own: readonly ActivityEvent[],
  length: number,
  closedUntil: number,
  more: (part: readonly ActivityEvent[]) => Features,
): void {
  for (let end = Math.floor(closedUntil / MINUTE) * MINUTE; end > own[0].time - MINUTE; end -= MINUTE) {
    const start = end - length * MINUTE;
    const part = own.filter(({ time }) => time >= start && time < end);
    if (part.length === 0) continue;
    const window = { window_start: stamp(start), window_end: stamp(end) };
    table.set(part[0].user, { user_id: part[0].user, ...window, ...totals(part), ...more(part) });
    return;
  }
}

function totals(events: readonly ActivityEvent[]): Features {
  return {
    events: String(events.length),
    purchases: String(events.filter(({ type }) => type === 'PURCHASE').length),
    spent: cents(events.reduce((sum, { spent }) => sum + spent, 0)),
    prices: cents(events.reduce((sum, { price }) => sum + price, 0)),
  };
}

function distinct(events: readonly ActivityEvent[], column: 'item' | 'device'): string {
  return String(new Set(events.map((event) => event[column])).size);
}

function byUser(events: readonly ActivityEvent[]): ReadonlyMap<string, ActivityEvent[]> {
  const users = new Map<string, ActivityEvent[]>();
  for (const event of events) {
    const own = users.get(event.user);
    if (own === undefined) users.set(event.user, [event]);
    else own.push(event);
  }
  return users;
}

const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, -1);

/**
 * Features as they came over HTTP, as the oracle has them: money in whole cents. Sums of DOUBLE depend on the order of
 * their additions in the last digits, cents do not.
 */
export function comparable({ avg_price, spent, ...features }: Features): Features {
  return { ...features, spent: cents(Number(spent)), prices: cents(Number(avg_price) * Number(features.events)) };
}

const cents = (value: number): number => Math.round(value * 100);
