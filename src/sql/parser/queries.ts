import type { Expression, Query, SetOperation, WithQuery } from '../ast.ts';
import { K, P } from '../tokens.ts';
import { position, type Rule } from './base.ts';
import { isRow } from './primaries.ts';
import { SelectParser } from './select.ts';

/** Queries: WITH, set operations (INTERSECT before UNION and EXCEPT), ORDER BY and LIMIT, VALUES, TABLE. */
export abstract class QueriesParser extends SelectParser {
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
}

function setOperation(op: SetOperation['op'], all: boolean, left: Query, right: Query): Query {
  return { kind: 'set-operation', op, all, left, right, position: left.position };
}
