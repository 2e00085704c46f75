import { FUZZ_TABLES } from './data.ts';
import { type Draw, GROUPABLE } from './query-draw.ts';
import { columnsOf, type FuzzColumn, type Item, type Query } from './query-tree.ts';
import { randomCondition } from './scalars.ts';

/** Random queries whose rows come and stay: what aggregates, windows and set operations are made of. */
export class Sources {
  private readonly draw: Draw;

  constructor(draw: Draw) {
    this.draw = draw;
  }

  table(): Query {
    const { name, columns } = this.draw.random.pick(FUZZ_TABLES);
    return { node: 'table', name, columns };
  }

  selection(input: Query, isDistinct: boolean): Query {
    const { draw } = this;
    const columns = columnsOf(input);
    const items = draw
      .unique(Array.from({ length: 1 + draw.random.below(isDistinct ? 2 : 4) }, () => draw.scalar(columns)))
      .filter((item) => !isDistinct || GROUPABLE.includes(item.kind));
    const kept = items.length > 0 ? items : [{ name: draw.name(), kind: 'int' as const, sql: '1' }];
    return { node: 'select', input, where: draw.conditions(columns), items: kept, isDistinct };
  }

  /** All that the table has, for a window: its time stays. */
  filtered(input: Query): Query {
    const { draw } = this;
    const columns = columnsOf(input);
    const time = columns.filter((column) => column.isTime);
    const rest = columns.filter((column) => !column.isTime && draw.random.below(3) > 0);
    const items = [...rest, ...time].map((column) => draw.plain(column));
    const all = draw.unique([...items, draw.scalar(columns)]);
    return { node: 'select', input, where: draw.conditions(columns), items: all, isDistinct: false };
  }

  /** Two parts of one table with their times. */
  unionInTime(): Query {
    const { draw } = this;
    const table = this.table();
    const columns = columnsOf(table);
    const usable = columns.filter(({ kind, isTime }) => GROUPABLE.includes(kind) && isTime !== true);
    const wanted = Array.from({ length: 2 + draw.random.below(3) }, () => draw.random.pick(usable).kind);
    const time = columns.filter(({ isTime }) => isTime);
    const sides = [0, 1].map((side): Query => {
      const items = wanted.map((kind, i): Item => {
        const column = draw.random.pick(usable.filter((one) => one.kind === kind));
        return { name: `u${side}${i}`, kind, sql: column.name };
      });
      return {
        node: 'select',
        input: draw.chance(3) ? this.unnest(table) : table,
        where: draw.conditions(columns),
        items: [...items, ...time.map((column) => draw.plain(column))],
        isDistinct: false,
      };
    });
    return { node: 'set', op: 'UNION ALL', left: sides[0], right: sides[1] };
  }

  unnest(input: Query): Query {
    const { draw } = this;
    const columns = columnsOf(input);
    const column = draw.random.pick(columns.filter(({ kind }) => kind === 'ints' || kind === 'entries'));
    const elements: FuzzColumn[] =
      column.kind === 'entries'
        ? [
            { name: draw.name(), kind: 'text' },
            { name: draw.name(), kind: 'int' },
          ]
        : [{ name: draw.name(), kind: 'int' }];
    const ordinality = draw.chance(4);
    const as: FuzzColumn[] = ordinality ? [...elements, { name: draw.name(), kind: 'int' }] : elements;
    const join = draw.random.pick(['CROSS', 'CROSS', 'INNER', 'LEFT'] as const);
    // Flink's planner fails unless the condition is about the elements alone.
    const condition = draw.chance(2) ? randomCondition(draw.random, elements) : undefined;
    return { node: 'unnest', input, column: column.name, as, join, on: condition ?? 'TRUE', ordinality };
  }
}
