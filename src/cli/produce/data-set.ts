import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { type Schema, type SqlType, timestamp } from '../../data/types.ts';
import type { EventSource } from './event-source.ts';

/** Some rows of a data set, by column; values as the file's format gives them. */
export interface DataBlock {
  readonly count: number;
  readonly columns: readonly ArrayLike<unknown>[];
  /** Where row i is: `line 17`, `row 17 of row group 3`. */
  readonly where: (row: number) => string;
}

/** A file of rows, read from its beginning. */
export interface DataFile {
  readonly schema: Schema;
  blocks(): AsyncGenerator<DataBlock>;
}

export interface DataSetOptions {
  readonly name: string;
  readonly path: string;
  readonly eventTime: string;
  readonly key: string | undefined;
  /** Types of columns that are not to be those of the file. */
  readonly types?: Readonly<Record<string, SqlType>>;
}

/** Real data as events: each row of a file with its own event time, which becomes TIMESTAMP(3). */
export class DataSet implements EventSource {
  readonly name: string;
  readonly schema: Schema;
  readonly added: Schema = [{ name: 'produced_at', type: timestamp(3) }];
  readonly row: unknown[];
  readonly late = 0;
  key: Uint8Array | null = null;
  time = 0;
  private readonly options: DataSetOptions;
  private readonly blocks: AsyncGenerator<DataBlock>;
  private readonly timeColumn: number;
  private readonly keyColumn: number;
  private block: DataBlock | undefined;
  private at = 0;

  /** Errors: `bad-arguments` when the file has no such column. */
  constructor(file: DataFile, options: DataSetOptions) {
    const { eventTime, key, types = {}, name } = options;
    this.options = options;
    this.name = name;
    this.timeColumn = this.columnOf(file.schema, '--event-time', eventTime);
    this.keyColumn = key === undefined ? -1 : this.columnOf(file.schema, '--key', key);
    this.schema = file.schema.map((field, i) => ({
      name: field.name,
      type: i === this.timeColumn ? timestamp(3) : (types[field.name] ?? field.type),
    }));
    this.row = [...this.schema, ...this.added].map(() => null);
    this.blocks = file.blocks();
  }

  get ready(): boolean {
    return this.block !== undefined && this.at < this.block.count;
  }

  async load(): Promise<boolean> {
    while (!this.ready) {
      const next = await this.blocks.next();
      if (next.done === true) return false;
      this.block = next.value;
      this.at = 0;
    }
    return true;
  }

  next(now: number): void {
    const { block, row, timeColumn, keyColumn } = this;
    if (block === undefined) throw new Error('nothing is loaded');
    const at = this.at++;
    const width = block.columns.length;
    for (let i = 0; i < width; i++) {
      const value = block.columns[i][at];
      row[i] = i === timeColumn ? this.timeOf(value, at) : this.valueOf(value, i, at);
    }
    row[width] = now;
    this.time = row[timeColumn] as number;
    const key = keyColumn < 0 ? null : row[keyColumn];
    this.key = key === null ? null : Buffer.from(String(key));
  }

  close(): void {
    void this.blocks.return(undefined);
  }

  private columnOf(schema: Schema, option: string, name: string): number {
    const at = schema.findIndex((field) => field.name === name);
    if (at >= 0) return at;
    const names = schema.map((field) => field.name).join(', ');
    throw new HeadwaterError('bad-arguments', `${option} ${name}: ${this.options.path} has the columns ${names}`);
  }

  /** Milliseconds of a time, of seconds or milliseconds since 1970, or of ISO text, which is UTC without a zone. */
  private timeOf(value: unknown, row: number): number {
    const ms = timeValue(value);
    if (Number.isFinite(ms)) return Math.floor(ms);
    throw this.bad(this.timeColumn, row, value, 'a time: ISO 8601 text, or seconds or milliseconds since 1970');
  }

  private valueOf(value: unknown, column: number, row: number): unknown {
    if (value === null || value === undefined) return null;
    const { type } = this.schema[column];
    switch (type.kind) {
      case 'INT': {
        const number = Number(value);
        if (value !== '' && Number.isInteger(number) && number === (number | 0)) return number;
        throw this.bad(column, row, value, 'a whole number of 32 bits');
      }
      case 'BIGINT':
        return this.bigintOf(value, column, row);
      case 'FLOAT':
      case 'DOUBLE': {
        const number = Number(value);
        if (value !== '' && (!Number.isNaN(number) || Number.isNaN(value))) return number;
        throw this.bad(column, row, value, 'a number');
      }
      case 'BOOLEAN':
        if (value === true || value === 'true') return true;
        if (value === false || value === 'false') return false;
        throw this.bad(column, row, value, 'true or false');
      case 'TIMESTAMP': {
        const ms = timeValue(value);
        if (Number.isFinite(ms)) return Math.floor(ms);
        throw this.bad(column, row, value, 'a time');
      }
      case 'DATE':
        return Math.floor(timeValue(value) / 86_400_000);
      case 'VARCHAR':
        return typeof value === 'string' ? value : JSON.stringify(value);
      default:
        return value;
    }
  }

  private bigintOf(value: unknown, column: number, row: number): number | bigint {
    if (typeof value === 'bigint') {
      return value > -4503599627370496n && value < 4503599627370496n ? Number(value) : value;
    }
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    if (typeof value === 'string' && /^[+-]?\d{1,18}$/.test(value)) return BigInt(value);
    throw this.bad(column, row, value, 'a whole number of 64 bits');
  }

  private bad(column: number, row: number, value: unknown, expected: string): HeadwaterError {
    const given =
      value === undefined
        ? 'nothing'
        : JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v));
    return runtimeError(
      'bad-record',
      `${this.options.path}, ${this.block?.where(row)}, column ${this.schema[column].name}: ${given}; expected ${expected}`,
    );
  }
}

/** Below it a number counts seconds: as milliseconds it would be before March 1973. */
const LEAST_MILLIS = 1e11;

function timeValue(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number' || typeof value === 'bigint') {
    const number = Number(value);
    return Math.abs(number) < LEAST_MILLIS ? number * 1000 : number;
  }
  if (typeof value !== 'string') return NaN;
  if (/^\d+(\.\d+)?$/.test(value)) return timeValue(Number(value));
  const text = value
    .trim()
    .replace(/^(\d{4})\/(\d\d)\/(\d\d)/, '$1-$2-$3')
    .replace(' ', 'T');
  return Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
}
