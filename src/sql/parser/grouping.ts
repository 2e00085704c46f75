import type { Expression, GroupingItem, Select } from '../ast.ts';
import { K, P } from '../tokens.ts';
import type { Rule } from './base.ts';
import { isRow } from './primaries.ts';
import { TablesParser } from './tables.ts';

/** GROUP BY, with GROUPING SETS, ROLLUP and CUBE. */
export abstract class GroupingParser extends TablesParser {
  protected readonly groupBy: Rule<Grouping> = this.RULE('groupBy', () => {
    const items: GroupingTree[] = [];
    this.CONSUME(K.GROUP);
    this.CONSUME(K.BY);
    this.AT_LEAST_ONE_SEP({
      SEP: P.Comma,
      DEF: () => {
        const group = this.SUBRULE(this.groupItem);
        this.make(() => items.push(group));
      },
    });
    return this.make(() => grouping(items));
  });

  /** `()` groups by nothing, `(a, b)` by both. */
  private readonly groupItem: Rule<GroupingTree> = this.RULE('groupItem', () =>
    this.OR<GroupingTree>({
      DEF: [
        { ALT: () => this.SUBRULE(this.groupingSets) },
        {
          GATE: () => this.ahead(P.LParen, P.RParen),
          ALT: () => {
            this.CONSUME(P.LParen);
            this.CONSUME(P.RParen);
            return { kind: 'set', exprs: [] };
          },
        },
        {
          ALT: () => {
            const expr = this.SUBRULE(this.expression);
            return this.make((): GroupingTree => ({
              kind: 'set',
              exprs: isRow(expr) && expr.feature !== 'ROW(..)' ? [...expr.args] : [expr],
            }));
          },
        },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  private readonly groupingSets: Rule<GroupingTree> = this.RULE('groupingSets', () => {
    const items: GroupingTree[] = [];
    const kind = this.OR([
      {
        GATE: () => this.ahead(K.GROUPING, K.SETS),
        ALT: () => (this.CONSUME(K.GROUPING), this.CONSUME(K.SETS), 'GROUPING SETS' as const),
      },
      { ALT: () => (this.CONSUME(K.ROLLUP), 'ROLLUP' as const) },
      { ALT: () => (this.CONSUME(K.CUBE), 'CUBE' as const) },
    ]);
    this.CONSUME(P.LParen);
    this.AT_LEAST_ONE_SEP({
      SEP: P.Comma,
      DEF: () => {
        const item = this.SUBRULE(this.groupItem);
        this.make(() => items.push(item));
      },
    });
    this.CONSUME(P.RParen);
    return { kind, items };
  });
}

type GroupingTree =
  | { readonly kind: 'set'; readonly exprs: readonly Expression[] }
  | { readonly kind: 'GROUPING SETS' | 'ROLLUP' | 'CUBE'; readonly items: readonly GroupingTree[] };

type Grouping = Pick<Select, 'groupBy' | 'grouping'>;

/** The expressions in the order of the text, and how they make sets where that is not one of all. */
function grouping(trees: readonly GroupingTree[]): Grouping {
  const groupBy: Expression[] = [];
  const place = (tree: GroupingTree): GroupingItem =>
    tree.kind === 'set'
      ? { kind: 'set', places: tree.exprs.map((expr) => groupBy.push(expr) - 1) }
      : { kind: tree.kind, items: tree.items.map(place) };
  const items = trees.map(place);
  return items.every((item) => item.kind === 'set') ? { groupBy } : { groupBy, grouping: items };
}
