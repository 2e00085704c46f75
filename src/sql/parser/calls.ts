import type { IToken } from 'chevrotain';
import type { Expression, Identifier, WindowSpec } from '../ast.ts';
import { isBareName } from '../reserved-words.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, valueOf, type Rule } from './base.ts';
import { OverParser } from './over.ts';

export interface CallArgs {
  readonly args: readonly Expression[];
  readonly star: boolean;
  readonly distinct: boolean;
  /** A part that only a few functions have (`RETURNING`, `TO unit`); it names the feature. */
  readonly special: string | undefined;
  /** The text of that part. */
  readonly clauses?: string;
}

/** What may stand behind the parentheses of a call. */
export interface CallSuffix {
  readonly nulls?: 'ignore' | 'respect';
  readonly filter?: Expression;
  readonly over?: boolean;
  readonly window?: WindowSpec;
}

interface Tail {
  readonly special: string;
  readonly clauses: string;
}

/** Column references and calls, with FILTER and OVER. */
export abstract class CallsParser extends OverParser {
  protected override readonly nameOrCall: Rule<Expression> = this.RULE('nameOrCall', () =>
    this.OR<Expression>([
      { ALT: () => this.SUBRULE(this.pathOrCall) },
      {
        ALT: () => {
          const name = this.CONSUME(t.FunctionWord);
          const call = this.SUBRULE(this.callArgs);
          return this.finish(name, () => valueOf(name).toUpperCase(), call);
        },
      },
      {
        ALT: () => {
          const name = this.CONSUME(t.BareFunction);
          return this.make(() => this.bareCall(name));
        },
      },
    ]),
  );

  private readonly pathOrCall: Rule<Expression> = this.RULE('pathOrCall', () => {
    const first = this.LA(1);
    const path = this.SUBRULE(this.path);
    return (
      this.OPTION(() => {
        const call = this.SUBRULE(this.callArgs);
        const name = (): string =>
          first.tokenType === t.QuotedIdentifier ? path.parts[0] : path.parts[0].toUpperCase();
        const expr = this.finish(first, name, call);
        return this.make(() =>
          path.parts.length === 1 ? expr : this.other('a function of a catalog', first, call.args),
        );
      }) ?? this.make(() => this.named(first, path))
    );
  });

  private named(first: IToken, { parts, position }: Identifier): Expression {
    const isCall = parts.length === 1 && first.tokenType === t.Identifier && isBareName(first.image);
    return isCall ? this.bareCall(first) : { kind: 'column', parts, position };
  }

  private bareCall(word: IToken): Expression {
    return { ...this.call(word, word.image.toUpperCase(), NO_ARGS), bare: word.image };
  }

  private readonly callArgs: Rule<CallArgs> = this.RULE('callArgs', () => {
    this.CONSUME(P.LParen);
    let distinct = false;
    let special: string | undefined;
    let clauses: string | undefined;
    const args: Expression[] = [];
    const star = this.OR([
      { ALT: () => (this.CONSUME(P.Star), true) },
      {
        ALT: () => {
          this.OPTION(() => {
            distinct = this.OR1([
              { ALT: () => (this.CONSUME(K.DISTINCT), true) },
              { ALT: () => (this.CONSUME(K.ALL), false) },
            ]);
          });
          this.MANY_SEP({
            SEP: P.Comma,
            DEF: () => {
              const arg = this.SUBRULE(this.callArg);
              this.make(() => (typeof arg === 'string' ? (special = arg) : args.push(arg)));
            },
          });
          this.OPTION1({
            GATE: () => !this.ahead(t.ReservedWord) || /^(DEFAULT|EMPTY)$/i.test(this.LA(1).image),
            DEF: () => {
              const tail = this.SUBRULE(this.specialTail);
              this.make(() => ('special' in tail ? ({ special, clauses } = tail) : args.push(tail)));
            },
          });
          return false;
        },
      },
    ]);
    const close = this.CONSUME(P.RParen);
    this.make(() => {
      if (distinct && args.length === 0) throw this.fail('sql-syntax', 'DISTINCT lacks an expression', close);
    });
    return { args, star, distinct, special, clauses };
  });

  /** An expression, a unit of time (`TIMESTAMPDIFF(DAY, a, b)`), or the name of a special form. */
  private readonly callArg: Rule<Expression | string> = this.RULE('callArg', () =>
    this.OR<Expression | string>({
      DEF: [
        {
          GATE: () => this.ahead(t.Any, P.Comma),
          ALT: () => {
            const unit = this.SUBRULE(this.reservedUnit);
            return this.make((): Expression => timeUnit(unit));
          },
        },
        {
          GATE: () => this.ahead(t.Name, P.Arrow),
          ALT: () => {
            this.CONSUME(t.Name);
            this.CONSUME(P.Arrow);
            this.SUBRULE(this.expression);
            return 'a named argument';
          },
        },
        { ALT: () => this.SUBRULE1(this.expression) },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  /** Any unit, also those that are no words of the grammar (MILLISECOND, EPOCH). */
  protected readonly unitArgument: Rule<Expression> = this.RULE('unitArgument', () => {
    const first = this.LA(1);
    this.OR([{ ALT: () => this.SUBRULE(this.timeUnit) }, { ALT: () => this.CONSUME(t.Identifier) }]);
    return this.make(() => timeUnit(first));
  });

  private readonly reservedUnit: Rule<IToken> = this.RULE('reservedUnit', () =>
    this.OR([
      { ALT: () => this.CONSUME(K.YEAR) },
      { ALT: () => this.CONSUME(K.MONTH) },
      { ALT: () => this.CONSUME(K.DAY) },
      { ALT: () => this.CONSUME(K.HOUR) },
      { ALT: () => this.CONSUME(K.MINUTE) },
      { ALT: () => this.CONSUME(K.SECOND) },
    ]),
  );

  /** `FLOOR(x TO unit)` and what JSON functions have behind their arguments. */
  private readonly specialTail: Rule<Expression | Tail> = this.RULE('specialTail', () =>
    this.OR<Expression | Tail>([
      { ALT: () => (this.CONSUME(K.TO), this.SUBRULE(this.unitArgument)) },
      {
        ALT: () => {
          const first = this.OR1([
            { ALT: () => this.CONSUME(t.Identifier) },
            { ALT: () => this.CONSUME(K.WITH) },
            { ALT: () => this.CONSUME(K.WITHOUT) },
            { ALT: () => this.CONSUME(K.NULL) },
            { ALT: () => this.CONSUME(K.TRUE) },
            { ALT: () => this.CONSUME(K.FALSE) },
            { ALT: () => this.CONSUME(K.UNKNOWN) },
            { ALT: () => this.CONSUME(t.ReservedWord) },
          ]);
          const nulls = this.ahead(K.NULLS, P.RParen);
          this.MANY(() => this.OR2([{ ALT: () => this.CONSUME(t.Any) }, { ALT: () => this.SUBRULE(this.balanced) }]));
          return this.make(() => {
            if (nulls && /^(IGNORE|RESPECT)$/i.test(first.image))
              return { special: `${first.image.toUpperCase()} NULLS`, clauses: this.textFrom(first) };
            if (/^(RETURNING|WITH|WITHOUT|NULL|ERROR|ABSENT|EMPTY|DEFAULT|TRUE|FALSE|UNKNOWN)$/i.test(first.image))
              return { special: first.image.toUpperCase(), clauses: this.textFrom(first) };
            throw this.fail('sql-syntax', `unexpected '${first.image}'`, first, "arguments are separated by ','");
          });
        },
      },
    ]),
  );

  /** FILTER and OVER behind a call. */
  private finish(first: IToken, name: () => string, call: CallArgs): Expression {
    const suffix = this.SUBRULE(this.callSuffix);
    return this.make(() => {
      const nulls = NULL_TREATMENTS.get(call.special ?? '');
      if (nulls !== undefined) return { ...this.call(first, name(), call), nulls, ...suffix };
      if (name() === 'JSON_ARRAYAGG') return this.jsonAggregate(first, name(), call, suffix);
      if (call.special !== undefined) {
        const words = call.clauses === undefined ? undefined : [name(), call.clauses];
        return this.other(`${name()} with ${call.special}`, first, call.args, words);
      }
      return { ...this.call(first, name(), call), ...suffix };
    });
  }

  private call(first: IToken, name: string, { args, star, distinct }: CallArgs) {
    const over = false;
    return {
      kind: 'function' as const,
      name,
      args: UNIT_FIRST.has(name) ? args.map(firstUnit) : args,
      star,
      distinct,
      filter: undefined,
      over,
      position: position(first),
    };
  }

  /** JSON_ARRAYAGG and JSON_OBJECTAGG. In SQL as Flink has it they take neither DISTINCT nor FILTER nor OVER. */
  protected jsonAggregate(first: IToken, name: string, call: CallArgs, suffix: CallSuffix): Expression {
    const refused = call.distinct ? 'DISTINCT' : Object.keys(suffix)[0]?.toUpperCase();
    if (refused !== undefined) throw this.fail('sql-syntax', `${name} takes no ${refused}`, first);
    const onNull = call.clauses === undefined ? undefined : ON_NULL.get(call.clauses.toUpperCase());
    if (call.special !== undefined && onNull === undefined) {
      const given = call.clauses ?? call.special;
      throw this.fail('sql-syntax', `${name} has no '${given}'`, first, 'NULL ON NULL or ABSENT ON NULL');
    }
    return { ...this.call(first, name, call), ...(onNull === undefined ? {} : { onNull }) };
  }

  protected readonly callSuffix: Rule<CallSuffix> = this.RULE('callSuffix', () => {
    const nulls = this.OPTION2({
      GATE: () => this.ahead(t.Identifier, K.NULLS) && NULL_TREATMENTS.has(`${this.LA(1).image.toUpperCase()} NULLS`),
      DEF: () => {
        const word = this.CONSUME(t.Identifier);
        this.CONSUME(K.NULLS);
        return this.make(() => NULL_TREATMENTS.get(`${word.image.toUpperCase()} NULLS`));
      },
    });
    const filter = this.OPTION(() => {
      this.CONSUME(K.FILTER);
      this.CONSUME(P.LParen);
      this.CONSUME(K.WHERE);
      const condition = this.SUBRULE(this.expression);
      this.CONSUME(P.RParen);
      return condition;
    });
    const window = this.OPTION1(() => {
      this.CONSUME(K.OVER);
      return this.SUBRULE(this.windowSpec);
    });
    return this.make(() => ({
      ...(nulls === undefined ? {} : { nulls }),
      ...(filter === undefined ? {} : { filter }),
      ...(window === undefined ? {} : { over: true, window }),
    }));
  });

  protected plainCall(first: IToken, name: string, args: readonly Expression[]): Expression {
    return this.call(first, name, { ...NO_ARGS, args });
  }
}

const NULL_TREATMENTS: ReadonlyMap<string, 'ignore' | 'respect'> = new Map([
  ['IGNORE NULLS', 'ignore'],
  ['RESPECT NULLS', 'respect'],
]);
const ON_NULL: ReadonlyMap<string, 'null' | 'absent'> = new Map([
  ['NULL ON NULL', 'null'],
  ['ABSENT ON NULL', 'absent'],
]);
const NO_ARGS: CallArgs = { args: [], star: false, distinct: false, special: undefined };

/** Their first argument is a unit; those that are ordinary words were read as columns. */
const UNIT_FIRST: ReadonlySet<string> = new Set(['TIMESTAMPADD', 'TIMESTAMPDIFF']);

function firstUnit(arg: Expression, index: number): Expression {
  if (index > 0 || arg.kind !== 'column' || arg.parts.length > 1) return arg;
  return { kind: 'time-unit', unit: singular(arg.parts[0]), position: arg.position };
}

function timeUnit(token: IToken): Expression {
  return { kind: 'time-unit', unit: singular(token.image), position: position(token) };
}

function singular(unit: string): string {
  return unit
    .toUpperCase()
    .replace(/^SQL_TSI_/, '')
    .replace(/S$/, '');
}
