import {
  type Batch,
  INSERT,
  MAX_WATERMARK,
  MIN_WATERMARK,
  ROW_KIND_NAMES,
  UPDATE_AFTER,
  UPDATE_BEFORE,
} from '../data/batch.ts';
import { runtimeError, unreachable } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { ChangelogMode } from '../planner/connector.ts';
import { isNullAt, rowAt } from './cells.ts';
import { columnProblem } from './column-check.ts';
import { sameKey } from './key-rows.ts';

/** The contract of an edge. */
export interface EdgeSpec {
  /** Named in what is thrown. */
  readonly operatorId: string;
  readonly schema: Schema;
  /** Undefined: any kinds. */
  readonly mode: ChangelogMode | undefined;
  /** Every -U is followed directly by the +U of the same values in these columns, and no +U comes alone. */
  readonly pairedBy?: readonly number[];
}

/** Checks every batch and watermark of an edge; throws a HeadwaterError `edge-contract` that names the operator. */
export class EdgeChecker {
  private readonly spec: EdgeSpec;
  private readonly encoder: KeyEncoder;
  private readonly keys = newKeyBatch(64);
  private time = MIN_WATERMARK;

  constructor(spec: EdgeSpec) {
    this.spec = spec;
    this.encoder = compileKeyEncoder((spec.pairedBy ?? []).map((index) => spec.schema[index].type));
  }

  batch(batch: Batch): void {
    if (this.time === MAX_WATERMARK) this.fail('a batch came after the end of input');
    this.checkSelection(batch);
    this.checkColumns(batch);
    this.checkKinds(batch);
    if (this.spec.pairedBy !== undefined) this.checkPairs(batch, this.spec.pairedBy);
  }

  watermark(time: number): void {
    if (!Number.isSafeInteger(time)) this.fail(`watermark ${time} is no whole number of milliseconds`);
    if (time <= this.time) this.fail(`watermark ${time} does not rise: the last one was ${this.time}`);
    this.time = time;
  }

  private checkSelection(batch: Batch): void {
    const { selection, selectedCount, length } = batch;
    if (selection === undefined) {
      if (selectedCount !== length) this.fail(`${selectedCount} of ${length} rows are selected, without a selection`);
      return;
    }
    if (selectedCount > selection.length) this.fail(`a selection of ${selection.length} rows for ${selectedCount}`);
    let last = -1;
    for (let i = 0; i < selectedCount; i++) {
      const row = selection[i];
      if (row <= last) this.fail(`selection is not ascending: row ${row} after row ${last}`);
      if (row >= length) this.fail(`selection has row ${row} of ${length} rows`);
      last = row;
    }
  }

  private checkColumns(batch: Batch): void {
    const { schema } = this.spec;
    if (batch.columns.length !== schema.length) {
      this.fail(`a batch with ${batch.columns.length} columns, expected ${schema.length}`);
    }
    schema.forEach((field, i) => {
      const problem = columnProblem(field.type, batch.columns[i], batch.length);
      if (problem !== undefined) this.fail(`column ${field.name}: ${problem}`);
      if (field.type.nullable) return;
      for (let k = 0; k < batch.selectedCount; k++) {
        if (isNullAt(batch.columns[i], rowAt(batch, k))) this.fail(`NOT NULL column ${field.name} is NULL in row ${k}`);
      }
    });
  }

  private checkKinds(batch: Batch): void {
    const { kinds } = batch;
    const { mode } = this.spec;
    if (kinds === undefined) {
      if (mode === 'upsert' || mode === 'retract') this.fail(`a batch without row kinds on a ${mode} edge`);
      return;
    }
    if (mode === 'append') this.fail('a batch with row kinds on an append edge');
    if (kinds.length < batch.length) this.fail(`${kinds.length} row kinds for ${batch.length} rows`);
    for (let i = 0; i < batch.selectedCount; i++) {
      const kind = kinds[rowAt(batch, i)];
      if (kind >= ROW_KIND_NAMES.length) this.fail(`row kind ${kind} in row ${i}`);
      if (!isAllowed(kind, mode)) this.fail(`${ROW_KIND_NAMES[kind]} in row ${i} of a ${mode} edge`);
    }
  }

  private checkPairs(batch: Batch, pairedBy: readonly number[]): void {
    const { kinds, selectedCount } = batch;
    if (kinds === undefined) return;
    this.encoder.encode(
      pairedBy.map((index) => batch.columns[index]),
      batch,
      this.keys,
    );
    let open = false;
    for (let i = 0; i < selectedCount; i++) {
      const kind = kinds[rowAt(batch, i)];
      if (open && kind !== UPDATE_AFTER) this.fail(`-U in row ${i - 1} is followed by ${ROW_KIND_NAMES[kind]}`);
      if (!open && kind === UPDATE_AFTER) this.fail(`+U in row ${i} without -U before it`);
      if (open && !sameKey(this.keys, i - 1, this.keys, i)) this.fail(`-U and +U in rows ${i - 1}, ${i} differ in key`);
      open = kind === UPDATE_BEFORE;
    }
    if (open) this.fail('the last row is -U');
  }

  private fail(problem: string): never {
    throw runtimeError('edge-contract', `operator ${this.spec.operatorId}: ${problem}`);
  }
}

function isAllowed(kind: number, mode: ChangelogMode | undefined): boolean {
  switch (mode) {
    case 'append':
      return kind === INSERT;
    case 'upsert':
      return kind !== UPDATE_BEFORE;
    case 'retract':
    case undefined:
      return true;
    default:
      return unreachable(mode);
  }
}
