import { groupedLoop } from '../data/grouped-loop.ts';
import type { Column } from '../data/column.ts';
import { hasNanos, layoutOf } from '../data/column.ts';
import type { SqlType } from '../data/types.ts';
import type { ExpressionContext } from './context.ts';
import { ColumnAccess } from './codegen/column-access.ts';
import { rowLoop, SHORT_BODY, unrolledLoop } from './codegen/loop.ts';
import { canJoinNulls, joinNulls, withoutNulls } from './codegen/joined-nulls.ts';
import { ALWAYS, asBytes, asTime, held, NEVER, type Operand, valueOf } from './codegen/operand.ts';
import type { Shape } from './codegen/shape.ts';
import { Source } from './codegen/source.ts';
import { inputsOf } from './inputs.ts';
import type { OutputColumn } from './output-column.ts';
import { isPrimitive, isTotal } from './primitive.ts';
import { RowCompiler } from './row-compiler.ts';
import type { Expr } from './typed.ts';

type Shapes = ReadonlyMap<number, Shape>;

/** Evaluates for the selected rows, writes at the rows' own indexes; tells whether there was a NULL. */
export type ProjectionKernel = (
  cols: readonly Column[],
  sel: Int32Array,
  count: number,
  length: number,
  out: OutputColumn,
) => boolean;

/** Writes the selected rows for which the condition is TRUE to `passed`; returns how many. */
export type FilterKernel = (
  cols: readonly Column[],
  sel: Int32Array,
  count: number,
  length: number,
  passed: Int32Array,
) => number;

export function compileProjection(
  expr: Expr,
  shapes: Shapes,
  selected: boolean,
  context: ExpressionContext,
): ProjectionKernel {
  const source = new Source();
  const joined = isTotal(expr) && canJoinNulls(shapes);
  const columns = bindColumns(source, expr, joined ? withoutNulls(shapes) : shapes);
  const body = `let any = false;
${joined ? joinNulls(source, shapes) : ''}
${projectionLoop(source, expr, columns, selected, context)}
return any;`;
  return source.build('cols, sel, count, length, out', body);
}

function projectionLoop(
  source: Source,
  expr: Expr,
  columns: Columns,
  selected: boolean,
  context: ExpressionContext,
): string {
  const compiler = rowCompiler(source, columns, context);
  writeResult(source, expr.type, compiler.emit(expr));
  const body = bodyOf(source, compiler);
  if (!isPrimitive(expr)) return rowLoop(selected, body);
  return bigintLoop(source, expr, columns, selected, context, body) ?? unrolledLoop(selected, body);
}

export function compileFilter(expr: Expr, shapes: Shapes, selected: boolean, context: ExpressionContext): FilterKernel {
  const source = new Source();
  const compiler = rowCompiler(source, bindColumns(source, expr, shapes), context);
  const condition = compiler.emit(expr);
  const test = condition.isNull === NEVER ? valueOf(condition) : `!${condition.isNull} && ${valueOf(condition)}`;
  source.line(`passed[m] = i; if (${test}) m++;`);
  const body = bodyOf(source, compiler);
  const loop = isPrimitive(expr) ? unrolledLoop(selected, body) : rowLoop(selected, body);
  return source.build('cols, sel, count, length, passed', `let m = 0;\n${loop}\nreturn m;`);
}

function bodyOf(source: Source, compiler: RowCompiler): string {
  return `${compiler.usesScratch ? `${compiler.scratch()}.at = 0;\n` : ''}${source.take()}`;
}

type Columns = ReadonlyMap<number, ColumnAccess>;

function bindColumns(source: Source, expr: Expr, shapes: Shapes): Columns {
  const columns = new Map<number, ColumnAccess>();
  for (const ref of inputsOf(expr)) {
    const shape = shapes.get(ref.index);
    if (shape === undefined) throw new Error(`no shape of input ${ref.index}`);
    if (!columns.has(ref.index)) columns.set(ref.index, new ColumnAccess(source, ref.index, ref.type, shape));
  }
  return columns;
}

function rowCompiler(source: Source, columns: Columns, context: ExpressionContext): RowCompiler {
  return new RowCompiler(source, 'i', context, (ref) => {
    const column = columns.get(ref.index);
    if (column === undefined) throw new Error(`input ${ref.index} is not bound`);
    return column.load('i');
  });
}

const ROWS_OF_BIGINTS = 4;

/**
 * A loop of groups of rows whose loads come first and whose stores come last: between loads of one array V8 keeps its
 * address, and computing with bigints makes it forget. undefined when the result is no 64-bit integer, or may be NULL.
 */
function bigintLoop(
  source: Source,
  expr: Expr,
  columns: Columns,
  selected: boolean,
  context: ExpressionContext,
  single: string,
): string | undefined {
  if (layoutOf(expr.type) !== 'i64' || single.length > SHORT_BODY) return undefined;
  const rows = Array.from({ length: ROWS_OF_BIGINTS }, (_, k) =>
    source.local('i', selected ? `sel[j + ${k}]` : `j + ${k}`),
  );
  const loaded = new Map<number, readonly Operand[]>();
  for (const [index, column] of columns) {
    loaded.set(
      index,
      rows.map((row) => held(source, column.load(row))),
    );
  }
  const results = rows.map((row, k) => {
    const compiler = new RowCompiler(source, row, context, (ref) => {
      const operands = loaded.get(ref.index);
      if (operands === undefined) throw new Error(`input ${ref.index} is not bound`);
      return operands[k];
    });
    return held(source, compiler.emit(expr));
  });
  for (const [k, result] of results.entries()) source.line(`ov[${rows[k]}] = ${valueOf(result)};`);
  const group = source.take();
  return results.some((result) => result.isNull !== NEVER)
    ? undefined
    : groupedLoop(ROWS_OF_BIGINTS, group, `const i = ${selected ? 'sel[j]' : 'j'};\n${single}`);
}

export function writeResult(source: Source, type: SqlType, result: Operand): void {
  const bytes = result.cls === 'bytes';
  const blank = bytes ? ' os[i] = 0; oe[i] = 0;' : result.cls === 'nested' ? ' op[i] = null;' : '';
  if (bytes) source.prologue('const os = out.starts, oe = out.ends; let ob = out.bytes, oat = 0;');
  if (result.isNull !== NEVER) source.prologue('const on = out.nulls;');
  const mark = `on[i >> 3] |= 1 << (i & 7); any = true;${blank}`;
  if (result.isNull === NEVER) {
    writeValue(source, type, result);
  } else {
    const head = result.isNull === ALWAYS ? 'if (true)' : `if (${result.isNull})`;
    source.block(`${head} { ${mark} } else`, () => writeValue(source, type, result));
  }
}

function writeValue(source: Source, type: SqlType, result: Operand): void {
  switch (result.cls) {
    case 'number':
      source.prologue('const ov = out.values;');
      source.line(`ov[i] = ${result.value};`);
      break;
    case 'boolean':
      source.prologue('const ov = out.values;');
      source.line(`ov[i] = ${result.value} ? 1 : 0;`);
      break;
    case 'bigint':
      if (layoutOf(type) === 'i64') {
        source.prologue('const ov = out.values;');
        source.line(`ov[i] = ${result.value};`);
      } else {
        source.prologue('const oh = out.high, ol = out.low;');
        source.line(`const wide = ${result.value}; oh[i] = wide >> 64n; ol[i] = BigInt.asIntN(64, wide);`);
      }
      break;
    case 'time': {
      const { ms, nanos } = asTime(result);
      source.prologue('const ov = out.values, oa = out.nanos;');
      source.line(`ov[i] = ${ms};${hasNanos(type) ? ` oa[i] = ${nanos};` : ''}`);
      break;
    }
    case 'bytes':
      writeBytes(source, asBytes(result));
      break;
    case 'nested':
      source.prologue('const op = out.plain;');
      source.line(`op[i] = ${result.value};`);
      break;
  }
}

function writeBytes(source: Source, result: { bytes: string; start: string; end: string }): void {
  source.line(`const from = ${result.bytes}; let p = ${result.start}; const end = ${result.end}, size = end - p;
if (oat + size + 8 > ob.length) ob = out.grow(oat, size);
os[i] = oat;
if (size > 48) { ob.set(from.subarray(p, end), oat); oat += size; }
else while (p < end) ob[oat++] = from[p++];
oe[i] = oat;`);
}
