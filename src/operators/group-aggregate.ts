import { type Batch, makeBatch } from '../data/batch.ts';
import { gatherColumn } from '../data/gather.ts';
import type { Schema } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { GroupAggregateNode } from '../planner/physical.ts';
import type { KeyedColumns } from '../state/contracts.ts';
import { AggregateSet } from './aggregate-set.ts';
import { ChangeList } from './change-list.ts';
import { type GroupBatch, GroupUpdater } from './group-updater.ts';
import { NetChanges } from './group-net-changes.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { RowChanges } from './group-row-changes.ts';
import { ensureI32, ensureU8 } from './rows.ts';
import { TouchedGroups } from './touched-groups.ts';

const GLOBAL = 0;

/**
 * Unbounded aggregation. Per row (as Flink without mini-batch): +I for the first row of a group, -U +U when a result
 * changed (and, with a TTL, also when it did not: it keeps the state of what follows alive), -D when the last row of
 * a group is taken back. Per batch: one net change for each group. Rows taken back from a group that is not there are
 * ignored. Without keys there is one group, with no row before its first input.
 */
export class GroupAggregate implements Operator {
  private readonly node: GroupAggregateNode;
  private readonly groups: KeyedColumns;
  private readonly encoder: KeyEncoder;
  private readonly updater: GroupUpdater;
  private readonly changesOf: NetChanges | RowChanges;
  private readonly output: Output;
  private readonly now: () => number;
  private readonly keys = newKeyBatch(1024);
  private readonly touched = new TouchedGroups();
  private readonly changes = new ChangeList();
  private slots: Int32Array = new Int32Array(0);
  private isNew: Uint8Array = new Uint8Array(0);

  constructor(node: GroupAggregateNode, inputSchema: Schema, context: OperatorContext) {
    const ttl = node.ttl > 0 ? node.ttl : undefined;
    const aggregates = new AggregateSet(
      node.aggregates,
      inputSchema,
      { retract: node.retractInput, ttl },
      context.state,
    );
    this.node = node;
    this.groups = context.state.keyedColumns('groups', { columns: aggregates.stateTypes, ttl });
    this.encoder = compileKeyEncoder(node.keys.map((key) => inputSchema[key].type));
    this.updater = new GroupUpdater(node, aggregates);
    this.changesOf = node.emitPerBatch ? new NetChanges(node, this.updater) : new RowChanges(node, this.updater);
    this.output = context.output;
    this.now = context.now;
  }

  process(_input: number, batch: Batch): void {
    const count = batch.selectedCount;
    if (count === 0) return;
    const { keys, touched, changes } = this;
    this.slots = ensureI32(this.slots, count);
    this.isNew = ensureU8(this.isNew, count);
    const keyColumns = this.node.keys.map((key) => batch.columns[key]);
    this.encoder.encode(keyColumns, batch, keys);
    const table = this.groups.namespace(GLOBAL);
    const now = this.node.ttl > 0 ? this.now() : undefined;
    table.resolve(keys, count, this.slots, this.isNew, now);
    touched.collect(this.slots, this.isNew, count, table.slotCount);
    const work: GroupBatch = { batch, keys, slots: this.slots, touched, table, now };
    changes.clear(2 * count);
    this.changesOf.apply(work, changes);
    this.emit(batch, changes);
    this.updater.freeEmpty(work);
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }

  private emit(batch: Batch, changes: ChangeList): void {
    const { count } = changes;
    if (count === 0) return;
    const keys = this.node.keys.map((key) => gatherColumn(batch.columns[key], changes.rows, count));
    const results = this.changesOf.results(changes);
    this.output.emit(makeBatch([...keys, ...results], count, changes.kinds.slice(0, count)));
  }
}
