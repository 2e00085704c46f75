import { statSync } from 'node:fs';
import { join } from 'node:path';
import { buildEvents, SCHEMA_ID } from '../event.ts';
import { writeLog } from '../looped-log.ts';

/** Events of a log in memory; event time covers 20 s, so that a window has a million events whatever the keys. */
const EVENTS = 2_000_000;
export const EVENTS_PER_SECOND = 100_000;

export interface MemoryLog {
  /** Of split i: `path` + i. */
  readonly path: string;
  readonly memory: number;
}

/** Logs in files of the bench's folder: every process reads the very same bytes. */
export class Logs {
  private readonly folder: string;
  private readonly built = new Map<string, MemoryLog>();

  constructor(folder: string) {
    this.folder = folder;
  }

  get(keys: number, splits = 1): MemoryLog {
    const id = `${keys}-${splits}`;
    const known = this.built.get(id);
    if (known !== undefined) return known;
    const path = join(this.folder, `events-${id}-`);
    const events = EVENTS / splits;
    let memory = 0;
    for (let split = 0; split < splits; split++) {
      const options = { events, keys, perSecond: EVENTS_PER_SECOND / splits, schemaId: SCHEMA_ID, seed: 42 + split };
      writeLog(`${path}${split}`, buildEvents(options));
      memory += statSync(`${path}${split}`).size + events * 4;
    }
    const log = { path, memory };
    this.built.set(id, log);
    return log;
  }
}
