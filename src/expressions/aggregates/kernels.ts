import type { Column } from '../../data/column.ts';
import type { SlotColumn } from '../../state/contracts.ts';
import { ColumnAccess } from '../codegen/column-access.ts';
import { rowLoop } from '../codegen/loop.ts';
import { held, isTrue, NEVER } from '../codegen/operand.ts';
import type { Shape } from '../codegen/shape.ts';
import { SlotAccess } from '../codegen/slot-access.ts';
import { Source } from '../codegen/source.ts';
import { OutputColumn } from '../output-column.ts';
import { writeResult } from '../projection.ts';
import type { InputRef } from '../typed.ts';
import type { Accumulator, Aggregate } from './accumulator.ts';

/** What happens to each row: it is added, taken back, or either by its kind. */
export type Mode = 'add' | 'subtract' | 'signed';

export type RowsKernel = (
  cols: readonly Column[],
  sel: Int32Array,
  count: number,
  length: number,
  slots: Int32Array,
  st: readonly SlotColumn[],
  kinds: Uint8Array,
) => void;

type Shapes = ReadonlyMap<number, Shape>;

/** One loop over the rows that feeds all accumulators; those of one filter and argument share the tests. */
export function compileRows(
  accumulators: readonly Accumulator[],
  mode: Mode,
  shapes: Shapes,
  selected: boolean,
): RowsKernel {
  const source = new Source();
  const states = slotAccesses(source, accumulators);
  const columns = new Map<number, ColumnAccess>();
  const column = (ref: InputRef): ColumnAccess => {
    const known = columns.get(ref.index);
    if (known !== undefined) return known;
    const shape = shapes.get(ref.index);
    if (shape === undefined) throw new Error(`no shape of input ${ref.index}`);
    const access = new ColumnAccess(source, ref.index, ref.type, shape);
    columns.set(ref.index, access);
    return access;
  };
  source.line('const t = slots[j]; if (t < 0) continue;');
  if (mode === 'signed') source.line('const gone = (kinds[i] & 1) !== 0;');
  for (const filtered of groupBy(accumulators, (a) => a.filter?.index)) {
    conditional(source, filtered[0].filter && isTrue(column(filtered[0].filter).load('i')), () => {
      for (const group of groupBy(filtered, (a) => `${a.arg?.index} ${a.takesNulls === true}`)) {
        const value = group[0].arg && held(source, column(group[0].arg).load('i'));
        const always = value === undefined || value.isNull === NEVER || group[0].takesNulls === true;
        conditional(source, always ? undefined : `!${value.isNull}`, () => {
          for (const accumulator of group) {
            const own = states[accumulators.indexOf(accumulator)];
            const second = accumulator.second && held(source, column(accumulator.second).load('i'));
            switch (mode) {
              case 'add':
                accumulator.add(source, own, value, second);
                break;
              case 'subtract':
                accumulator.subtract(source, own, value, second);
                break;
              case 'signed':
                source.block('if (gone)', () => accumulator.subtract(source, own, value, second));
                source.block('else', () => accumulator.add(source, own, value, second));
                break;
            }
          }
        });
      }
    });
  }
  return source.build('cols, sel, count, length, slots, st, kinds', rowLoop(selected, source.take()));
}

/** Adds partial state columns, row j to slot slots[j]. */
export function compileMerge(accumulators: readonly Accumulator[], shapes: Shapes): RowsKernel {
  const source = new Source();
  source.line('const t = slots[j]; if (t < 0) continue;');
  const states = slotAccesses(source, accumulators);
  let index = 0;
  accumulators.forEach((accumulator, i) => {
    const partials = accumulator.types.map((type) => {
      const shape = shapes.get(index);
      if (shape === undefined) throw new Error(`no shape of state column ${index}`);
      return held(source, new ColumnAccess(source, index++, type, shape).load('i'));
    });
    accumulator.merge(source, states[i], partials);
  });
  return source.build('cols, sel, count, length, slots, st, kinds', rowLoop(false, source.take()));
}

export type ResultKernel = (st: readonly SlotColumn[], slots: Int32Array, count: number) => Column;

/** State columns of each accumulator: they follow one another. */
function slotAccesses(source: Source, accumulators: readonly Accumulator[]): readonly (readonly SlotAccess[])[] {
  let index = 0;
  return accumulators.map(({ types }) => types.map((type) => new SlotAccess(source, index++, type)));
}

/** The result column of one call; `indexes` are its accumulators' state columns. */
export function compileResult(aggregate: Aggregate, indexes: readonly number[]): ResultKernel {
  if (aggregate.kind === 'by-column') {
    return (st, slots, count) =>
      aggregate.results(
        indexes.map((index) => st[index]),
        slots,
        count,
      );
  }
  const { type } = aggregate.call;
  const types = aggregate.accumulators.flatMap((accumulator) => accumulator.types);
  const source = new Source();
  const states = indexes.map((index, i) => new SlotAccess(source, index, types[i]));
  source.line('const t = slots[j];');
  writeResult(source, type, aggregate.result(source, states));
  const kernel: (st: readonly SlotColumn[], slots: Int32Array, count: number, out: OutputColumn) => boolean =
    source.build('st, slots, count, out', `let any = false;\n${rowLoop(false, source.take())}\nreturn any;`);
  return (st, slots, count) => {
    // Buffers of its own each time: callers hold results of before and after a change.
    const out = new OutputColumn(type);
    out.begin(count);
    const anyNull = kernel(st, slots, count, out);
    return out.column(count, anyNull);
  };
}

function conditional(source: Source, condition: string | undefined, write: () => void): void {
  if (condition === undefined) source.block('', write);
  else source.block(`if (${condition})`, write);
}

function groupBy<T>(items: readonly T[], key: (item: T) => unknown): readonly (readonly T[])[] {
  const groups = new Map<unknown, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
