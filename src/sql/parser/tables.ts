import type { Expression, Identifier, Join, TableExpression } from '../ast.ts';
import { K, P } from '../tokens.ts';
import { position, type Rule } from './base.ts';
import { TableFunctionsParser } from './table-functions.ts';

interface JoinTail {
  readonly type: Join['type'];
  readonly right: TableExpression;
  readonly on: Expression | undefined;
  readonly using: readonly Identifier[];
}

/** What stands behind FROM: tables, derived tables, table functions, joins. */
export abstract class TablesParser extends TableFunctionsParser {
  /** Tables separated by commas: a cross join that binds more loosely than JOIN. */
  readonly tables: Rule<TableExpression> = this.RULE('tables', () => {
    let left = this.SUBRULE(this.joinedTable);
    this.MANY(() => {
      this.CONSUME(P.Comma);
      const right = this.SUBRULE1(this.joinedTable);
      left = this.make(() => join(left, { type: 'CROSS', right, on: undefined, using: [] }));
    });
    return left;
  });

  private readonly joinedTable: Rule<TableExpression> = this.RULE('joinedTable', () => {
    let left = this.SUBRULE(this.table);
    this.MANY(() => {
      const tail = this.SUBRULE(this.joinTail);
      left = this.make(() => join(left, tail));
    });
    return left;
  });

  private readonly joinTail: Rule<JoinTail> = this.RULE('joinTail', () => {
    this.OPTION(() => {
      const natural = this.CONSUME(K.NATURAL);
      this.make(() => {
        throw this.unsupported('NATURAL JOIN', natural);
      });
    });
    const type = this.OPTION1(() => this.SUBRULE(this.joinType)) ?? 'INNER';
    this.CONSUME(K.JOIN);
    const right = this.SUBRULE(this.table);
    let on: Expression | undefined;
    let using: Identifier[] = [];
    this.OPTION2(() => {
      this.OR([
        { ALT: () => (this.CONSUME(K.ON), (on = this.SUBRULE(this.expression))) },
        { ALT: () => (this.CONSUME(K.USING), (using = this.SUBRULE(this.identifierList))) },
      ]);
    });
    return { type, right, on, using };
  });

  private readonly joinType: Rule<Join['type']> = this.RULE('joinType', () =>
    this.OR<Join['type']>([
      { ALT: () => (this.CONSUME(K.INNER), 'INNER') },
      { ALT: () => (this.CONSUME(K.CROSS), 'CROSS') },
      {
        ALT: () => {
          const type = this.OR1([
            { ALT: () => (this.CONSUME(K.LEFT), 'LEFT' as const) },
            { ALT: () => (this.CONSUME(K.RIGHT), 'RIGHT' as const) },
            { ALT: () => (this.CONSUME(K.FULL), 'FULL' as const) },
          ]);
          this.OPTION(() => this.CONSUME(K.OUTER));
          return type;
        },
      },
    ]),
  );

  private readonly table: Rule<TableExpression> = this.RULE('table', () =>
    this.OR<TableExpression>({
      DEF: [
        { GATE: () => this.LA(2).tokenType === P.LParen, ALT: () => this.SUBRULE(this.windowTable) },
        { ALT: () => this.SUBRULE(this.tableFunction) },
        { ALT: () => this.SUBRULE(this.lateral) },
        { ALT: () => this.SUBRULE(this.unnest) },
        { ALT: () => this.SUBRULE(this.parenthesizedTable) },
        { ALT: () => this.SUBRULE(this.namedTable) },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  private readonly namedTable: Rule<TableExpression> = this.RULE('namedTable', () => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.path);
    const hints = this.OPTION(() => this.SUBRULE(this.tableHints));
    const temporal = this.OPTION1(() => {
      this.CONSUME(K.FOR);
      this.CONSUME(K.SYSTEM_TIME);
      this.CONSUME(K.AS);
      this.CONSUME(K.OF);
      this.SUBRULE(this.expression);
      return true;
    });
    const alias = this.OPTION2(() => this.SUBRULE(this.alias));
    const match = this.OPTION3(() => {
      this.CONSUME(K.MATCH_RECOGNIZE);
      this.SUBRULE(this.balanced);
      this.OPTION4(() => this.SUBRULE1(this.alias));
      return true;
    });
    return this.make((): TableExpression => {
      if (temporal !== undefined) return this.otherTable('FOR SYSTEM_TIME AS OF', first);
      if (match !== undefined) return this.otherTable('MATCH_RECOGNIZE', first);
      return { kind: 'table', name, hints: hints ?? [], alias, position: name.position };
    });
  });

  /** `(query) alias`, or a join in parentheses. */
  private readonly parenthesizedTable: Rule<TableExpression> = this.RULE('parenthesizedTable', () =>
    this.nested(() => {
      const first = this.CONSUME(P.LParen);
      return this.OR<TableExpression>({
        DEF: [
          {
            GATE: () => this.queryAhead(0),
            ALT: () => {
              const query = this.SUBRULE(this.query);
              this.CONSUME(P.RParen);
              const alias = this.OPTION(() => this.SUBRULE(this.alias));
              return this.make((): TableExpression => ({ kind: 'derived', query, alias, position: position(first) }));
            },
          },
          {
            ALT: () => {
              const table = this.SUBRULE(this.tables);
              this.CONSUME1(P.RParen);
              return table;
            },
          },
        ],
        IGNORE_AMBIGUITIES: true,
      });
    }),
  );

  private readonly lateral: Rule<TableExpression> = this.RULE('lateral', () => {
    const first = this.CONSUME(K.LATERAL);
    this.OPTION(() => this.CONSUME(K.TABLE));
    this.SUBRULE(this.balanced);
    this.OPTION1(() => this.SUBRULE(this.alias));
    return this.make(() => this.otherTable('LATERAL', first));
  });

  private readonly unnest: Rule<TableExpression> = this.RULE('unnest', () => {
    const first = this.CONSUME(K.UNNEST);
    this.CONSUME(P.LParen);
    const expr = this.SUBRULE(this.expression);
    this.CONSUME(P.RParen);
    const ordinality = this.OPTION(() => {
      this.CONSUME(K.WITH);
      this.CONSUME(K.ORDINALITY);
      return true;
    });
    const alias = this.OPTION1(() => this.SUBRULE(this.alias));
    return this.make((): TableExpression => ({
      kind: 'unnest',
      expr,
      ordinality: ordinality === true,
      alias,
      position: position(first),
    }));
  });
}

function join(left: TableExpression, tail: JoinTail): TableExpression {
  return { kind: 'join', left, ...tail, position: left.position };
}
