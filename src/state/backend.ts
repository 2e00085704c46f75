import { assert, runtimeError } from '../data/errors.ts';
import type { KeyGroupRange } from '../data/hash.ts';
import type { Allocate } from '../data/slab-pool.ts';
import { encodeBlob, openBlob, type OpenedBlob } from './blob.ts';
import type {
  KeyedColumns,
  KeyedColumnsSpec,
  KeyedMap,
  KeyedMapSpec,
  OrderedKeyedList,
  OrderedListSpec,
  Scalars,
  SlotQueue,
  StateBackend,
  StateBlob,
} from './contracts.ts';
import { createKeyedColumns } from './keyed-columns.ts';
import { createKeyedMap } from './keyed-map.ts';
import { OrderedListState } from './ordered-list.ts';
import { ScalarState } from './scalars.ts';
import { PagedSlotQueue } from './slot-queue.ts';
import type { StateTable } from './state-table.ts';

/** State of one operator task, in memory. */
export function createStateBackend(): StateBackend {
  return new MemoryBackend();
}

interface Registered {
  readonly table: StateTable;
  /** Sequence of the last blob restored, -1 for none. */
  restoredTo: number;
}

class MemoryBackend implements StateBackend {
  private readonly tables = new Map<string, Registered>();
  private readonly queues: PagedSlotQueue[] = [];
  /** Rises with every snapshot, and on from the restored ones: blobs of one task are in its order. */
  private sequence = 0;
  /** The first snapshot of a state that was never restored holds everything: it starts its task's blobs. */
  private hasBase = false;

  keyedColumns(name: string, spec: KeyedColumnsSpec): KeyedColumns {
    return this.register(name, createKeyedColumns(spec));
  }
  keyedMap(name: string, spec: KeyedMapSpec): KeyedMap {
    return this.register(name, createKeyedMap(spec));
  }
  orderedList(name: string, spec: OrderedListSpec): OrderedKeyedList {
    return this.register(name, new OrderedListState(spec));
  }
  scalars(name: string, count: number): Scalars {
    return this.register(name, new ScalarState(count));
  }
  slotQueue(): SlotQueue {
    const queue = new PagedSlotQueue();
    this.queues.push(queue);
    return queue;
  }

  snapshot(full: boolean, allocate?: Allocate): StateBlob[] {
    const complete = full || !this.hasBase;
    this.hasBase = true;
    const sequence = ++this.sequence;
    const blobs: StateBlob[] = [];
    for (const [name, { table }] of this.tables) {
      const body = table.snapshot(complete);
      if (body === undefined) continue;
      blobs.push({ table: name, full: complete, bytes: encodeBlob(table.spec, body, complete, sequence, allocate) });
    }
    return blobs;
  }

  /** All blobs of all old tasks at once, one task after the other. */
  restore(blobs: readonly StateBlob[], range: KeyGroupRange): void {
    const byTable = new Map<string, OpenedBlob[]>();
    for (const blob of blobs) {
      const registered = this.tables.get(blob.table);
      if (registered === undefined) {
        const known = [...this.tables.keys()].join(', ');
        throw runtimeError(
          'state-schema',
          `saved state has a table ${blob.table}, the operator has ${known || 'none'}`,
        );
      }
      const list = byTable.get(blob.table) ?? [];
      list.push(openBlob(blob.table, registered.table.spec, blob.bytes));
      byTable.set(blob.table, list);
    }
    for (const [name, opened] of byTable) this.restoreTable(name, opened, range);
    this.hasBase ||= blobs.length > 0;
  }

  bytes(): number {
    let sum = this.queues.reduce((held, queue) => held + queue.bytes(), 0);
    for (const { table } of this.tables.values()) sum += table.bytes();
    return sum;
  }

  private register<T extends StateTable>(name: string, table: T): T {
    assert(!this.tables.has(name), `state table ${name} exists already`);
    this.tables.set(name, { table, restoredTo: -1 });
    return table;
  }

  private restoreTable(name: string, opened: readonly OpenedBlob[], range: KeyGroupRange): void {
    const registered = this.tables.get(name);
    assert(registered !== undefined, `state table ${name} exists`);
    for (const task of splitTasks(opened)) {
      const continued = task[0].sequence > registered.restoredTo && registered.restoredTo >= 0;
      const bodies = sinceLastFull(task).map((blob) => blob.body());
      registered.table.restore(bodies, range, continued);
      registered.restoredTo = task[task.length - 1].sequence;
      this.sequence = Math.max(this.sequence, registered.restoredTo);
    }
    registered.table.markClean();
  }
}

/** A sequence that does not rise is where the next task's blobs begin: all tasks start with a full blob of one epoch. */
function splitTasks(opened: readonly OpenedBlob[]): OpenedBlob[][] {
  const tasks: OpenedBlob[][] = [];
  let last = Infinity;
  for (const blob of opened) {
    if (blob.sequence <= last) tasks.push([]);
    tasks[tasks.length - 1].push(blob);
    last = blob.sequence;
  }
  return tasks;
}

function sinceLastFull(task: readonly OpenedBlob[]): readonly OpenedBlob[] {
  return task.slice(
    Math.max(
      0,
      task.findLastIndex((blob) => blob.full),
    ),
  );
}
