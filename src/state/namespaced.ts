import type { KeyGroupRange } from '../data/hash.ts';
import { type BlobBody, type BlobSpec, type RowRange, type Rows, rowsInRange, type Section } from './blob.ts';
import type { StateTable } from './state-table.ts';

/** The table of one namespace, as the snapshot sees it. */
export interface NamespaceTable<Self> {
  readonly changed: boolean;
  readonly size: number;
  /** Changed rows (or all) and tombstones. */
  takeRows(full: boolean): { readonly tombstones: Rows; readonly entries: Rows };
  applyTombstones(rows: RowRange): void;
  applyEntries(rows: RowRange): void;
  markClean(): void;
  /** Forgets all rows, keeps the buffers. */
  clear(): void;
  bytes(): number;
  readonly capacity: number;
  /** Moves into the buffers of an empty table of its kind with more capacity, which gets the own ones. */
  exchange(roomy: Self): void;
}

/** Tables by namespace. Dropped ones are kept for reuse, as many as are in use at a time. */
export class NamespacedState<T extends NamespaceTable<T>> implements StateTable {
  readonly spec: BlobSpec;
  private readonly create: () => T;
  private readonly tables = new Map<number, T>();
  private readonly pool: T[] = [];
  private readonly dropped = new Set<number>();
  private order: readonly number[] | undefined;
  /** The most recently asked for: batches mostly stay in one window. */
  private lastId = NaN;
  private last: T | undefined;

  constructor(spec: BlobSpec, create: () => T) {
    this.spec = spec;
    this.create = create;
  }

  namespace(id: number): T {
    if (id === this.lastId && this.last !== undefined) return this.last;
    let table = this.tables.get(id);
    if (table === undefined) {
      table = this.pool.pop() ?? this.create();
      this.tables.set(id, table);
      this.order = undefined;
    }
    this.lastId = id;
    this.last = table;
    return table;
  }

  peek(id: number): T | undefined {
    return this.tables.get(id);
  }

  namespaces(): readonly number[] {
    this.order ??= [...this.tables.keys()].sort((a, b) => a - b);
    return this.order;
  }

  drop(id: number): void {
    const table = this.tables.get(id);
    if (table === undefined) return;
    this.tables.delete(id);
    this.order = undefined;
    this.dropped.add(id);
    if (this.lastId === id) {
      this.lastId = NaN;
      this.last = undefined;
    }
    if (this.pool.length <= this.tables.size) {
      table.clear();
      this.passBuffers(table);
      this.pool.push(table);
    }
  }

  /**
   * The fullest of the smaller tables would grow to where the dropped one was (the next window): it goes on in its buffers,
   * so that there are not as many large tables as windows are open.
   */
  private passBuffers(dropped: T): void {
    let heir: T | undefined;
    for (const table of this.tables.values()) {
      if (table.capacity * 2 <= dropped.capacity && table.size > (heir?.size ?? 0)) heir = table;
    }
    heir?.exchange(dropped);
  }

  snapshot(full: boolean): BlobBody | undefined {
    const dropped = full ? [] : [...this.dropped];
    const sections: Section[] = [];
    for (const id of this.namespaces()) {
      const table = this.tables.get(id);
      if (table === undefined || !(full ? table.size > 0 : table.changed)) continue;
      const rows = table.takeRows(full);
      if (rows.tombstones.count + rows.entries.count > 0) sections.push({ namespace: id, ...rows });
    }
    this.markClean();
    return full || dropped.length + sections.length > 0 ? { dropped, sections } : undefined;
  }

  restore(task: readonly BlobBody[], range: KeyGroupRange, continued: boolean): void {
    if (continued) for (const body of task) for (const id of body.dropped) this.drop(id);
    task.forEach((body, i) => {
      const later = new Set(task.slice(i + 1).flatMap((next) => next.dropped));
      for (const section of body.sections) {
        if (!later.has(section.namespace)) this.applySection(section, range);
      }
    });
  }

  markClean(): void {
    this.dropped.clear();
    for (const table of this.tables.values()) table.markClean();
  }

  bytes(): number {
    let sum = 0;
    for (const table of this.tables.values()) sum += table.bytes();
    for (const table of this.pool) sum += table.bytes();
    return sum;
  }

  private applySection(section: Section, range: KeyGroupRange): void {
    const tombstones = rowsInRange(section.tombstones, range);
    const entries = rowsInRange(section.entries, range);
    if (tombstones.from === tombstones.to && entries.from === entries.to) return;
    const table = this.namespace(section.namespace);
    if (tombstones.from < tombstones.to) table.applyTombstones(tombstones);
    if (entries.from < entries.to) table.applyEntries(entries);
  }
}
