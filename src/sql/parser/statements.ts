import { EOF, type IToken } from 'chevrotain';
import type { Explain, Expression, Insert, Query, Statement, StatementSet } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, type Rule } from './base.ts';
import { DdlParser } from './ddl.ts';

/**
 * The whole grammar; each class below adds a part: types, primaries, expressions, calls, tables, SELECT, queries, DDL.
 * The three entry rules end at the end of the statement.
 */
export class SqlParser extends DdlParser {
  constructor(checkGrammar = false) {
    super(checkGrammar);
    this.performSelfAnalysis();
  }

  readonly statementEntry: Rule<Statement> = this.RULE('statementEntry', () => {
    const statement = this.SUBRULE(this.statement);
    this.CONSUME(EOF);
    return statement;
  });

  readonly queryEntry: Rule<Query> = this.RULE('queryEntry', () => {
    const query = this.SUBRULE(this.query);
    this.CONSUME(EOF);
    return query;
  });

  readonly expressionEntry: Rule<Expression> = this.RULE('expressionEntry', () => {
    const expression = this.SUBRULE(this.expression);
    this.CONSUME(EOF);
    return expression;
  });

  private readonly statement: Rule<Statement> = this.RULE('statement', () =>
    this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.create) },
      { ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.execute) },
      { ALT: () => this.SUBRULE(this.beginSet) },
      { ALT: () => this.SUBRULE(this.explain) },
      { ALT: () => this.SUBRULE(this.query) },
    ]),
  );

  private readonly insert: Rule<Insert> = this.RULE('insert', () => {
    const first = this.CONSUME(K.INSERT);
    const overwrite = this.OR([
      { ALT: () => (this.CONSUME(K.INTO), false) },
      { ALT: () => (this.CONSUME(K.OVERWRITE), true) },
    ]);
    const target = this.SUBRULE(this.path);
    this.OPTION(() => this.SUBRULE(this.refusedInsertPart));
    const columns = this.OPTION1({
      GATE: () => !this.queryAhead(0),
      DEF: () => this.SUBRULE(this.identifierList),
    });
    const query = this.SUBRULE(this.query);
    this.OPTION2(() => {
      const on = this.CONSUME(K.ON);
      this.CONSUME(K.CONFLICT);
      this.make(() => {
        throw this.unsupported('ON CONFLICT', on);
      });
    });
    return this.make((): Insert => ({
      kind: 'insert',
      overwrite,
      target,
      columns: columns ?? [],
      query,
      position: position(first),
    }));
  });

  private readonly refusedInsertPart: Rule<void> = this.RULE('refusedInsertPart', () => {
    const token = this.OR([{ ALT: () => this.CONSUME(P.HintStart) }, { ALT: () => this.CONSUME(K.PARTITION) }]);
    this.make(() => {
      throw this.unsupported(
        token.tokenType === K.PARTITION ? 'INSERT .. PARTITION (..)' : 'a hint on the target of INSERT',
        token,
      );
    });
  });

  private readonly execute: Rule<Insert | StatementSet | Query> = this.RULE('execute', () => {
    const first = this.CONSUME(K.EXECUTE);
    return this.OR<Insert | StatementSet | Query>([
      { ALT: () => this.SUBRULE(this.query) },
      { ALT: () => this.SUBRULE(this.insert) },
      {
        ALT: () => {
          const set = this.SUBRULE(this.statementSet);
          return this.make(() => ({ ...set, position: position(first) }));
        },
      },
    ]);
  });

  /** `STATEMENT SET BEGIN insert; .. END` */
  private readonly statementSet: Rule<StatementSet> = this.RULE('statementSet', () => {
    const first = this.CONSUME(K.STATEMENT);
    this.CONSUME(K.SET);
    this.CONSUME(K.BEGIN);
    const inserts = this.SUBRULE(this.inserts);
    this.CONSUME(K.END);
    return this.make((): StatementSet => ({ kind: 'statement-set', inserts, position: position(first) }));
  });

  /** `BEGIN STATEMENT SET; insert; .. END`, as clients write it. */
  private readonly beginSet: Rule<StatementSet> = this.RULE('beginSet', () => {
    const first = this.CONSUME(K.BEGIN);
    this.CONSUME(K.STATEMENT);
    this.CONSUME(K.SET);
    this.CONSUME(P.Semicolon);
    const inserts = this.SUBRULE(this.inserts);
    this.CONSUME(K.END);
    return this.make((): StatementSet => ({ kind: 'statement-set', inserts, position: position(first) }));
  });

  private readonly inserts: Rule<Insert[]> = this.RULE('inserts', () => {
    const inserts: Insert[] = [];
    this.AT_LEAST_ONE(() => {
      inserts.push(this.SUBRULE(this.insert));
      this.CONSUME(P.Semicolon);
    });
    return inserts;
  });

  private readonly explain: Rule<Explain> = this.RULE('explain', () => {
    const first = this.CONSUME(K.EXPLAIN);
    const details: IToken[] = [];
    this.OPTION(() => {
      this.OR([
        {
          GATE: () => this.ahead(K.PLAN, K.FOR),
          ALT: () => {
            this.CONSUME(K.PLAN);
            this.CONSUME(K.FOR);
          },
        },
        {
          ALT: () =>
            this.AT_LEAST_ONE_SEP({
              SEP: P.Comma,
              DEF: () => {
                const detail = this.CONSUME(t.Name);
                this.make(() => details.push(detail));
              },
            }),
        },
      ]);
    });
    const statement = this.OR1<Explain['statement']>([
      { ALT: () => this.SUBRULE(this.query) },
      { ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.execute) },
      { ALT: () => this.SUBRULE(this.statementSet) },
    ]);
    return this.make((): Explain => {
      const unknown = details.find((detail) => !DETAILS.includes(detail.image.toUpperCase()));
      if (unknown !== undefined) {
        const hint = `known are ${DETAILS.join(', ')}`;
        throw this.fail('sql-syntax', `EXPLAIN has no detail '${unknown.image}'`, unknown, hint);
      }
      const names = details.map((detail) => detail.image.toUpperCase());
      return { kind: 'explain', details: names, statement, position: position(first) };
    });
  });
}

const DETAILS = ['ESTIMATED_COST', 'CHANGELOG_MODE', 'JSON_EXECUTION_PLAN', 'PLAN_ADVICE'];
