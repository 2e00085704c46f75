import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../../data/batch.ts';
import { encodeColumns } from '../../data/codec.ts';
import { gatherColumn } from '../../data/gather.ts';
import { selectedRows } from '../../data/row-numbers.ts';
import type { Schema, SqlType } from '../../data/types.ts';
import { enforceNotNull, type NotNullEnforcer } from '../../store/not-null.ts';
import type { ConnectorTable } from '../../planner/connector.ts';
import { fileError } from './errors.ts';
import { fileOptions } from './options.ts';

/** In the place of a length: an epoch follows, and what stands before belongs to it or to earlier ones. */
export const EPOCH_MARK = 0xffffffff;

interface OpenStage {
  readonly name: string;
  readonly descriptor: number;
  readonly openedAt: number;
  size: number;
  marked: number;
}

/**
 * Rows of one task on their way into files. They wait in the job's own folder, as chunks and marks of epochs, on the disk
 * before their epoch is committed. A stage that has its size or age is closed at a barrier: its name says which.
 */
export class StageWriter {
  private readonly folder: string;
  private readonly columns: Schema;
  private readonly types: readonly SqlType[];
  private readonly enforcer: NotNullEnforcer;
  private readonly now: () => number;
  private readonly fileSize: number;
  private readonly rolloverInterval: number;
  private readonly run = randomUUID();
  private sequence = 0;
  private stage: OpenStage | undefined;

  constructor(table: ConnectorTable, folder: string, now: () => number, enforcer: NotNullEnforcer) {
    const options = fileOptions(table);
    this.folder = folder;
    this.columns = table.columns;
    this.enforcer = enforcer;
    this.types = table.columns.map(({ type }) => type);
    this.now = now;
    this.fileSize = options.fileSize;
    this.rolloverInterval = options.rolloverInterval;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Errors: `not-null-violation`, `file-access`. */
  write(batch: Batch): void {
    const { columns, kinds } = batch;
    const selected = selectedRows(batch);
    const rows = enforceNotNull(this.columns, [], columns, kinds, selected, batch.selectedCount, this.enforcer);
    const count = rows === selected ? batch.selectedCount : rows.length;
    if (count === 0) return;
    const bytes = encodeColumns(
      this.types,
      columns.map((column) => gatherColumn(column, rows, count)),
      count,
    );
    this.stage ??= this.open();
    this.put(this.stage, header(bytes.length));
    this.put(this.stage, bytes);
  }

  private open(): OpenStage {
    const name = `${this.run}-${String(this.sequence++).padStart(6, '0')}`;
    const descriptor = openSync(join(this.folder, `${name}.open`), 'ax', 0o600);
    // Its name is on the disk before the first epoch that counts on it.
    const folder = openSync(this.folder, 'r');
    fsyncSync(folder);
    closeSync(folder);
    return { name, descriptor, openedAt: this.now(), size: 0, marked: 0 };
  }

  private put(stage: OpenStage, bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(stage.descriptor, bytes, at);
    } catch (error) {
      throw fileError(join(this.folder, stage.name), 'write', error);
    }
    stage.size += bytes.length;
  }

  /** At a barrier: what was written is on the disk, as a part of this epoch. */
  flush(epoch: number): void {
    const { stage } = this;
    if (stage === undefined) return;
    if (stage.size > stage.marked) {
      this.put(stage, header(EPOCH_MARK));
      this.put(stage, header(epoch));
      fsyncSync(stage.descriptor);
      stage.marked = stage.size;
    }
    if (stage.size < this.fileSize && this.now() - stage.openedAt < this.rolloverInterval) return;
    this.stage = undefined;
    closeSync(stage.descriptor);
    renameSync(join(this.folder, `${stage.name}.open`), join(this.folder, `${stage.name}.${epoch}.closed`));
  }

  close(): void {
    if (this.stage !== undefined) closeSync(this.stage.descriptor);
    this.stage = undefined;
  }
}

function header(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** The chunks of a stage that belong to epochs up to `epoch`. What was cut off by a crash is behind the last mark. */
export function committedChunks(bytes: Buffer, epoch: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let committed = 0;
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (length !== EPOCH_MARK) {
      if (at + length > bytes.length) break;
      // A copy: the columns in it are aligned to its own beginning.
      chunks.push(new Uint8Array(bytes.subarray(at, at + length)));
      at += length;
      continue;
    }
    if (at + 4 > bytes.length || bytes.readUInt32LE(at) > epoch) break;
    at += 4;
    committed = chunks.length;
  }
  return chunks.slice(0, committed);
}
