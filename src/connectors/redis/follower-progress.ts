import type { FollowerAlarm } from '../follower/alarm.ts';
import type { FollowerCounters, FollowerState, FollowerStatus } from '../follower/status.ts';
import type { FollowedTable, FollowerHost } from './followed-table.ts';
import type { FollowerProtocol } from './follower-protocol.ts';
import { formatPosition, type Position } from './protocol.ts';

/** How far Redis is with one table, over all sessions, and what is told of it. */
export class FollowerProgress {
  readonly counters: FollowerCounters = { parts: 0, rows: 0, replays: 0, rebuilds: 0, alarms: 0 };
  /** What the marker in Redis says. */
  position = '';
  positionEpoch = 0;
  private appliedEpoch = 0;
  private state: FollowerState = 'starting';
  /** When Redis was last known to hold what it acknowledged. */
  private heardAt = 0;
  private readonly spec: FollowedTable;
  private readonly host: FollowerHost;
  private readonly alarm: FollowerAlarm;
  private readonly at: FollowerProtocol['at'];

  constructor(spec: FollowedTable, host: FollowerHost, alarm: FollowerAlarm, at: FollowerProtocol['at']) {
    this.spec = spec;
    this.host = host;
    this.alarm = alarm;
    this.at = at;
  }

  get status(): FollowerStatus {
    const { job, table } = this.spec;
    const { state, appliedEpoch, positionEpoch } = this;
    return { job, table, state, appliedEpoch, positionEpoch, reason: this.alarm.reason, ...this.counters };
  }

  /** Redis is there, as it says itself; undefined: nowhere. */
  stands(position: Position | undefined, epoch = position?.epoch ?? 0): void {
    this.position = position === undefined ? '' : formatPosition(position);
    this.positionEpoch = epoch;
  }

  /** Redis has taken a part; `completed`: the epoch that is complete with it. */
  acknowledged(position: string, epoch: number, rows: number, completed: number | undefined): void {
    this.heard();
    this.position = position;
    this.positionEpoch = epoch;
    this.rebuilt(rows);
    this.alarm.clear();
    void this.at('part-acknowledged');
    if (completed !== undefined) this.reach(completed);
    else this.host.changed(this.status);
  }

  /** Redis has taken a part of a rebuild. */
  rebuilt(rows: number): void {
    this.counters.parts += 1;
    this.counters.rows += rows;
  }

  heard(): void {
    this.heardAt = this.host.monotonic();
  }

  /** Milliseconds since Redis was last known to hold what it acknowledged. */
  silentFor(): number {
    return this.host.monotonic() - this.heardAt;
  }

  /** Redis holds everything up to an epoch. */
  reach(epoch: number): void {
    this.appliedEpoch = epoch;
    this.host.changed(this.status);
    void this.at('epoch-acknowledged');
  }

  enter(state: FollowerState): void {
    if (state === 'following') this.alarm.clear();
    if (this.state === state) return;
    this.state = state;
    this.host.changed(this.status);
  }
}
