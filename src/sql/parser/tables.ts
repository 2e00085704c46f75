import type { IToken } from 'chevrotain';
import type { Expression, Identifier, Join, TableAlias, TableExpression } from '../ast.ts';
import { nearestWord } from '../misspelling.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, valueOf, type Rule } from './base.ts';
import { SpecialCallsParser } from './special-calls.ts';
import { assembleWindow, type WindowArg, type WindowFunction } from './window-table.ts';

interface JoinTail {
  readonly type: Join['type'];
  readonly right: TableExpression;
  readonly on: Expression | undefined;
  readonly using: readonly Identifier[];
}

/** What stands behind FROM: tables, derived tables, window table functions, joins. */
export abstract class TablesParser extends SpecialCallsParser {
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

  /** `[AS] name [(column, ..)]` */
  private readonly alias: Rule<TableAlias> = this.RULE('alias', () => {
    this.OPTION(() => this.CONSUME(K.AS));
    const name = this.CONSUME(t.Name);
    const columns = this.OPTION1(() => this.SUBRULE(this.identifierList));
    return this.make(() => ({ name: valueOf(name), columns: (columns ?? []).map((column) => column.parts[0]) }));
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

  /** `TABLE(TUMBLE(..))`; any other function in TABLE(..) parses and is refused later. */
  private readonly tableFunction: Rule<TableExpression> = this.RULE('tableFunction', () => {
    const first = this.CONSUME(K.TABLE);
    return this.OR<TableExpression>({
      DEF: [
        {
          GATE: () => this.ahead(P.LParen) && isWindowFunction(this.LA(2)) && this.LA(3).tokenType === P.LParen,
          ALT: () => {
            this.CONSUME(P.LParen);
            const window = this.SUBRULE(this.windowTable);
            this.CONSUME(P.RParen);
            const alias = this.OPTION(() => this.SUBRULE(this.alias));
            return this.make(() => ({
              ...window,
              ...(alias === undefined ? {} : { alias }),
              position: position(first),
            }));
          },
        },
        {
          ALT: () => {
            this.SUBRULE(this.balanced);
            this.OPTION1(() => this.SUBRULE1(this.alias));
            return this.make(() => {
              const name = this.tokens[this.tokens.findIndex((token) => token.startOffset === first.startOffset) + 2];
              const near = nearestWord(name.image, WINDOW_FUNCTIONS);
              if (near !== undefined) {
                throw this.fail('sql-syntax', `unknown table function '${name.image}'`, name, `did you mean ${near}?`);
              }
              return this.otherTable(`the table function ${name.image}(..)`, first);
            });
          },
        },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  private readonly windowTable: Rule<TableExpression> = this.RULE('windowTable', () => {
    const first = this.LA(1);
    const fn = this.OR<WindowFunction>([
      { ALT: () => (this.CONSUME(K.TUMBLE), 'TUMBLE') },
      { ALT: () => (this.CONSUME(K.HOP), 'HOP') },
      { ALT: () => (this.CONSUME(K.CUMULATE), 'CUMULATE') },
      { ALT: () => (this.CONSUME(K.SESSION), 'SESSION') },
    ]);
    const args: WindowArg[] = [];
    this.CONSUME(P.LParen);
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => args.push(this.SUBRULE(this.windowArg)) });
    this.CONSUME(P.RParen);
    const alias = this.OPTION(() => this.SUBRULE(this.alias));
    return this.make((): TableExpression => {
      const parts = assembleWindow(fn, args, position(first));
      if ('summary' in parts) throw this.failAt('sql-window', parts.summary, parts.position);
      return { kind: 'window-table', function: fn, ...parts, alias, position: position(first) };
    });
  });

  private readonly windowArg: Rule<WindowArg> = this.RULE('windowArg', () => {
    const first = this.LA(1);
    const name = this.OPTION({
      GATE: () => this.LA(2).tokenType === P.Arrow,
      DEF: () => {
        const token = this.OR([{ ALT: () => this.CONSUME(t.Name) }, { ALT: () => this.CONSUME(K.OFFSET) }]);
        this.CONSUME(P.Arrow);
        return token;
      },
    });
    const value = this.OR1<WindowArg['value']>({
      DEF: [
        { ALT: () => this.SUBRULE(this.windowInput) },
        { GATE: () => this.LA(2).tokenType === P.LParen, ALT: () => this.SUBRULE(this.descriptor) },
        { ALT: () => ({ kind: 'expression', expr: this.SUBRULE(this.expression) }) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
    return this.make((): WindowArg => ({
      name: name === undefined ? undefined : valueOf(name),
      value,
      position: position(first),
    }));
  });

  private readonly descriptor: Rule<WindowArg['value']> = this.RULE('descriptor', (): WindowArg['value'] => {
    this.CONSUME(K.DESCRIPTOR);
    const columns = this.SUBRULE(this.identifierList);
    return { kind: 'descriptor', columns };
  });

  /** `TABLE name [PARTITION BY ..]` or `TABLE (query)`, with or without the word TABLE before a query. */
  private readonly windowInput: Rule<WindowArg['value']> = this.RULE('windowInput', (): WindowArg['value'] => {
    const input = this.OR<TableExpression>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(K.TABLE);
            return this.OR1<TableExpression>([
              { ALT: () => this.SUBRULE(this.inputName) },
              { ALT: () => this.SUBRULE(this.inputQuery) },
            ]);
          },
        },
        { GATE: () => this.queryAhead(1), ALT: () => this.SUBRULE1(this.inputQuery) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
    const partitionBy = this.OPTION(() => {
      this.CONSUME(K.PARTITION);
      this.CONSUME(K.BY);
      return this.OR2<Identifier[]>([
        { ALT: () => [this.SUBRULE(this.identifier)] },
        { ALT: () => this.SUBRULE(this.identifierList) },
      ]);
    });
    return { kind: 'table', input, partitionBy: partitionBy ?? [] };
  });

  private readonly inputName: Rule<TableExpression> = this.RULE('inputName', () => {
    const name = this.SUBRULE(this.path);
    const hints = this.OPTION(() => this.SUBRULE(this.tableHints));
    return this.make((): TableExpression => ({
      kind: 'table',
      name,
      hints: hints ?? [],
      alias: undefined,
      position: name.position,
    }));
  });

  private readonly inputQuery: Rule<TableExpression> = this.RULE('inputQuery', () => {
    const first = this.CONSUME(P.LParen);
    const query = this.SUBRULE(this.query);
    this.CONSUME(P.RParen);
    return this.make((): TableExpression => ({ kind: 'derived', query, alias: undefined, position: position(first) }));
  });

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

  private otherTable(feature: string, first: IToken): TableExpression {
    return { kind: 'other-table', feature, text: this.textFrom(first), position: position(first) };
  }
}

function join(left: TableExpression, tail: JoinTail): TableExpression {
  return { kind: 'join', left, ...tail, position: left.position };
}

const WINDOW_FUNCTIONS = ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'];

function isWindowFunction(token: IToken): boolean {
  return [K.TUMBLE, K.HOP, K.CUMULATE, K.SESSION].includes(token.tokenType);
}
