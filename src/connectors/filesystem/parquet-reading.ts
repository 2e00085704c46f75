import { stat } from 'node:fs/promises';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import type { Column } from '../../data/column.ts';
import { columnFromValues } from '../../data/builder.ts';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { type Field, formatType, type Schema } from '../../data/types.ts';
import type { SplitPosition } from '../contracts.ts';
import { badRow, fileError } from './errors.ts';
import { parquetConverter, type ParquetConverter, PARSERS, shown } from './parquet-value.ts';
import type { FileReading, FileRows } from './reading.ts';

type Hyparquet = typeof import('hyparquet');
type AsyncBuffer = Awaited<ReturnType<Hyparquet['asyncBufferFromFile']>>;

interface ParquetColumn {
  readonly field: Field;
  readonly convert: ParquetConverter;
  /** The file has it. */
  readonly there: boolean;
}

/** What is read of a parquet file: columns by name, and what to do with values that do not fit. */
export interface ParquetSpec {
  readonly columns: Schema;
  readonly skip: boolean;
  readonly onSkipped: (rows: number) => void;
}

/** A parquet file, a row group at a time. Its position is the row that comes next. */
export class ParquetReading implements FileReading {
  private readonly path: string;
  private readonly spec: ParquetSpec;
  private readonly file: AsyncBuffer;
  private readonly metadata: FileMetaData;
  private readonly columns: readonly ParquetColumn[];
  private readonly size: number;
  private row: number;
  /** The loaded row group: rows [start, end) of the file. */
  private group = { index: -1, start: 0, end: 0 };
  private values: unknown[][] = [];

  private constructor(
    path: string,
    spec: ParquetSpec,
    file: AsyncBuffer,
    metadata: FileMetaData,
    position: { readonly row: number; readonly size: number },
  ) {
    this.path = path;
    this.spec = spec;
    this.file = file;
    this.columns = spec.columns.map((field) => columnOf(path, field, metadata));
    this.metadata = { ...metadata, schema: metadata.schema.map(withoutDecimal) };
    this.row = position.row;
    this.size = position.size;
  }

  /** Errors: `file-not-found`, `file-access`, `file-changed`, `bad-record` when it is no parquet file. */
  static async open(path: string, spec: ParquetSpec, position: SplitPosition): Promise<ParquetReading> {
    const { asyncBufferFromFile, parquetMetadataAsync } = await import('hyparquet');
    const size = Number(position.size);
    try {
      const now = (await stat(path)).size;
      if (now !== size) {
        throw runtimeError('file-changed', `${path} has ${now} bytes; expected the ${size} it had when it was found`);
      }
    } catch (error) {
      throw fileError(path, 'read', error);
    }
    try {
      const file = await asyncBufferFromFile(path);
      const metadata = await parquetMetadataAsync(file);
      return new ParquetReading(path, spec, file, metadata, { row: Number(position.row ?? 0), size });
    } catch (error) {
      if (error instanceof HeadwaterError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw runtimeError('bad-record', `${path} is not a parquet file: ${reason}`, error);
    }
  }

  next(maxRows: number): FileRows | 'more' | 'end' {
    if (this.row >= this.group.end) return this.row >= Number(this.metadata.num_rows) ? 'end' : 'more';
    const { row: first, path } = this;
    const group = this.group;
    const last = Math.min(group.end, first + maxRows);
    const kept: number[] = [];
    const columns = this.convert(first, last, kept);
    this.row = last;
    return {
      columns,
      count: kept.length,
      position: { row: last, size: this.size },
      bytes: Math.round((this.size / Math.max(1, Number(this.metadata.num_rows))) * (last - first)),
      describeRow: (i) => `${path}, row ${kept[i] - group.start + 1} of row group ${group.index + 1}`,
    };
  }

  /** Rows [first, last); the numbers of those that are kept go to `kept`. */
  private convert(first: number, last: number, kept: number[]): Column[] {
    const rows = this.columns.map((column, i) => this.convertColumn(column, this.values[i], first, last));
    for (let row = first; row < last; row++) {
      if (rows.every((values) => values[row - first] !== undefined)) kept.push(row);
    }
    const dropped = last - first - kept.length;
    if (dropped > 0) this.spec.onSkipped(dropped);
    return this.columns.map(({ field }, i) =>
      columnFromValues(field.type, dropped === 0 ? rows[i] : kept.map((row) => rows[i][row - first])),
    );
  }

  /** Undefined stands for a value that keeps its row out. */
  private convertColumn(column: ParquetColumn, values: readonly unknown[], first: number, last: number): unknown[] {
    const { field, convert, there } = column;
    const { nullable } = field.type;
    const offset = this.group.start;
    const out = new Array<unknown>(last - first);
    for (let row = first; row < last; row++) {
      const value = there ? values[row - offset] : null;
      const missing = value === null || value === undefined;
      const converted = missing ? (nullable ? null : undefined) : convert(value);
      if (converted !== undefined) out[row - first] = converted;
      else if (this.spec.skip) out[row - first] = nullable ? null : undefined;
      else throw this.misfit(field, row, missing ? 'NULL' : shown(value));
    }
    return out;
  }

  private misfit(field: Field, row: number, given: string): HeadwaterError {
    const where = `row ${row - this.group.start + 1} of row group ${this.group.index + 1}`;
    return badRow(this.path, where, `column ${field.name}: ${given} is not ${formatType(field.type)}`, undefined);
  }

  async load(): Promise<void> {
    let start = 0;
    for (const [index, { num_rows: rows }] of this.metadata.row_groups.entries()) {
      const end = start + Number(rows);
      if (this.row < end) {
        this.group = { index, start, end };
        await this.loadGroup(start, end);
        return;
      }
      start = end;
    }
    throw runtimeError(
      'bad-record',
      `${this.path}: its row groups have ${start} rows; expected ${this.metadata.num_rows}`,
    );
  }

  private async loadGroup(rowStart: number, rowEnd: number): Promise<void> {
    const { parquetRead } = await import('hyparquet');
    const { compressors } = await import('hyparquet-compressors');
    const names = this.columns.filter(({ there }) => there).map(({ field }) => field.name);
    this.values = this.columns.map(() => []);
    if (names.length === 0) return;
    try {
      await parquetRead({
        file: this.file,
        metadata: this.metadata,
        compressors,
        columns: names,
        parsers: PARSERS,
        utf8: false,
        rowStart,
        rowEnd,
        onChunk: ({ columnName, columnData, rowStart: at }) => {
          const column = this.values[this.columns.findIndex(({ field }) => field.name === columnName)];
          for (let i = 0; i < columnData.length; i++) column[at - rowStart + i] = columnData[i];
        },
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw runtimeError('bad-record', `${this.path}, row group ${this.group.index + 1}: ${reason}`, error);
    }
  }

  bytes(): number {
    return (this.group.end - this.group.start) * this.columns.length * 16;
  }

  close(): Promise<void> {
    this.values = [];
    return Promise.resolve();
  }
}

/** A column that the file does not have is NULL, as in Flink. */
function columnOf(path: string, field: Field, metadata: FileMetaData): ParquetColumn {
  const element = topLevel(metadata.schema).find(({ name }) => name === field.name);
  if (element !== undefined && (element.num_children !== undefined || element.repetition_type === 'REPEATED')) {
    throw new HeadwaterError('unsupported', `${path}: column ${field.name} is nested; parquet is read flat only`);
  }
  if (element === undefined && !field.type.nullable) {
    const names = topLevel(metadata.schema).map(({ name }) => name);
    throw runtimeError(
      'undecodable-record',
      `${path}: there is no column ${field.name}, which is ${formatType(field.type)}; the file has ${names.join(', ')}`,
    );
  }
  return { field, convert: parquetConverter(field.type, element?.scale ?? 0), there: element !== undefined };
}

function topLevel(schema: readonly SchemaElement[]): SchemaElement[] {
  const found: SchemaElement[] = [];
  for (let i = 1; i < schema.length; i = afterSubtree(schema, i)) found.push(schema[i]);
  return found;
}

function afterSubtree(schema: readonly SchemaElement[], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (schema[at].num_children ?? 0); child++) next = afterSubtree(schema, next);
  return next;
}

/** DECIMAL as its unscaled value: as a number it would lose digits. */
function withoutDecimal(element: SchemaElement): SchemaElement {
  if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') return element;
  return { ...element, converted_type: undefined, logical_type: undefined };
}
