import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeadwaterError } from '../../data/errors.ts';
import type { Schema } from '../../data/types.ts';
import { csvOptions } from '../../formats/csv/options.ts';
import type { ConnectorTable, OptionSpec } from '../../planner/connector.ts';
import { parseDuration } from '../../planner/duration.ts';

export type FileFormat = 'json' | 'csv' | 'parquet';

/** Options of a filesystem table, checked. */
export interface FileOptions {
  /** Absolute; a file, a folder, or a pattern with * ? [..] {..}. */
  readonly path: string;
  readonly format: FileFormat;
  /** Whole paths must match it; undefined: all do. */
  readonly pattern: RegExp | undefined;
  /** Milliseconds between looks for new files; undefined: what is there at the start is all. */
  readonly monitorInterval: number | undefined;
  /** The folder name that stands for NULL. */
  readonly defaultPartition: string;
  readonly skipUndecodable: boolean;
  /** Bytes after which a file is closed. */
  readonly fileSize: number;
  /** Milliseconds after which a file is closed. */
  readonly rolloverInterval: number;
}

export const FILE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  path: { required: true, description: 'a file, a folder (with its folders), or a pattern with *, ?, [..] and {a,b}' },
  'source.monitor-interval': {
    description: 'look for new files this often, without end; unset: read the files of the start, and end',
    validate: (value) => void duration('source.monitor-interval', value),
  },
  'source.path.regex-pattern': { description: 'regular expression for the whole paths of files to read' },
  'partition.default-name': { default: '__DEFAULT_PARTITION__', description: 'folder name of NULL and empty text' },
  'parquet.ignore-parse-errors': {
    default: 'false',
    description: 'values that do not fit are NULL, or their row is counted and left out',
  },
  'sink.rolling-policy.file-size': { default: '128MB', description: 'a file is closed when it has this size' },
  'sink.rolling-policy.rollover-interval': { default: '30 min', description: 'a file is closed when it is this old' },
};

/** Throws HeadwaterError `invalid-option`. */
export function fileOptions(table: ConnectorTable): FileOptions {
  const { options } = table;
  const format = formatOf(options.format);
  if (format === 'csv') csvOptions(options);
  const interval = options['source.monitor-interval'];
  return {
    path: pathOf(options.path),
    format,
    pattern: patternOf(options['source.path.regex-pattern']),
    monitorInterval: interval === undefined ? undefined : duration('source.monitor-interval', interval),
    defaultPartition: options['partition.default-name'] ?? '__DEFAULT_PARTITION__',
    skipUndecodable: options[`${format}.ignore-parse-errors`] === 'true',
    fileSize: sizeOf('sink.rolling-policy.file-size', options['sink.rolling-policy.file-size'] ?? '128MB'),
    rolloverInterval: duration(
      'sink.rolling-policy.rollover-interval',
      options['sink.rolling-policy.rollover-interval'] ?? '30 min',
    ),
  };
}

/** The columns that are in the files: all but the partition columns. */
export function fileSchema(table: ConnectorTable): Schema {
  const keys = table.partitionKeys ?? [];
  return table.columns.filter((column) => !keys.includes(column.name));
}

function formatOf(format: string): FileFormat {
  if (format === 'json' || format === 'csv' || format === 'parquet') return format;
  throw new HeadwaterError('unknown-format', `format '${format}' is no format of files; expected csv, json or parquet`);
}

function pathOf(path: string): string {
  if (path.startsWith('file:')) return fileURLToPath(path.replace(/^file:(?!\/\/)/, 'file://'));
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path);
  if (scheme === null && path !== '') return resolve(path);
  throw new HeadwaterError(
    'invalid-option',
    `'path' is '${path}'; expected a path on this machine${scheme === null ? '' : `: '${scheme[1]}' is not supported`}`,
  );
}

function patternOf(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(`^(?:${text})$`, 'u');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HeadwaterError('invalid-option', `'source.path.regex-pattern' is '${text}': ${reason}`);
  }
}

function duration(key: string, value: string): number {
  const ms = parseDuration(value, `'${key}'`);
  if (ms > 0) return ms;
  throw new HeadwaterError('invalid-option', `'${key}' is '${value}'; expected more than zero`);
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1 << 10, mb: 1 << 20, gb: 1 << 30 };

function sizeOf(key: string, text: string): number {
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(text);
  const unit = match === null ? undefined : UNITS[match[2].toLowerCase()];
  const size = match === null || unit === undefined ? 0 : Number(match[1]) * unit;
  if (size > 0) return size;
  throw new HeadwaterError('invalid-option', `'${key}' is '${text}'; expected a size such as 128MB`);
}
