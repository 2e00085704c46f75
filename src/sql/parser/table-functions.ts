import type { IToken } from 'chevrotain';
import type { Identifier, TableAlias, TableExpression } from '../ast.ts';
import { nearestWord } from '../misspelling.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, valueOf, type Rule } from './base.ts';
import { SpecialCallsParser } from './special-calls.ts';
import { assembleWindow, type WindowArg, type WindowFunction } from './window-table.ts';

/** Functions that stand for tables: TUMBLE, HOP, CUMULATE and SESSION, by themselves or in TABLE(..). */
export abstract class TableFunctionsParser extends SpecialCallsParser {
  /** `TABLE(TUMBLE(..))`; any other function in TABLE(..) parses and is refused later. */
  protected readonly tableFunction: Rule<TableExpression> = this.RULE('tableFunction', () => {
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

  protected readonly windowTable: Rule<TableExpression> = this.RULE('windowTable', () => {
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

  /** `[AS] name [(column, ..)]` */
  protected readonly alias: Rule<TableAlias> = this.RULE('alias', () => {
    this.OPTION(() => this.CONSUME(K.AS));
    const name = this.CONSUME(t.Name);
    const columns = this.OPTION1(() => this.SUBRULE(this.identifierList));
    return this.make(() => ({ name: valueOf(name), columns: (columns ?? []).map((column) => column.parts[0]) }));
  });

  protected otherTable(feature: string, first: IToken): TableExpression {
    return { kind: 'other-table', feature, text: this.textFrom(first), position: position(first) };
  }
}

const WINDOW_FUNCTIONS = ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'];

function isWindowFunction(token: IToken): boolean {
  return [K.TUMBLE, K.HOP, K.CUMULATE, K.SESSION].includes(token.tokenType);
}
