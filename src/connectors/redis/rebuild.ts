import type { LogImage } from '../../checkpoint/log-reader.ts';
import type { Schema } from '../../data/types.ts';
import type { Chunk, ChunkFormat } from '../../store/chunk.ts';
import { FeatureKeyFormat } from '../../store/feature-key.ts';
import { encodeBases, foldedRows } from '../../store/fold.ts';
import type { RowTable } from '../../store/row-table.ts';
import type { ChunkEncoder, EncodedPart } from './chunk-encoder.ts';
import { imageExpiry } from './expiry.ts';
import { type KeyTemplate, splitKey } from './key-template.ts';
import { basePlace, formatPosition, type Position } from './protocol.ts';
import type { RedisSession } from './session.ts';

export interface RebuildTable {
  readonly schema: Schema;
  readonly primaryKey: readonly number[];
  readonly keys: KeyTemplate;
  readonly ttlMs: number | undefined;
  readonly format: ChunkFormat;
  readonly encoder: ChunkEncoder;
  /** Throws `redis-poison` for what the server cannot take. */
  readonly checkPart: (part: EncodedPart, chunk: Chunk) => void;
}

/** Where the image stands in the log. */
export function imagePosition(image: LogImage): { position: Position; chain: string; epoch: number } {
  const last = image.chunks.at(-1);
  if (last === undefined) {
    const { epoch, index, chain } = basePlace(image.state);
    return { position: { epoch, index, row: 'all' }, chain, epoch };
  }
  return { position: { epoch: last.epoch, index: last.index, row: 'all' }, chain: last.chain, epoch: last.epoch };
}

/**
 * Makes Redis hold the image and nothing else of the table: writes every row, removes every other key, and only then
 * says in the fence where it stands. What interrupts it leaves `rebuilding` in the fence, and it begins again.
 */
export async function rebuildTable(
  session: RedisSession,
  table: RebuildTable,
  image: LogImage,
  encoding: string,
  progress: (rows: number) => void,
): Promise<void> {
  const rows = foldedRows(
    table.schema,
    table.format,
    image.bases,
    image.chunks.map((chunk) => chunk.bytes),
  );
  const expiryOf = imageExpiry(image, table.ttlMs);
  let step = 0;
  const marker = (): string => `rebuild:${step}`;
  await session.begin(image.state.lineage, encoding, marker());
  for (const bytes of encodeBases(rows, table.format)) {
    const chunk = table.format.decode(bytes);
    for (let from = 0; from < chunk.count;) {
      const part = table.encoder.encode(chunk, from, expiryOf);
      table.checkPart(part, chunk);
      const before = marker();
      step += 1;
      await session.apply(
        { before, after: marker(), chain: '', completes: undefined, replace: true, packed: part.packed },
        () => progress(part.to - part.from),
      );
      from = part.to;
    }
  }
  await session.settle();
  await sweep(session, table, rows);
  const { position, chain, epoch } = imagePosition(image);
  await session.finish(marker(), formatPosition(position), chain, epoch);
}

/** Removes the keys of the table that the image does not have. Keys that are not of the table's form are left alone. */
async function sweep(session: RedisSession, table: RebuildTable, rows: RowTable): Promise<void> {
  const format = new FeatureKeyFormat(table.schema, table.primaryKey);
  for await (const keys of scanKeys(session.connection, table.keys)) {
    const stale = keys.filter((key) => {
      const parts = splitKey(table.keys, key);
      return parts !== undefined && !hasRow(format, rows, parts.join(':'));
    });
    if (stale.length > 0) await session.sweep(stale);
  }
}

function hasRow(format: FeatureKeyFormat, rows: RowTable, keyText: string): boolean {
  try {
    return rows.find(format.encode(keyText)) >= 0 && format.format(format.parse(keyText), 0) === keyText;
  } catch {
    // Not a key that this table could have: it is in the table's own space, so it is stale.
    return false;
  }
}

interface Scanner {
  command(name: string, ...args: readonly string[]): Promise<unknown>;
}

/** The keys of a table's form, in lists of about a thousand; a key may come twice. */
export async function* scanKeys(connection: Scanner, keys: KeyTemplate): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const reply = await connection.command('SCAN', cursor, 'MATCH', keys.pattern, 'COUNT', '1000');
    const [next, found] = reply as [string, string[]];
    cursor = next;
    yield found.filter((key) => key !== keys.fence);
  } while (cursor !== '0');
}
