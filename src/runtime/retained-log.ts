import type { StoreClient } from './store-client.ts';

/** A log of so many bytes that waits for another system is worth an alarm, and another each time it has doubled. */
const ALARM_BYTES = 256 << 20;
const LOOK_MS = 5000;

export interface RetainedLogHost {
  readonly store: Pick<StoreClient, 'logBytes'>;
  readonly monotonic: () => number;
  readonly log: (level: 'info' | 'error', message: string) => void;
}

/** What waits, and what comes of it when it grows on: for the alarm. */
export interface WaitingTable {
  readonly table: string;
  readonly alarm: string;
}

/** The committed log that a job's file keeps for tables that live elsewhere: measured now and then, loud when it grows. */
export class RetainedLog {
  private readonly host: RetainedLogHost;
  private readonly lookedAt = new Map<string, number>();
  private readonly measured = new Map<string, number>();
  private readonly alarmedAt = new Map<string, number>();

  constructor(host: RetainedLogHost) {
    this.host = host;
  }

  /** Bytes of a table's log when it was last looked at. */
  bytes(job: string, table: string): number {
    return this.measured.get(key(job, table)) ?? 0;
  }

  /** An epoch of the job was committed. */
  onCommitted(job: string, tables: readonly WaitingTable[]): void {
    const now = this.host.monotonic();
    if (tables.length === 0) return;
    // Tables of a job that live in different places are asked for apart.
    const asked = key(job, tables[0].table);
    if (now - (this.lookedAt.get(asked) ?? -Infinity) < LOOK_MS) return;
    this.lookedAt.set(asked, now);
    // A job that is ending has nobody to ask.
    void this.look(job, tables).catch(() => undefined);
  }

  private async look(job: string, tables: readonly WaitingTable[]): Promise<void> {
    const sizes = await this.host.store.logBytes(job);
    for (const { table, alarm } of tables) {
      const id = key(job, table);
      const bytes = sizes[table] ?? 0;
      this.measured.set(id, bytes);
      const before = this.alarmedAt.get(id) ?? 0;
      const after = alarmLevel(bytes, before);
      if (after > before)
        this.host.log('error', `${job}: ${mebibytes(bytes)} of the log of table ${table} wait; ${alarm}`);
      if (after < before) this.host.log('info', `${job}: the log of table ${table} is down to ${mebibytes(bytes)}`);
      this.alarmedAt.set(id, after);
    }
  }

  leave(job: string): void {
    for (const known of [this.lookedAt, this.measured, this.alarmedAt]) {
      for (const id of [...known.keys()]) if (id.startsWith(`${job}/`)) known.delete(id);
    }
  }
}

/** The bytes that an alarm was last raised for: rises when they have doubled, 0 again when they have mostly gone. */
export function alarmLevel(bytes: number, before: number): number {
  if (bytes < ALARM_BYTES / 2) return 0;
  return bytes >= Math.max(ALARM_BYTES, 2 * before) ? bytes : before;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / (1 << 20))} MiB`;
}

function key(job: string, table: string): string {
  return `${job}/${table}`;
}
