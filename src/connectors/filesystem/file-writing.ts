import { type FileHandle, open } from 'node:fs/promises';
import { unreachable } from '../../data/errors.ts';
import type { Schema } from '../../data/types.ts';
import { csvRowEncoder } from '../../formats/csv/encoder.ts';
import { csvOptions } from '../../formats/csv/options.ts';
import { createJsonEncoder, JSON_ENCODER_DEFAULTS } from '../../formats/json/encoder.ts';
import type { ConnectorTable } from '../../planner/connector.ts';
import { fileError } from './errors.ts';
import { fileOptions, fileSchema } from './options.ts';
import { ParquetColumns } from './parquet-writing.ts';

/** One file that is being written; rows are plain values of the columns in the file. */
export interface FileWriting {
  add(row: readonly unknown[]): void;
  /** Hands over what was added. */
  flush(): Promise<void>;
  /** The file is whole and on the disk. */
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

/** Throws HeadwaterError `unsupported` for columns that the format does not have. */
export function fileWriterOf(table: ConnectorTable): (path: string) => Promise<FileWriting> {
  const schema = fileSchema(table);
  const { format } = fileOptions(table);
  switch (format) {
    case 'csv': {
      const encode = csvRowEncoder(schema, csvOptions(table.options));
      return async (path) => new LineWriting(path, await openNew(path), encode);
    }
    case 'json': {
      const iso = table.options['json.timestamp-format.standard'] === 'ISO-8601';
      const encoder = createJsonEncoder(schema, {
        ...JSON_ENCODER_DEFAULTS,
        timestampStandard: iso ? 'ISO-8601' : 'SQL',
      });
      const encode = (row: readonly unknown[]): string => Buffer.from(encoder.encode(row)).toString();
      return async (path) => new LineWriting(path, await openNew(path), encode);
    }
    case 'parquet':
      new ParquetColumns(schema);
      return async (path) => new ParquetWriting(path, await openNew(path), schema);
    default:
      return unreachable(format);
  }
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (error) {
    throw fileError(path, 'write', error);
  }
}

abstract class OpenFile {
  protected readonly path: string;
  private readonly handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  protected async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += (await this.handle.write(bytes, at)).bytesWritten;
    } catch (error) {
      throw fileError(this.path, 'write', error);
    }
  }

  protected async sync(): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
    } catch (error) {
      throw fileError(this.path, 'write', error);
    }
  }

  async abandon(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }
}

class LineWriting extends OpenFile implements FileWriting {
  private readonly encode: (row: readonly unknown[]) => string;
  private lines: string[] = [];

  constructor(path: string, handle: FileHandle, encode: (row: readonly unknown[]) => string) {
    super(path, handle);
    this.encode = encode;
  }

  add(row: readonly unknown[]): void {
    this.lines.push(this.encode(row));
  }

  async flush(): Promise<void> {
    if (this.lines.length === 0) return;
    const text = `${this.lines.join('\n')}\n`;
    this.lines = [];
    await this.write(Buffer.from(text));
  }

  async finish(): Promise<void> {
    await this.flush();
    await this.sync();
  }
}

/** Parquet has its columns side by side: the rows wait until all are there. */
class ParquetWriting extends OpenFile implements FileWriting {
  private readonly columns: ParquetColumns;

  constructor(path: string, handle: FileHandle, schema: Schema) {
    super(path, handle);
    this.columns = new ParquetColumns(schema);
  }

  add(row: readonly unknown[]): void {
    this.columns.add(row);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  async finish(): Promise<void> {
    await this.write(await this.columns.encode());
    await this.sync();
  }
}
