import { HeadwaterError, unreachable } from '../../data/errors.ts';
import type { Column } from '../../data/column.ts';
import type { RecordDecoder } from '../../formats/contracts.ts';
import { csvOptions } from '../../formats/csv/options.ts';
import { createDecoder } from '../../formats/index.ts';
import type { ConnectorDescriptor, ConnectorTable } from '../../planner/connector.ts';
import type { ConnectorContext, SourceConnector, SourceSpec } from '../contracts.ts';
import { fileWriterOf } from './file-writing.ts';
import { type FoundFile, hasGlob, listFiles } from './list-files.ts';
import { FILE_OPTIONS, type FileOptions, fileOptions, fileSchema } from './options.ts';
import { ParquetReading } from './parquet-reading.ts';
import { partitionColumns } from './partitions.ts';
import { FileReader, type FileSplit, type FileTable } from './reader.ts';
import type { FileReading, FileRows } from './reading.ts';
import { TextReading } from './text-reading.ts';

const FORMATS = ['csv', 'json', 'parquet'];

export const filesystemDescriptor: ConnectorDescriptor = {
  name: 'filesystem',
  source: {
    formats: FORMATS,
    mode: 'append',
    projectionPushDown: true,
    filterPushDown: false,
    bounded: (options) => options['source.monitor-interval'] === undefined,
    history: { by: 'event-time', options: () => ({ 'source.monitor-interval': undefined }) },
  },
  sink: { formats: FORMATS, accepts: 'append', requiresPrimaryKey: false },
  partitions: true,
  options: FILE_OPTIONS,
  validate: (table, role) => {
    fileOptions(table);
    if (role === 'sink') validateSink(table);
    if (fileSchema(table).length > 0) return;
    throw new HeadwaterError('invalid-partition-key', `Table '${table.name}' has partition columns only`);
  },
};

function validateSink(table: ConnectorTable): void {
  if (hasGlob(fileOptions(table).path)) {
    throw new HeadwaterError(
      'invalid-option',
      `'path' is '${table.options.path}'; expected a folder to write to, not a pattern`,
    );
  }
  fileWriterOf(table);
}

/** Connector `filesystem`: files of a folder as rows, each file a split. */
export const filesystemConnector: SourceConnector = {
  descriptor: filesystemDescriptor,
  grows: (table) => fileOptions(table).monitorInterval !== undefined,
  discover: async (spec) => {
    const files = await listFiles(fileOptions(spec.table));
    return files.map((file) => ({ split: { id: file.path }, start: startOf(file) }));
  },
  open: (spec, splits, context) => {
    const table = new OpenTable(spec, context);
    const toRead = splits.map(({ split, position }) => ({ path: split.id, position }));
    return Promise.resolve(new FileReader(table, toRead, context.knownSplits, context));
  },
};

function startOf(file: FoundFile): FileSplit['position'] {
  return { row: 0, size: file.size };
}

class OpenTable implements FileTable {
  readonly monitorInterval: number | undefined;
  private readonly spec: SourceSpec;
  private readonly context: ConnectorContext;
  private readonly options: FileOptions;
  /** Of the columns to read, those in the files, as indexes into the columns of the files. */
  private readonly inFile: readonly number[];
  private readonly decoder: RecordDecoder | undefined;
  private skipped = 0;
  private folder: { readonly path: string; readonly columns: ReadonlyMap<string, Column> } | undefined;

  constructor(spec: SourceSpec, context: ConnectorContext) {
    this.spec = spec;
    this.context = context;
    this.options = fileOptions(spec.table);
    // Splits are handed out once: with more tasks, those without files of their own do not look for new ones.
    this.monitorInterval = context.task === 0 ? this.options.monitorInterval : undefined;
    const schema = fileSchema(spec.table);
    this.inFile = spec.columns
      .map((index) => schema.findIndex(({ name }) => name === spec.table.columns[index].name))
      .filter((index) => index >= 0);
    this.decoder =
      this.options.format === 'parquet'
        ? undefined
        : createDecoder(this.options.format, {
            schema,
            columns: this.inFile,
            filter: undefined,
            options: spec.table.options,
            onError: this.options.skipUndecodable ? 'skip' : 'fail',
          });
  }

  list(): Promise<readonly FoundFile[]> {
    return listFiles(this.options);
  }

  open({ path, position }: FileSplit): Promise<FileReading> {
    this.folder = { path, columns: partitionColumns(this.options, this.partitionFields(), path) };
    const { format } = this.options;
    switch (format) {
      case 'parquet': {
        const schema = fileSchema(this.spec.table);
        const spec = {
          columns: this.inFile.map((index) => schema[index]),
          skip: this.options.skipUndecodable,
          onSkipped: (rows: number) => this.context.count('records_skipped', rows),
        };
        return ParquetReading.open(path, spec, position);
      }
      case 'csv':
        return TextReading.open(path, this.textDecoder(), csvOptions(this.spec.table.options), position);
      case 'json':
        return TextReading.open(path, this.textDecoder(), undefined, position);
      default:
        return unreachable(format);
    }
  }

  private textDecoder(): RecordDecoder {
    if (this.decoder === undefined) throw new Error('parquet has no decoder');
    return this.decoder;
  }

  private partitionFields() {
    const keys = this.spec.table.partitionKeys ?? [];
    return this.spec.columns.map((index) => this.spec.table.columns[index]).filter(({ name }) => keys.includes(name));
  }

  columns(path: string, rows: FileRows): readonly Column[] {
    this.countSkipped();
    if (this.folder?.path !== path) throw new Error(`rows of ${path}, which is not open`);
    const { columns } = this.folder;
    let next = 0;
    return this.spec.columns.map((index) => columns.get(this.spec.table.columns[index].name) ?? rows.columns[next++]);
  }

  private countSkipped(): void {
    const skipped = (this.decoder?.skipped ?? 0) - this.skipped;
    if (skipped === 0) return;
    this.skipped += skipped;
    this.context.count('records_skipped', skipped);
  }
}
