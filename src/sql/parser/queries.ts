import type {
  Expression,
  GroupingItem,
  Identifier,
  Query,
  Select,
  SelectItem,
  SetOperation,
  WithQuery,
} from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, type Rule } from './base.ts';
import { TablesParser } from './tables.ts';

/** Queries: WITH, set operations (INTERSECT before UNION and EXCEPT), ORDER BY and LIMIT, SELECT, VALUES. */
export abstract class QueriesParser extends TablesParser {
  override readonly query: Rule<Query> = this.RULE('query', () =>
    this.nested(() => {
      const first = this.LA(1);
      const items = this.OPTION(() => this.SUBRULE(this.withItems));
      const body = this.SUBRULE(this.orderedQuery);
      return this.make((): Query =>
        items === undefined ? body : { kind: 'with', items, body, position: position(first) },
      );
    }),
  );

  private readonly withItems: Rule<WithQuery['items'][number][]> = this.RULE('withItems', () => {
    const items: WithQuery['items'][number][] = [];
    this.CONSUME(K.WITH);
    this.AT_LEAST_ONE_SEP({
      SEP: P.Comma,
      DEF: () => {
        const name = this.SUBRULE(this.identifier);
        const columns = this.OPTION(() => this.SUBRULE(this.identifierList)) ?? [];
        this.CONSUME(K.AS);
        this.CONSUME(P.LParen);
        const query = this.SUBRULE(this.query);
        this.CONSUME(P.RParen);
        items.push({ name, columns, query });
      },
    });
    return items;
  });

  private readonly orderedQuery: Rule<Query> = this.RULE('orderedQuery', () => {
    const body = this.SUBRULE(this.unionQuery);
    const orderBy = this.OPTION(() => this.SUBRULE(this.orderBy));
    const limit = this.OPTION1(() => {
      this.CONSUME(K.LIMIT);
      return this.OR([{ ALT: () => (this.CONSUME(K.ALL), undefined) }, { ALT: () => this.SUBRULE(this.expression) }]);
    });
    const offset = this.OPTION2(() => {
      this.CONSUME(K.OFFSET);
      const expr = this.SUBRULE1(this.expression);
      this.OPTION3(() => this.SUBRULE(this.rowWord));
      return expr;
    });
    const fetch = this.OPTION4(() => this.SUBRULE(this.fetch));
    return this.make((): Query => {
      if (orderBy === undefined && limit === undefined && offset === undefined && fetch === undefined) return body;
      return { kind: 'ordered', body, orderBy: orderBy ?? [], limit: limit ?? fetch, offset, position: body.position };
    });
  });

  /** `FETCH FIRST n ROWS ONLY`: a LIMIT. */
  private readonly fetch: Rule<Expression> = this.RULE('fetch', () => {
    const first = this.CONSUME(K.FETCH);
    this.OR([{ ALT: () => this.CONSUME(K.FIRST) }, { ALT: () => this.CONSUME(K.NEXT) }]);
    const count = this.OPTION(() => this.SUBRULE(this.expression));
    this.SUBRULE(this.rowWord);
    this.CONSUME(K.ONLY);
    return this.make(
      (): Expression => count ?? { kind: 'literal', type: 'number', text: '1', position: position(first) },
    );
  });

  private readonly rowWord: Rule<void> = this.RULE('rowWord', () => {
    this.OR([{ ALT: () => this.CONSUME(K.ROW) }, { ALT: () => this.CONSUME(K.ROWS) }]);
  });

  private readonly unionQuery: Rule<Query> = this.RULE('unionQuery', () => {
    let left = this.SUBRULE(this.intersectQuery);
    this.MANY(() => {
      const op = this.OR([
        { ALT: () => (this.CONSUME(K.UNION), 'UNION' as const) },
        { ALT: () => (this.CONSUME(K.EXCEPT), 'EXCEPT' as const) },
      ]);
      const all = this.SUBRULE(this.allOrDistinct);
      const right = this.SUBRULE1(this.intersectQuery);
      left = this.make(() => setOperation(op, all, left, right));
    });
    return left;
  });

  private readonly intersectQuery: Rule<Query> = this.RULE('intersectQuery', () => {
    let left = this.SUBRULE(this.queryTerm);
    this.MANY(() => {
      this.CONSUME(K.INTERSECT);
      const all = this.SUBRULE(this.allOrDistinct);
      const right = this.SUBRULE1(this.queryTerm);
      left = this.make(() => setOperation('INTERSECT', all, left, right));
    });
    return left;
  });

  private readonly allOrDistinct: Rule<boolean> = this.RULE('allOrDistinct', () => {
    const all = this.OPTION(() =>
      this.OR([{ ALT: () => (this.CONSUME(K.ALL), true) }, { ALT: () => (this.CONSUME(K.DISTINCT), false) }]),
    );
    return all === true;
  });

  private readonly queryTerm: Rule<Query> = this.RULE('queryTerm', () =>
    this.OR<Query>([
      { ALT: () => this.SUBRULE(this.select) },
      { ALT: () => this.SUBRULE(this.values) },
      { ALT: () => this.SUBRULE(this.explicitTable) },
      {
        ALT: () => {
          this.CONSUME(P.LParen);
          const query = this.SUBRULE(this.query);
          this.CONSUME(P.RParen);
          return query;
        },
      },
    ]),
  );

  /** `TABLE t`: all of its columns. */
  private readonly explicitTable: Rule<Query> = this.RULE('explicitTable', () => {
    const first = this.CONSUME(K.TABLE);
    const name = this.SUBRULE(this.path);
    return this.make((): Query => ({
      kind: 'select',
      distinct: false,
      items: [{ kind: 'star', qualifier: undefined, position: position(first) }],
      from: { kind: 'table', name, hints: [], alias: undefined, position: name.position },
      where: undefined,
      groupBy: undefined,
      having: undefined,
      position: position(first),
    }));
  });

  private readonly values: Rule<Query> = this.RULE('values', () => {
    const first = this.CONSUME(K.VALUES);
    const rows: Expression[][] = [];
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => rows.push(this.SUBRULE(this.valuesRow)) });
    return this.make((): Query => ({ kind: 'values', rows, position: position(first) }));
  });

  /** `(1, 'a')` or `ROW(1, 'a')`; a bare expression is a row of one column. */
  private readonly valuesRow: Rule<Expression[]> = this.RULE('valuesRow', () => {
    const expr = this.SUBRULE(this.expression);
    return this.make(() => (isRow(expr) ? [...expr.args] : [expr]));
  });

  private readonly select: Rule<Query> = this.RULE('select', () => {
    const first = this.CONSUME(K.SELECT);
    this.OPTION(() => {
      const hint = this.CONSUME(P.HintStart);
      this.make(() => {
        throw this.unsupported('a query hint', hint);
      });
    });
    const distinct = this.SUBRULE(this.selectQuantifier);
    const items: SelectItem[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) });
    const from = this.OPTION1(() => {
      this.CONSUME(K.FROM);
      return this.SUBRULE(this.tables);
    });
    const where = this.OPTION2(() => {
      this.CONSUME(K.WHERE);
      return this.SUBRULE(this.expression);
    });
    const groups = this.OPTION3(() => this.SUBRULE(this.groupBy));
    const having = this.OPTION4(() => {
      this.CONSUME(K.HAVING);
      return this.SUBRULE1(this.expression);
    });
    this.OPTION5(() => {
      const window = this.CONSUME(K.WINDOW);
      this.make(() => {
        throw this.unsupported('the WINDOW clause', window);
      });
    });
    return this.make((): Select => ({
      kind: 'select',
      distinct,
      items,
      from,
      where,
      groupBy: groups?.groupBy,
      ...(groups?.grouping === undefined ? {} : { grouping: groups.grouping }),
      having,
      position: position(first),
    }));
  });

  private readonly selectQuantifier: Rule<boolean> = this.RULE('selectQuantifier', () => {
    const distinct = this.OPTION(() =>
      this.OR([{ ALT: () => (this.CONSUME(K.DISTINCT), true) }, { ALT: () => (this.CONSUME(K.ALL), false) }]),
    );
    return distinct === true;
  });

  private readonly selectItem: Rule<SelectItem> = this.RULE('selectItem', () =>
    this.OR<SelectItem>({
      DEF: [
        {
          ALT: () => {
            const star = this.CONSUME(P.Star);
            return this.make((): SelectItem => ({ kind: 'star', qualifier: undefined, position: position(star) }));
          },
        },
        { GATE: () => this.qualifiedStarAhead(), ALT: () => this.SUBRULE(this.qualifiedStar) },
        {
          ALT: () => {
            const expr = this.SUBRULE(this.expression);
            const alias = this.OPTION(() => {
              this.OPTION1(() => this.CONSUME(K.AS));
              return this.SUBRULE(this.identifier);
            });
            return this.make((): SelectItem => ({
              kind: 'expression',
              expr,
              alias: alias?.parts[0],
              position: expr.position,
            }));
          },
        },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  private readonly qualifiedStar: Rule<SelectItem> = this.RULE('qualifiedStar', () => {
    const parts: Identifier[] = [];
    this.AT_LEAST_ONE(() => {
      parts.push(this.SUBRULE(this.identifier));
      this.CONSUME(P.Dot);
    });
    this.CONSUME(P.Star);
    return this.make((): SelectItem => {
      const qualifier: Identifier = { ...parts[0], parts: parts.flatMap((part) => part.parts) };
      return { kind: 'star', qualifier, position: qualifier.position };
    });
  });

  private qualifiedStarAhead(): boolean {
    let i = 1;
    while (this.ahead(t.Name) && this.LA(i + 1).tokenType === P.Dot) {
      if (this.LA(i + 2).tokenType === P.Star) return true;
      i += 2;
    }
    return false;
  }

  private readonly groupBy: Rule<Grouping> = this.RULE('groupBy', () => {
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

function setOperation(op: SetOperation['op'], all: boolean, left: Query, right: Query): Query {
  return { kind: 'set-operation', op, all, left, right, position: left.position };
}

function isRow(expr: Expression): expr is Extract<Expression, { kind: 'other-expr' }> {
  return expr.kind === 'other-expr' && (expr.feature === '(a, b) as a row' || expr.feature === 'ROW(..)');
}
