import { constants } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeColumns } from '../../data/codec.ts';
import { readValue } from '../../data/read.ts';
import type { ConnectorTable } from '../../planner/connector.ts';
import { fileError } from './errors.ts';
import { type FileWriting, fileWriterOf } from './file-writing.ts';
import { fileOptions } from './options.ts';
import { partitionFolder } from './partition-folder.ts';
import { committedChunks } from './stage.ts';

/** Rows between two turns of the event loop. */
const CHUNK_ROWS = 10_000;

/**
 * Makes files of stages whose rows are committed. A file is written under a hidden name and renamed when it is whole, then
 * its stage goes. The name is that of the stage, so that a stage found again after a crash gives the same file again.
 */
export class FilePublisher {
  private readonly table: ConnectorTable;
  private readonly stages: string;
  private readonly target: string;
  private readonly openFile: (path: string) => Promise<FileWriting>;

  constructor(table: ConnectorTable, stages: string) {
    this.table = table;
    this.stages = stages;
    this.target = fileOptions(table).path;
    this.openFile = fileWriterOf(table);
  }

  /** Errors: `file-access` when the folder cannot be made or written to. */
  async check(): Promise<void> {
    try {
      await mkdir(this.target, { recursive: true });
      await access(this.target, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw fileError(this.target, 'write', error);
    }
  }

  /** The stages that were closed up to a committed epoch. */
  async publishClosed(epoch: number): Promise<void> {
    for (const name of await this.names()) {
      const closed = /\.(\d+)\.closed$/.exec(name);
      if (closed !== null && Number(closed[1]) <= epoch) await this.publish(name, epoch);
    }
  }

  /** All stages, while nobody writes any: rows up to the epoch become files, later ones will come again. */
  async publishAll(epoch: number): Promise<void> {
    for (const name of await this.names()) await this.publish(name, epoch);
  }

  private async names(): Promise<string[]> {
    await mkdir(this.stages, { recursive: true, mode: 0o700 });
    return (await readdir(this.stages)).filter((name) => /\.(open|closed)$/.test(name)).sort();
  }

  private async publish(name: string, epoch: number): Promise<void> {
    const stage = join(this.stages, name);
    const chunks = committedChunks(await readFile(stage), epoch);
    const fileName = `part-${name.slice(0, name.indexOf('.'))}.${this.table.options.format}`;
    const files = new Map<string, FileWriting>();
    try {
      for (const chunk of chunks) {
        await this.addRows(chunk, files, fileName);
        await nextTurn();
      }
      for (const [folder, file] of files) await this.finish(folder, file, fileName);
    } catch (error) {
      for (const file of files.values()) await file.abandon();
      throw error;
    }
    await rm(stage);
  }

  private async addRows(chunk: Uint8Array, files: Map<string, FileWriting>, fileName: string): Promise<void> {
    const { columns: fields, partitionKeys: keys = [] } = this.table;
    const inFile = fields.map((field, i) => ({ field, i })).filter(({ field }) => !keys.includes(field.name));
    const { columns, count } = decodeColumns(
      fields.map(({ type }) => type),
      chunk,
    );
    const used = new Set<FileWriting>();
    for (let row = 0; row < count; row++) {
      const folder = join(this.target, partitionFolder(this.table, columns, row));
      let file = files.get(folder);
      if (file === undefined) {
        file = await this.begin(folder, fileName);
        files.set(folder, file);
      }
      file.add(inFile.map(({ field, i }) => readValue(field.type, columns[i], row)));
      used.add(file);
      if (row % CHUNK_ROWS === CHUNK_ROWS - 1) await nextTurn();
    }
    for (const file of used) await file.flush();
  }

  private async begin(folder: string, fileName: string): Promise<FileWriting> {
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw fileError(folder, 'write', error);
    }
    return this.openFile(join(folder, `.${fileName}.inprogress`));
  }

  private async finish(folder: string, file: FileWriting, fileName: string): Promise<void> {
    await file.finish();
    try {
      await rename(join(folder, `.${fileName}.inprogress`), join(folder, fileName));
      const handle = await open(folder, 'r');
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      throw fileError(join(folder, fileName), 'write', error);
    }
  }
}
