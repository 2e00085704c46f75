import { type Batch, makeBatch, ROW_KIND_NAMES, withSelection } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { gatherColumn } from '../../src/data/gather.ts';
import { readValue } from '../../src/data/read.ts';
import type { Schema, SqlType } from '../../src/data/types.ts';
import { createCheckedOperator } from '../../src/operators/checked.ts';
import { type OperatorPhase, partialSchema } from '../../src/operators/factory.ts';
import type { Operator, OperatorContext, Output } from '../../src/operators/operator.ts';
import type { ChangelogMode } from '../../src/planner/connector.ts';
import type { PhysicalNode, WindowAggregateNode } from '../../src/planner/physical.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { StateBlob } from '../../src/state/contracts.ts';

/** BIGINT as number, timestamps as epoch milliseconds. */
export type Cell = null | boolean | number | string;
/** `[op, ...values]`, or `['WM', time]`, or `['TIME', wall clock]`. */
export type Row = readonly [string, ...Cell[]];

export interface OperatorSpec {
  readonly node: PhysicalNode;
  readonly input: Schema;
  readonly inputMode?: ChangelogMode;
}

export interface Variant {
  readonly batchSize: number;
  /** Snapshot, and go on in a fresh operator, after so many batches; 0 = never. */
  readonly restoreEvery: number;
  /** Rows come with others between them that are not selected. */
  readonly sparse: boolean;
}

export const VARIANTS: readonly Variant[] = [1, 2, 7, 1000].flatMap((batchSize) => [
  { batchSize, restoreEvery: 0, sparse: false },
  { batchSize, restoreEvery: batchSize === 1 ? 3 : 1, sparse: true },
]);

export interface RunResult {
  readonly rows: Row[];
  readonly counters: Readonly<Record<string, number>>;
}

/** Feeds steps to an operator. A window aggregate in phase `global` gets its rows through a local phase. */
export function runOperator(spec: OperatorSpec, steps: readonly Row[], variant: Variant, twoPhase = false): RunResult {
  const run = new Run(spec, twoPhase);
  let batches = 0;
  for (const chunk of chunks(steps, variant.batchSize)) {
    if (chunk.length === 0) continue;
    const [op] = chunk[0];
    if (op === 'WM') run.watermark(Number(chunk[0][1]));
    else if (op === 'TIME') run.tick(Number(chunk[0][1]));
    else run.rows(batchOf(spec.input, chunk, spec.inputMode ?? 'append', variant.sparse));
    batches += 1;
    if (variant.restoreEvery > 0 && batches % variant.restoreEvery === 0) run.restart(batches % 5 === 0);
  }
  run.flush();
  return { rows: run.output.rows, counters: run.counters };
}

class Run {
  readonly output: Collector;
  readonly counters: Record<string, number> = {};
  time = 0;
  private readonly spec: OperatorSpec;
  private readonly twoPhase: boolean;
  private blobs: StateBlob[] = [];
  private backend = createStateBackend();
  private operators: readonly Operator[];

  constructor(spec: OperatorSpec, twoPhase: boolean) {
    this.spec = spec;
    this.twoPhase = twoPhase;
    this.output = new Collector(spec.node.schema);
    this.operators = this.create();
  }

  rows(batch: Batch): void {
    this.operators[0].process(0, batch);
  }
  watermark(time: number): void {
    this.operators[0].watermark(time);
  }
  /** The clock moves on; what falls due by it is done. */
  tick(time: number): void {
    this.time = time;
    for (const operator of this.operators) if ((operator.nextTimer?.() ?? Infinity) <= time) operator.onTimer?.(time);
  }
  flush(): void {
    for (const operator of this.operators) operator.flush?.();
  }

  restart(full: boolean): void {
    this.flush();
    const taken = this.backend.snapshot(full);
    this.blobs = full ? taken : [...this.blobs, ...taken];
    this.backend = createStateBackend();
    this.operators = this.create();
    if (this.blobs.length > 0) this.backend.restore(this.blobs, { from: 0, to: 128 });
  }

  private create(): readonly Operator[] {
    const { node, input, inputMode } = this.spec;
    if (!this.twoPhase) return [this.operator('single', input, this.output, inputMode)];
    const window = node as WindowAggregateNode;
    const global = this.operator('global', partialSchema(window, input), this.output, 'append');
    const edge: Output = {
      emit: (batch) => global.process(0, compact(batch)),
      watermark: (time) => global.watermark(time),
    };
    return [this.operator('local', input, edge, inputMode), global];
  }

  private operator(phase: OperatorPhase, schema: Schema, output: Output, mode: ChangelogMode | undefined): Operator {
    const context = {
      operatorId: `test/${phase}`,
      state: phase === 'local' ? createStateBackend() : this.backend,
      output,
      zone: 'UTC',
      now: () => this.time,
      judgedRows: 5,
      count: (counter: string, by: number) => {
        this.counters[counter] = (this.counters[counter] ?? 0) + by;
      },
    };
    return createCheckedOperator(this.spec.node, [schema], context, phase, [mode ?? 'append']);
  }
}

/** What an exchange does. */
function compact(batch: Batch): Batch {
  const rows = batch.selection ?? Int32Array.from({ length: batch.length }, (_, i) => i);
  return makeBatch(
    batch.columns.map((column) => gatherColumn(column, rows, batch.selectedCount)),
    batch.selectedCount,
  );
}

export class Collector implements Output {
  readonly rows: Row[] = [];
  private readonly schema: Schema;

  constructor(schema: Schema) {
    this.schema = schema;
  }
  emit(batch: Batch): void {
    this.rows.push(...rowsOf(this.schema, batch));
  }
  watermark(time: number): void {
    this.rows.push(['WM', time]);
  }
}

export function rowsOf(schema: Schema, batch: Batch): Row[] {
  return Array.from({ length: batch.selectedCount }, (_, i): Row => {
    const row = batch.selection === undefined ? i : batch.selection[i];
    const op = batch.kinds === undefined ? '+I' : ROW_KIND_NAMES[batch.kinds[row]];
    return [op, ...schema.map((field, c) => cellOf(readValue(field.type, batch.columns[c], row)))];
  });
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && value !== null && 'ms' in value) return Number(value.ms);
  if (Array.isArray(value)) return JSON.stringify(value);
  return value as Cell;
}

export function batchOf(schema: Schema, rows: readonly Row[], mode: ChangelogMode, sparse: boolean): Batch {
  const all = sparse ? rows.flatMap((row) => [row, row, decoy(schema)]) : rows;
  const columns = schema.map((field, c) =>
    columnFromValues(
      field.type,
      all.map((row) => valueOf(field.type, row[c + 1] ?? null)),
    ),
  );
  const kinds = mode === 'append' ? undefined : Uint8Array.from(all, (row) => ROW_KIND_NAMES.indexOf(row[0] as '+I'));
  const batch = makeBatch(columns, all.length, kinds);
  if (!sparse) return batch;
  return withSelection(
    batch,
    Int32Array.from(rows, (_, i) => 3 * i + 1),
    rows.length,
  );
}

/** A row that must not be read. */
function decoy(schema: Schema): Row {
  return ['-D', ...schema.map((): Cell => null)];
}

function valueOf(type: SqlType, cell: Cell): unknown {
  if (cell === null) return null;
  switch (type.kind) {
    case 'BIGINT':
    case 'DECIMAL':
      return BigInt(Number(cell));
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return { ms: Number(cell), nanos: 0 };
    default:
      return cell;
  }
}

/** Runs of rows, `size` at most; every other step by itself. */
function* chunks(steps: readonly Row[], size: number): Generator<readonly Row[]> {
  let rows: Row[] = [];
  for (const step of steps) {
    const isRow = step[0] !== 'WM' && step[0] !== 'TIME';
    if (rows.length === size || !isRow) {
      yield rows;
      rows = [];
    }
    if (isRow) rows.push(step);
    else yield [step];
  }
  yield rows;
}

/** Between two watermarks rows of different keys come in any order. */
export function sortBetweenWatermarks(rows: readonly Row[]): Row[] {
  const out: Row[] = [];
  let part: Row[] = [];
  const key = (row: Row): string => JSON.stringify(row);
  const end = (): void => {
    out.push(...part.sort((a, b) => (key(a) < key(b) ? -1 : 1)));
    part = [];
  };
  for (const row of rows) {
    if (row[0] === 'WM') {
      end();
      out.push(row);
    } else part.push(row);
  }
  end();
  return out;
}

/** A small random number generator, so that a printed seed gives the same run. */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const SEED = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 1e9));

/** Of an operator that runs by itself. */
export function contextFor(output: Output): OperatorContext {
  return {
    operatorId: 'o',
    state: createStateBackend(),
    output,
    now: () => 0,
    zone: 'UTC',
    count: () => undefined,
  };
}
