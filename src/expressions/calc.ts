import type { Batch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { ExpressionContext } from './context.ts';
import { flatInside } from './codegen/shape.ts';
import { Variants } from './codegen/variants.ts';
import { inputIndexes } from './inputs.ts';
import { OutputColumn } from './output-column.ts';
import { constantColumn } from './constant.ts';
import { compileFilter, compileProjection, type FilterKernel, type ProjectionKernel } from './projection.ts';
import type { Expr } from './typed.ts';
import { isVolatileExpr } from './volatile.ts';

/** A compiled filter and projection. Its result is valid until the next `run`. */
export interface Calc {
  /**
   * The rows that pass, with the projected columns; undefined when no row passes. Plain column references pass the
   * input column through; computed columns hold values for the selected rows only. Row kinds pass through.
   * Throws RowError.
   */
  run(batch: Batch): Batch | undefined;
}

/** Compiles a filter (rows where it is TRUE pass) and projections into loops of this instance's own. */
export function compileCalc(filter: Expr | undefined, projections: readonly Expr[], context: ExpressionContext): Calc {
  return new CompiledCalc(filter, projections, context);
}

const NO_ROWS = new Int32Array(0);

class CompiledCalc implements Calc {
  private readonly filter: Filter | undefined;
  private readonly projections: readonly Projection[];
  private readonly inputs: readonly number[];

  constructor(filter: Expr | undefined, projections: readonly Expr[], context: ExpressionContext) {
    this.filter = filter === undefined ? undefined : new Filter(filter, context);
    this.projections = projections.map((expr) => projectionOf(expr, context));
    this.inputs = inputIndexes(filter === undefined ? projections : [filter, ...projections]);
  }

  run(batch: Batch): Batch | undefined {
    if (batch.selectedCount === 0) return undefined;
    const input = this.unwrapped(batch);
    const rows = this.filter === undefined ? input : this.filter.run(input);
    if (rows.selectedCount === 0) return undefined;
    const { length, selection, selectedCount, kinds } = rows;
    const columns: Column[] = [];
    for (const projection of this.projections) columns.push(projection.run(rows));
    return { length, columns, selection, selectedCount, kinds };
  }

  /** Constants of constants and dictionaries of dictionaries made flat, if there are any. */
  private unwrapped(batch: Batch): Batch {
    for (const index of this.inputs) {
      if (flatInside(batch.columns[index]) !== batch.columns[index]) {
        return { ...batch, columns: batch.columns.map(flatInside) };
      }
    }
    return batch;
  }
}

class Filter {
  private readonly variants: Variants<FilterKernel>;
  private passed = NO_ROWS;

  constructor(expr: Expr, context: ExpressionContext) {
    this.variants = new Variants(inputIndexes([expr]), (shapes, selected) =>
      compileFilter(expr, shapes, selected, context),
    );
  }

  run(batch: Batch): Batch {
    const { columns, selection, selectedCount, length, kinds } = batch;
    if (this.passed.length < selectedCount) this.passed = new Int32Array(Math.max(64, selectedCount));
    const kernel = this.variants.get(columns, selection !== undefined);
    const count = kernel(columns, selection ?? NO_ROWS, selectedCount, length, this.passed);
    // All pass: without a selection, later loops are simpler.
    if (count === selectedCount) return batch;
    return { length, columns, selection: this.passed, selectedCount: count, kinds };
  }
}

interface Projection {
  run(batch: Batch): Column;
}

function projectionOf(expr: Expr, context: ExpressionContext): Projection {
  if (expr.kind === 'input') return new PassThrough(expr.index);
  const inputs = inputIndexes([expr]);
  return inputs.length === 0 && !isVolatileExpr(expr)
    ? new Constant(expr, context)
    : new Computed(expr, inputs, context);
}

class PassThrough implements Projection {
  private readonly index: number;

  constructor(index: number) {
    this.index = index;
  }

  run(batch: Batch): Column {
    return batch.columns[this.index];
  }
}

/** An expression without inputs that has one value: evaluated once, when the first row needs it. */
class Constant implements Projection {
  private readonly expr: Expr;
  private readonly context: ExpressionContext;
  private column: Column | undefined;

  constructor(expr: Expr, context: ExpressionContext) {
    this.expr = expr;
    this.context = context;
  }

  run(): Column {
    if (this.column === undefined) {
      this.column = { layout: 'const', value: constantColumn(this.expr, this.context), nulls: undefined };
    }
    return this.column;
  }
}

class Computed implements Projection {
  private readonly variants: Variants<ProjectionKernel>;
  private readonly out: OutputColumn;

  constructor(expr: Expr, inputs: readonly number[], context: ExpressionContext) {
    this.variants = new Variants(inputs, (shapes, selected) => compileProjection(expr, shapes, selected, context));
    this.out = new OutputColumn(expr.type);
  }

  run(batch: Batch): Column {
    const { columns, selection, selectedCount, length } = batch;
    this.out.begin(length);
    const kernel = this.variants.get(columns, selection !== undefined);
    const anyNull = kernel(columns, selection ?? NO_ROWS, selectedCount, length, this.out);
    return this.out.column(length, anyNull);
  }
}
