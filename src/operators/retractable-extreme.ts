import { type Batch, makeBatch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { SqlType } from '../data/types.ts';
import {
  type AggregateProgram,
  compileAggregates,
  compileKeyEncoder,
  KeyDecoder,
  type KeyEncoder,
  newKeyBatch,
} from '../expressions/index.ts';
import type { AggregateCall } from '../expressions/typed.ts';
import type { KeyedMapTable, SlotColumn } from '../state/contracts.ts';
import { sameKey } from './key-rows.ts';
import { ScratchSlots } from './scratch-slots.ts';
import { compileSlotCopy, type SlotCopy } from './slot-copy.ts';
import { countsOf, type ValueChanges } from './value-changes.ts';

const ZERO = new Int32Array(1);

/** One MIN or MAX whose value may go away. */
export class RetractableExtreme {
  readonly stateTypes: readonly SqlType[];
  private readonly program: AggregateProgram;
  /** The same calls, for the rescan: loops of its own. */
  private readonly rescanProgram: AggregateProgram;
  private readonly offset: number;
  private readonly encoder: KeyEncoder;
  private readonly decoder: KeyDecoder;
  private readonly copy: SlotCopy;
  private readonly empty: ScratchSlots;
  private readonly current = newKeyBatch(64);
  private entries: Int32Array = new Int32Array(1024);
  private target: Int32Array = new Int32Array(1024);

  constructor(call: AggregateCall, argumentType: SqlType, offset: number) {
    const schema = [{ name: 'value', type: argumentType }];
    this.program = compileAggregates([call], schema);
    this.rescanProgram = compileAggregates([call], schema);
    this.stateTypes = this.program.stateTypes;
    this.offset = offset;
    this.encoder = compileKeyEncoder([argumentType]);
    this.decoder = new KeyDecoder([argumentType]);
    this.copy = compileSlotCopy(this.stateTypes);
    this.empty = new ScratchSlots(this.stateTypes);
  }

  accumulate(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    this.program.accumulate(batch, slots, this.own(columns));
  }

  results(columns: readonly SlotColumn[], slots: Int32Array, count: number): Column[] {
    return this.program.results(this.own(columns), slots, count);
  }

  /** Looks again where the value that went away is the one that stood. */
  replace(
    table: KeyedMapTable,
    keys: KeyBatch,
    values: KeyBatch,
    gone: ValueChanges,
    columns: readonly SlotColumn[],
  ): void {
    const standing = this.results(columns, gone.slots, gone.count);
    this.encoder.encode(standing, makeBatch(standing, gone.count), this.current);
    for (let i = 0; i < gone.count; i++) {
      if (sameKey(this.current, i, values, gone.positions[i])) this.rescan(table, keys, i, gone.slots[i], columns);
    }
  }

  private rescan(
    table: KeyedMapTable,
    keys: KeyBatch,
    row: number,
    slot: number,
    columns: readonly SlotColumn[],
  ): void {
    this.target.fill(slot);
    this.copy(this.empty.columns, ZERO, this.own(columns), this.target, 1);
    const counts = countsOf(table);
    let found = 0;
    for (let entry = table.first(keys, row); entry >= 0; entry = table.next(entry)) {
      if (!(counts[entry] > 0)) continue;
      this.entries[found++] = entry;
      if (found === this.entries.length) {
        this.accumulateEntries(table, found, columns);
        found = 0;
      }
    }
    if (found > 0) this.accumulateEntries(table, found, columns);
  }

  private accumulateEntries(table: KeyedMapTable, count: number, columns: readonly SlotColumn[]): void {
    const decoded = this.decoder.decode(table.subKeys(this.entries, count), count);
    this.rescanProgram.accumulate(makeBatch(decoded, count), this.target, this.own(columns));
  }

  private own(columns: readonly SlotColumn[]): readonly SlotColumn[] {
    return columns.slice(this.offset, this.offset + this.stateTypes.length);
  }
}
