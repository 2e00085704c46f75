import { type LogImage, LogReader } from '../../checkpoint/log-reader.ts';
import { formatChangelogValue } from '../../data/json-value.ts';
import { ChunkFormat } from '../../store/chunk.ts';
import { foldedRows } from '../../store/fold.ts';
import { escapeKeyPart } from '../../store/key-escape.ts';
import type { RowTable } from '../../store/row-table.ts';
import { RedisConnection } from './connection.ts';
import { imageExpiry } from './expiry.ts';
import { fieldText } from './field-writer.ts';
import { makeKey, splitKey } from './key-template.ts';
import type { LookupTable } from './lookups.ts';
import { formatPosition } from './protocol.ts';
import { imagePosition, scanKeys } from './rebuild.ts';

/** How Redis differs from a table's image. */
export interface AuditReport {
  readonly table: string;
  readonly where: string;
  /** Epoch of the image that Redis was compared with. */
  readonly epoch: number;
  readonly keys: number;
  readonly missing: Findings;
  readonly extra: Findings;
  readonly different: Findings;
  /** The progress marker: as Redis has it, and as the log has it. */
  readonly marker: { readonly found: string; readonly expected: string };
  readonly equal: boolean;
}

export interface Findings {
  readonly count: number;
  /** The first of them. */
  readonly keys: readonly string[];
}

const MAX_SHOWN = 20;
const BATCH = 500;
const TRIES = 3;
const PAUSE_MS = 500;

export interface AuditClock {
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Compares every key of a table in Redis with its image in the job file. Both may move on meanwhile: a difference
 * counts when it is still there after the others have had time to vanish.
 * Errors: `job-file-not-found`, and those of a connection.
 */
export async function auditTable(table: LookupTable, path: string, clock: AuditClock): Promise<AuditReport> {
  const reader = new LogReader(path, table.table);
  try {
    const connection = await RedisConnection.open(table.address);
    try {
      let report = await compare(table, reader.image(), connection, clock.now());
      for (let tried = 1; tried < TRIES && !report.equal; tried++) {
        await clock.pause(PAUSE_MS);
        report = await compare(table, reader.image(), connection, clock.now());
      }
      return report;
    } finally {
      connection.close();
    }
  } finally {
    reader.close();
  }
}

class Found implements Findings {
  count = 0;
  readonly keys: string[] = [];
  add(key: string): void {
    this.count += 1;
    if (this.keys.length < MAX_SHOWN) this.keys.push(key);
  }
}

async function compare(
  table: LookupTable,
  image: LogImage,
  connection: RedisConnection,
  now: number,
): Promise<AuditReport> {
  const { schema, primaryKey, options } = table;
  const rows = foldedRows(
    schema,
    new ChunkFormat(schema, primaryKey),
    image.bases,
    image.chunks.map((chunk) => chunk.bytes),
  );
  const [missing, extra, different] = [new Found(), new Found(), new Found()];
  const expected = new Set<string>();
  const read = options.mode === 'hash' ? 'HGETALL' : 'GET';
  const live = liveSlots(rows, image, options.ttlMs, now);
  for (let from = 0; from < live.length; from += BATCH) {
    const slots = live.slice(from, from + BATCH);
    const keys = slots.map((slot) => keyOf(table, rows, slot));
    const replies = await connection.pipeline(keys.map((key) => [read, key]));
    slots.forEach((slot, i) => {
      expected.add(keys[i]);
      const text = options.mode === 'hash' ? hashText(replies[i]) : replies[i];
      if (text === null || text === '') missing.add(keys[i]);
      else if (text !== expectedText(table, rows, slot)) different.add(keys[i]);
    });
  }
  const seen = new Set<string>();
  for await (const keys of scanKeys(connection, options.keys)) {
    for (const key of keys) {
      if (expected.has(key) || seen.has(key) || splitKey(options.keys, key) === undefined) continue;
      seen.add(key);
      extra.add(key);
    }
  }
  const marker = {
    found: String((await connection.command('HGET', options.keys.fence, 'pos')) ?? ''),
    expected: formatPosition(imagePosition(image).position),
  };
  const equal = missing.count + extra.count + different.count === 0 && marker.found === marker.expected;
  const { committedEpoch: epoch } = image.state;
  return {
    table: table.table,
    where: connection.where,
    epoch,
    keys: live.length,
    missing,
    extra,
    different,
    marker,
    equal,
  };
}

/** Rows that have not expired. */
function liveSlots(rows: RowTable, image: LogImage, ttlMs: number | undefined, now: number): number[] {
  const expiryOf = imageExpiry(image, ttlMs);
  return [...rows.slots()].filter((slot) => (expiryOf(rows.epochOf(slot)) ?? Infinity) > now);
}

function keyOf({ schema, primaryKey, options }: LookupTable, rows: RowTable, slot: number): string {
  const parts = primaryKey.map((column) =>
    escapeKeyPart(String(formatChangelogValue(schema[column].type, rows.value(column, slot)))),
  );
  return makeKey(options.keys, parts);
}

/** Fields and values in the order of the fields' names. */
function hashText(reply: unknown): string {
  const flat = reply as readonly string[];
  const fields: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) fields.push([flat[i], flat[i + 1]]);
  return fields.length === 0 ? '' : sortedText(fields);
}

function sortedText(fields: readonly (readonly [string, string])[]): string {
  return JSON.stringify([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function expectedText({ schema, options }: LookupTable, rows: RowTable, slot: number): string {
  if (options.mode === 'json') {
    const members = schema.map(
      ({ name, type }, c) =>
        `${JSON.stringify(name)}:${JSON.stringify(formatChangelogValue(type, rows.value(c, slot)))}`,
    );
    return `{${members.join(',')}}`;
  }
  return sortedText(
    schema.flatMap(({ name, type }, c) => {
      const value = rows.value(c, slot);
      return value === null ? [] : [[name, fieldText(type, value)] as const];
    }),
  );
}
