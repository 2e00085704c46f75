import type { IToken } from 'chevrotain';
import type { CaseExpression, Expression, LiteralExpr, Query } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, valueOf, type Rule } from './base.ts';
import { TypesParser } from './types.ts';

/** What expressions are made of: literals, CASE, CAST, parentheses, constructors, and (in calls.ts) calls. */
export abstract class PrimariesParser extends TypesParser {
  abstract readonly expression: Rule<Expression>;
  abstract readonly query: Rule<Query>;
  protected abstract readonly nameOrCall: Rule<Expression>;
  protected abstract readonly specialCall: Rule<Expression>;

  protected readonly primary: Rule<Expression> = this.RULE('primary', () =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.literal) },
        { ALT: () => this.SUBRULE(this.interval) },
        { ALT: () => this.SUBRULE(this.caseExpression) },
        { ALT: () => this.SUBRULE(this.cast) },
        { ALT: () => this.SUBRULE(this.exists) },
        { ALT: () => this.SUBRULE(this.constructorCall) },
        { ALT: () => this.SUBRULE(this.parenthesized) },
        { ALT: () => this.SUBRULE(this.specialCall) },
        { ALT: () => this.SUBRULE(this.nameOrCall) },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  private readonly literal: Rule<Expression> = this.RULE('literal', () => {
    const type = this.OR([
      { ALT: () => (this.CONSUME(t.NumberLiteral), 'number' as const) },
      { ALT: () => (this.CONSUME(t.StringLiteral), 'string' as const) },
      { ALT: () => (this.CONSUME(t.BinaryLiteral), 'binary' as const) },
      { ALT: () => (this.CONSUME(K.TRUE), 'boolean' as const) },
      { ALT: () => (this.CONSUME(K.FALSE), 'boolean' as const) },
      { ALT: () => (this.CONSUME(K.UNKNOWN), 'boolean' as const) },
      { ALT: () => (this.CONSUME(K.NULL), 'null' as const) },
      { ALT: () => (this.CONSUME(K.DATE), this.CONSUME1(t.StringLiteral), 'date' as const) },
      { ALT: () => (this.CONSUME(K.TIME), this.CONSUME2(t.StringLiteral), 'time' as const) },
      { ALT: () => (this.CONSUME(K.TIMESTAMP), this.CONSUME3(t.StringLiteral), 'timestamp' as const) },
    ]);
    const token = this.LA(0);
    return this.make(() => {
      const typed = type === 'date' || type === 'time' || type === 'timestamp';
      return literal(type, token, typed ? this.LA(-1) : token);
    });
  });

  private readonly interval: Rule<Expression> = this.RULE('interval', () => {
    const first = this.CONSUME(K.INTERVAL);
    const sign = this.OPTION(() =>
      this.OR([{ ALT: () => this.CONSUME(P.Minus) }, { ALT: () => this.CONSUME(P.Plus) }]),
    );
    const text = this.SUBRULE(this.stringValue);
    const from = this.SUBRULE(this.timeUnit);
    const sizes = this.OPTION1(() => this.SUBRULE(this.sizes));
    const to = this.OPTION2(() => {
      this.CONSUME(K.TO);
      return this.SUBRULE1(this.timeUnit);
    });
    const toSizes = this.OPTION3(() => this.SUBRULE1(this.sizes));
    return this.make((): Expression => {
      const toPrecision = sizes?.[1] ?? toSizes?.[0];
      return {
        kind: 'interval',
        text,
        negative: sign?.image === '-',
        from,
        fromPrecision: sizes?.[0],
        to,
        ...(toPrecision === undefined ? {} : { toPrecision }),
        position: position(first),
      };
    });
  });

  private readonly caseExpression: Rule<Expression> = this.RULE('caseExpression', () => {
    const first = this.CONSUME(K.CASE);
    const operand = this.OPTION(() => this.SUBRULE(this.expression));
    const branches: CaseExpression['branches'][number][] = [];
    this.AT_LEAST_ONE(() => {
      this.CONSUME(K.WHEN);
      const when = this.SUBRULE(this.expressionList);
      this.CONSUME(K.THEN);
      const then = this.SUBRULE1(this.expression);
      this.make(() => {
        if (operand === undefined && when.length > 1) {
          throw this.fail(
            'sql-syntax',
            'a CASE without an operand has one condition after each WHEN',
            first,
            'join conditions with OR',
          );
        }
        branches.push({ when, then });
      });
    });
    const otherwise = this.OPTION1(() => {
      this.CONSUME(K.ELSE);
      return this.SUBRULE2(this.expression);
    });
    this.CONSUME(K.END);
    return this.make((): Expression => ({ kind: 'case', operand, branches, otherwise, position: position(first) }));
  });

  private readonly cast: Rule<Expression> = this.RULE('cast', () => {
    const first = this.OR([{ ALT: () => this.CONSUME(K.CAST) }, { ALT: () => this.CONSUME(K.TRY_CAST) }]);
    this.CONSUME(P.LParen);
    const arg = this.SUBRULE(this.expression);
    this.CONSUME(K.AS);
    const type = this.SUBRULE(this.dataType);
    this.CONSUME(P.RParen);
    return this.make((): Expression => {
      const tryCast = first.tokenType === K.TRY_CAST;
      return { kind: 'cast', tryCast, arg, type, position: position(first) };
    });
  });

  private readonly exists: Rule<Expression> = this.RULE('exists', () => {
    const first = this.CONSUME(K.EXISTS);
    this.CONSUME(P.LParen);
    this.SUBRULE(this.query);
    this.CONSUME(P.RParen);
    return this.make(() => this.other('EXISTS (subquery)', first, []));
  });

  /** `ARRAY[..]`, `MAP[..]`, `ROW(..)`, and `PERIOD (a, b)`, which is a row too. */
  private readonly constructorCall: Rule<Expression> = this.RULE('constructorCall', () => {
    const first = this.LA(1);
    const args: Expression[] = [];
    const feature = this.OR([
      {
        ALT: () => {
          const name = this.OR1([{ ALT: () => this.CONSUME(K.ARRAY) }, { ALT: () => this.CONSUME(K.MAP) }]);
          this.CONSUME(P.LBracket);
          this.MANY_SEP({ SEP: P.Comma, DEF: () => args.push(this.SUBRULE(this.expression)) });
          this.CONSUME(P.RBracket);
          return this.make(() => `${name.image.toUpperCase()}[..]`);
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.ROW);
          this.CONSUME(P.LParen);
          this.MANY_SEP1({ SEP: P.Comma, DEF: () => args.push(this.SUBRULE1(this.expression)) });
          this.CONSUME(P.RParen);
          return 'ROW(..)';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.PERIOD);
          this.CONSUME1(P.LParen);
          args.push(this.SUBRULE2(this.expression));
          this.CONSUME(P.Comma);
          args.push(this.SUBRULE3(this.expression));
          this.CONSUME1(P.RParen);
          return 'ROW(..)';
        },
      },
    ]);
    return this.make(() => this.other(feature, first, args));
  });

  /** `(expr)`, `(a, b)` as a row, `(query)` as a scalar. */
  private readonly parenthesized: Rule<Expression> = this.RULE('parenthesized', () => {
    const first = this.CONSUME(P.LParen);
    const inner = this.OR<Expression[] | undefined>({
      DEF: [
        {
          GATE: () => this.queryAhead(0),
          ALT: () => {
            this.SUBRULE(this.query);
            return undefined;
          },
        },
        { ALT: () => this.SUBRULE(this.expressionList) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
    this.CONSUME(P.RParen);
    // Other units are no reserved words: there they are an alias.
    const units = this.OPTION({
      GATE: () => RESERVED_UNITS.includes(this.LA(1).tokenType),
      DEF: () => this.SUBRULE(this.intervalUnits),
    });
    return this.make(() => {
      if (units !== undefined) return this.difference(first, inner, units);
      if (inner === undefined) return this.other('a scalar subquery', first, []);
      return inner.length === 1 ? inner[0] : this.other('(a, b) as a row', first, inner);
    });
  });

  /** What follows `(a - b)` to make the difference an interval. */
  private readonly intervalUnits: Rule<Units> = this.RULE('intervalUnits', () => {
    const from = this.SUBRULE(this.timeUnit);
    this.OPTION(() => this.SUBRULE(this.sizes));
    const to = this.OPTION1(() => {
      this.CONSUME(K.TO);
      const unit = this.SUBRULE1(this.timeUnit);
      this.OPTION2(() => this.SUBRULE1(this.sizes));
      return unit;
    });
    return { from, to };
  });

  private difference(first: IToken, inner: readonly Expression[] | undefined, { from, to }: Units): Expression {
    const [only] = inner ?? [];
    if (inner?.length !== 1 || only.kind !== 'binary' || only.op !== '-') {
      throw this.fail('sql-syntax', `'${from}' may follow (a - b) only`, first, "an interval is INTERVAL '1' DAY");
    }
    return { kind: 'time-difference', left: only.left, right: only.right, from, to, position: position(first) };
  }

  readonly expressionList: Rule<Expression[]> = this.RULE('expressionList', () => {
    const list: Expression[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => list.push(this.SUBRULE(this.expression)) });
    return list;
  });

  /** An expression with syntax of its own, which is printed as it was written. */
  protected other(
    feature: string,
    first: IToken,
    args: readonly Expression[],
    words: readonly string[] | undefined = undefined,
  ): Expression {
    const node = { kind: 'other-expr' as const, feature, args, text: this.textFrom(first), position: position(first) };
    return words === undefined ? node : { ...node, words };
  }

  /**
   * Whether what starts after `skipped` tokens is a query, not an expression in parentheses: `(SELECT 1)` is a query,
   * `(SELECT 1) + 2` is not.
   */
  protected queryAhead(skipped: number): boolean {
    let opened = 0;
    while (this.LA(1 + skipped + opened).tokenType === P.LParen) opened++;
    const start = 1 + skipped + opened;
    const starts = this.LA(start).tokenType;
    // TABLE(f(..)) is a table, TABLE t a query.
    const explicit = starts === K.TABLE && this.LA(start + 1).tokenType !== P.LParen;
    if (!explicit && ![K.SELECT, K.VALUES, K.WITH].includes(starts)) return false;
    // Each parenthesis has to close around a query: `((SELECT 1) ORDER BY 1) JOIN t` begins with one, and is none.
    let at = start;
    for (let level = 0; level < opened; level++) {
      at = this.closing(at) + 1;
      if (!QUERY_GOES_ON.includes(this.LA(at).tokenType)) return false;
    }
    return true;
  }

  /** The distance of the parenthesis that closes the one before `start`. */
  private closing(start: number): number {
    let open = 1;
    for (let i = start; ; i++) {
      const type = this.LA(i).tokenType;
      if (type === P.LParen) open++;
      else if (type === t.EOF || (type === P.RParen && --open === 0)) return i;
    }
  }
}

interface Units {
  readonly from: string;
  readonly to: string | undefined;
}

const RESERVED_UNITS = [K.YEAR, K.MONTH, K.DAY, K.HOUR, K.MINUTE, K.SECOND];

/** What may follow a query in parentheses for the whole to be a query still. */
const QUERY_GOES_ON = [P.RParen, K.UNION, K.INTERSECT, K.EXCEPT, K.ORDER, K.LIMIT, K.OFFSET, K.FETCH, t.EOF];

function literal(type: LiteralExpr['type'], token: IToken, first: IToken): Expression {
  const text = type === 'boolean' || type === 'null' ? token.image.toUpperCase() : valueOf(token);
  return { kind: 'literal', type, text, position: position(first) };
}

/** `(a, b)` or `ROW(a, b)`. */
export function isRow(expr: Expression): expr is Extract<Expression, { kind: 'other-expr' }> {
  return expr.kind === 'other-expr' && (expr.feature === '(a, b) as a row' || expr.feature === 'ROW(..)');
}
