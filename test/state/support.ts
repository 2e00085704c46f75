import { BYTES_SLACK } from '../../src/data/column.ts';
import {
  hashBytes,
  type KeyBatch,
  keyGroupOf,
  keyGroupsOfTask,
  NULL_KEY_HASH,
  taskOfKeyGroup,
} from '../../src/data/hash.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { StateBackend, StateBlob } from '../../src/state/contracts.ts';

/** A seeded generator (mulberry32), so that a failing test can be run again by its seed. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  int(below: number): number {
    return Math.floor(this.next() * below);
  }
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(256));
  }
}

/** A key of a test: its bytes, or null for the NULL key. */
export type Key = Uint8Array | null;

export const nameOf = (key: Key): string => (key === null ? 'NULL' : Buffer.from(key).toString('hex'));

/** Distinct keys of lengths 0 .. 200, the NULL key among them; some differ only in their last byte. */
export function randomKeys(random: Random, count: number): Key[] {
  const keys = new Map<string, Key>([['NULL', null]]);
  while (keys.size < count) {
    const key = random.bytes(random.pick([0, 1, 2, 3, 4, 5, 7, 8, 12, 12, 12, 31, 100, 200]));
    keys.set(nameOf(key), key);
    if (key.length > 0 && random.chance(0.3)) {
      const twin = key.slice();
      twin[twin.length - 1] ^= 1;
      keys.set(nameOf(twin), twin);
    }
  }
  return [...keys.values()];
}

/** Keys as a batch; the bytes between and after them are not zero. */
export function keyBatch(keys: readonly Key[]): KeyBatch {
  const total = keys.reduce((sum, key) => sum + (key?.length ?? 0) + 3, 0);
  const bytes = new Uint8Array(total + BYTES_SLACK).fill(0xee);
  const view = new DataView(bytes.buffer);
  const starts = new Int32Array(keys.length);
  const ends = new Int32Array(keys.length);
  const hashes = new Int32Array(keys.length);
  let at = 1;
  keys.forEach((key, i) => {
    starts[i] = at;
    ends[i] = key === null ? at - 1 : at + key.length;
    if (key !== null) bytes.set(key, at);
    hashes[i] = hashOf(key, view, starts[i], ends[i]);
    at += (key?.length ?? 0) + 3;
  });
  return { length: keys.length, bytes, view, starts, ends, hashes };
}

function hashOf(key: Key, view: DataView, start: number, end: number): number {
  return key === null ? NULL_KEY_HASH : hashBytes(view, start, end);
}

/** Tasks that share the key groups and are restarted from their blobs, as the runtime does it. */
export class Cluster<T> {
  tasks: { readonly backend: StateBackend; readonly state: T }[] = [];
  private logs: StateBlob[][] = [];
  private mustBeFull = false;
  private readonly open: (backend: StateBackend) => T;

  constructor(parallelism: number, open: (backend: StateBackend) => T) {
    this.open = open;
    this.start(parallelism);
  }

  private start(parallelism: number): void {
    this.tasks = Array.from({ length: parallelism }, () => {
      const backend = createStateBackend();
      return { backend, state: this.open(backend) };
    });
  }

  stateOf(key: Key): T {
    return this.tasks[taskOfKeyGroup(keyGroupOf(keyBatch([key]).hashes[0]), this.tasks.length)].state;
  }

  /** Keys by the task that owns them, in the same order. */
  split(keys: readonly Key[]): { state: T; keys: Key[] }[] {
    const parts = new Map<T, Key[]>();
    for (const key of keys) {
      const state = this.stateOf(key);
      parts.set(state, [...(parts.get(state) ?? []), key]);
    }
    return [...parts].map(([state, own]) => ({ state, keys: own }));
  }

  checkpoint(full: boolean): void {
    const complete = full || this.mustBeFull;
    const blobs = this.tasks.map(({ backend }) => backend.snapshot(complete));
    // A full blob replaces what was before it, whether or not that is still passed to restore.
    this.logs = this.mustBeFull ? blobs : blobs.map((list, i) => [...(this.logs[i] ?? []), ...list]);
    this.mustBeFull = false;
  }

  restart(parallelism: number): void {
    this.mustBeFull = parallelism !== this.logs.length;
    this.start(parallelism);
    const all = this.logs.flat();
    this.tasks.forEach(({ backend }, task) => backend.restore(all, keyGroupsOfTask(task, parallelism)));
  }

  blobs(): readonly StateBlob[] {
    return this.logs.flat();
  }
}

/** Parallelism to restart at: 1 -> 2 -> 1 -> 2 -> 3 ... */
export const PARALLELISMS = [2, 1, 1, 2, 3, 3, 1] as const;
