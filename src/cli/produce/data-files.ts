import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import {
  BOOLEAN,
  BIGINT,
  BYTES,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  type Schema,
  type SqlType,
  STRING,
  timestamp,
} from '../../data/types.ts';
import type { DataBlock, DataFile } from './data-set.ts';
import { inferType } from './infer-types.ts';

const BLOCK_ROWS = 5000;

/** Opens a file by the end of its name: parquet, csv, json (one array or lines), jsonl, ndjson. */
export async function openDataFile(path: string): Promise<DataFile> {
  if (!existsSync(path)) throw new HeadwaterError('data-set-missing', `there is no file ${path}`);
  const kind = /\.([a-z]+)$/i.exec(path)?.[1].toLowerCase();
  switch (kind) {
    case 'parquet':
      return openParquet(path);
    case 'csv':
      return inferred(path, () => csvBlocks(path));
    case 'json':
    case 'jsonl':
    case 'ndjson':
      return inferred(path, () => jsonBlocks(path));
    default:
      throw new HeadwaterError(
        'bad-arguments',
        `${path}: expected user-activity, flights, or a file .parquet, .csv, .json, .jsonl or .ndjson`,
      );
  }
}

interface NamedBlock extends DataBlock {
  readonly names: readonly string[];
}

/** Columns and types from the first block; later rows have to fit. */
async function inferred(path: string, read: () => AsyncGenerator<NamedBlock>): Promise<DataFile> {
  const blocks = read();
  const first = await blocks.next();
  if (first.done === true) throw runtimeError('bad-record', `${path} has no rows`);
  const { names, columns } = first.value;
  const schema = names.map((name, i): { name: string; type: SqlType } => ({
    name,
    type: inferType(Array.from(columns[i])),
  }));
  return {
    schema,
    blocks: async function* () {
      yield first.value;
      yield* blocks;
    },
  };
}

async function* csvBlocks(path: string): AsyncGenerator<NamedBlock> {
  const { parse } = await import('csv-parse');
  const parser = createReadStream(path).pipe(parse({ bom: true, info: true, skip_empty_lines: true }));
  let names: readonly string[] | undefined;
  let rows: (string | null)[][] = [];
  let lines: number[] = [];
  const block = (header: readonly string[]): NamedBlock => blockOf(header, rows, lines);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (names === undefined) {
        names = record;
        continue;
      }
      // An empty field is NULL: csv has no other sign for it.
      rows.push(record.map((field) => (field === '' ? null : field)));
      lines.push(info.lines);
      if (rows.length === BLOCK_ROWS) {
        yield block(names);
        [rows, lines] = [[], []];
      }
    }
  } catch (error) {
    throw runtimeError('bad-record', `${path}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (names !== undefined && rows.length > 0) yield block(names);
}

async function* jsonBlocks(path: string): AsyncGenerator<NamedBlock> {
  let names: readonly string[] | undefined;
  let rows: unknown[][] = [];
  let places: number[] = [];
  for await (const { object, place } of jsonObjects(path)) {
    names ??= Object.keys(object);
    rows.push(names.map((name) => object[name] ?? null));
    places.push(place);
    if (rows.length === BLOCK_ROWS) {
      yield blockOf(names, rows, places);
      [rows, places] = [[], []];
    }
  }
  if (names !== undefined && rows.length > 0) yield blockOf(names, rows, places);
}

type JsonObject = Readonly<Record<string, unknown>>;

async function* jsonObjects(path: string): AsyncGenerator<{ object: JsonObject; place: number }> {
  const stream = createReadStream(path, { encoding: 'utf8', end: 63 });
  let head = '';
  for await (const chunk of stream) head += String(chunk);
  if (head.trimStart().startsWith('[')) {
    const array = parseJson(path, await readFile(path, 'utf8'), 1);
    for (const [i, value] of (array as unknown[]).entries())
      yield { object: objectOf(path, value, i + 1), place: i + 1 };
    return;
  }
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line++;
    if (text.trim() !== '') yield { object: objectOf(path, parseJson(path, text, line), line), place: line };
  }
}

function parseJson(path: string, text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw runtimeError('bad-record', `${path}, line ${line}: it is not JSON: ${reason}`, error);
  }
}

function objectOf(path: string, value: unknown, place: number): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw runtimeError('bad-record', `${path}, line ${place}: expected a JSON object`);
}

function blockOf(
  names: readonly string[],
  rows: readonly (readonly unknown[])[],
  lines: readonly number[],
): NamedBlock {
  return {
    names,
    count: rows.length,
    columns: names.map((_, i) => rows.map((row) => row[i])),
    where: (row) => `line ${lines[row]}`,
  };
}

/** Flat columns only. DECIMAL is read as DOUBLE. */
async function openParquet(path: string): Promise<DataFile> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = await asyncBufferFromFile(path);
  let metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    throw runtimeError(
      'bad-record',
      `${path} is not a parquet file: ${error instanceof Error ? error.message : ''}`,
      error,
    );
  }
  const schema: Schema = metadata.schema.slice(1).map((element) => {
    if (element.num_children !== undefined || element.repetition_type === 'REPEATED') {
      throw new HeadwaterError('unsupported', `${path}: column ${element.name} is nested, which produce does not read`);
    }
    return { name: element.name, type: parquetType(element) };
  });
  async function* blocks(): AsyncGenerator<DataBlock> {
    let rowStart = 0;
    for (const [group, { num_rows }] of metadata.row_groups.entries()) {
      const count = Number(num_rows);
      const columns: unknown[][] = schema.map(() => []);
      const start = rowStart;
      await parquetRead({
        file,
        metadata,
        compressors,
        rowStart: start,
        rowEnd: start + count,
        onChunk: ({ columnName, columnData, rowStart: at }) => {
          const column = columns[schema.findIndex(({ name }) => name === columnName)];
          for (let i = 0; i < columnData.length; i++) column[at - start + i] = columnData[i];
        },
      });
      yield { count, columns, where: (row) => `row ${row} of row group ${group}` };
      rowStart += count;
    }
  }
  return { schema, blocks };
}

interface ParquetElement {
  readonly type?: string;
  readonly converted_type?: string;
  readonly logical_type?: { readonly type: string };
}

function parquetType({ type, converted_type: converted, logical_type: logical }: ParquetElement): SqlType {
  if (logical?.type === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP') === true) return timestamp(3);
  if (logical?.type === 'DATE' || converted === 'DATE') return DATE;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') return DOUBLE;
  switch (type) {
    case 'BOOLEAN':
      return BOOLEAN;
    case 'INT32':
      return INT;
    case 'INT64':
      return BIGINT;
    case 'INT96':
      return timestamp(3);
    case 'FLOAT':
      return FLOAT;
    case 'DOUBLE':
      return DOUBLE;
    default:
      return logical?.type === 'STRING' || converted === 'UTF8' || converted === 'ENUM' ? STRING : BYTES;
  }
}
