import type { Expression } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import type { Rule } from './base.ts';
import { CallsParser } from './calls.ts';

/** EXTRACT, SUBSTRING and their like. */
export abstract class SpecialCallsParser extends CallsParser {
  /** Functions of the SQL standard with words between their arguments. */
  protected override readonly specialCall: Rule<Expression> = this.RULE('specialCall', () =>
    this.OR<Expression>([
      { ALT: () => this.SUBRULE(this.extract) },
      { ALT: () => this.SUBRULE(this.substring) },
      { ALT: () => this.SUBRULE(this.trim) },
      { ALT: () => this.SUBRULE(this.positionCall) },
      { ALT: () => this.SUBRULE(this.overlay) },
      { ALT: () => this.SUBRULE(this.jsonObject) },
    ]),
  );

  private readonly extract: Rule<Expression> = this.RULE('extract', () => {
    const first = this.CONSUME(K.EXTRACT);
    this.CONSUME(P.LParen);
    const unit = this.SUBRULE(this.unitArgument);
    this.CONSUME(K.FROM);
    const arg = this.SUBRULE(this.expression);
    this.CONSUME(P.RParen);
    return this.make(() => this.plainCall(first, 'EXTRACT', [unit, arg]));
  });

  private readonly substring: Rule<Expression> = this.RULE('substring', () => {
    const first = this.CONSUME(K.SUBSTRING);
    this.CONSUME(P.LParen);
    const args = [this.SUBRULE(this.expression)];
    this.OR([{ ALT: () => this.CONSUME(K.FROM) }, { ALT: () => this.CONSUME(P.Comma) }]);
    args.push(this.SUBRULE1(this.expression));
    this.OPTION(() => {
      this.OR1([{ ALT: () => this.CONSUME(K.FOR) }, { ALT: () => this.CONSUME1(P.Comma) }]);
      args.push(this.SUBRULE2(this.expression));
    });
    this.CONSUME(P.RParen);
    return this.make(() => this.plainCall(first, 'SUBSTRING', args));
  });

  private readonly trim: Rule<Expression> = this.RULE('trim', () => {
    const first = this.CONSUME(K.TRIM);
    this.CONSUME(P.LParen);
    const side = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(K.BOTH) },
        { ALT: () => this.CONSUME(K.LEADING) },
        { ALT: () => this.CONSUME(K.TRAILING) },
      ]),
    );
    const args: Expression[] = [];
    this.OPTION1(() => args.push(this.SUBRULE(this.expression)));
    const from = this.OPTION2(() => {
      this.CONSUME(K.FROM);
      args.push(this.SUBRULE1(this.expression));
      return true;
    });
    this.CONSUME(P.RParen);
    return this.make(() =>
      side === undefined && from === undefined
        ? this.plainCall(first, 'TRIM', args)
        : this.other('TRIM with FROM', first, args, [side?.image.toUpperCase() ?? 'BOTH']),
    );
  });

  private readonly positionCall: Rule<Expression> = this.RULE('positionCall', () => {
    const first = this.CONSUME(K.POSITION);
    this.CONSUME(P.LParen);
    const args = [this.SUBRULE(this.sum)];
    this.CONSUME(K.IN);
    args.push(this.SUBRULE(this.expression));
    this.OPTION(() => {
      this.CONSUME(K.FROM);
      args.push(this.SUBRULE1(this.expression));
    });
    this.CONSUME(P.RParen);
    return this.make(() => this.plainCall(first, 'POSITION', args));
  });

  private readonly overlay: Rule<Expression> = this.RULE('overlay', () => {
    const first = this.CONSUME(K.OVERLAY);
    this.CONSUME(P.LParen);
    const args = [this.SUBRULE(this.expression)];
    this.OR([{ ALT: () => this.CONSUME(K.PLACING) }, { ALT: () => this.CONSUME(P.Comma) }]);
    args.push(this.SUBRULE1(this.expression));
    this.OR1([{ ALT: () => this.CONSUME(K.FROM) }, { ALT: () => this.CONSUME1(P.Comma) }]);
    args.push(this.SUBRULE2(this.expression));
    this.OPTION(() => {
      this.OR2([{ ALT: () => this.CONSUME(K.FOR) }, { ALT: () => this.CONSUME2(P.Comma) }]);
      args.push(this.SUBRULE3(this.expression));
    });
    this.CONSUME(P.RParen);
    return this.make(() => this.plainCall(first, 'OVERLAY', args));
  });

  /** `JSON_OBJECT(KEY 'a' VALUE 1, 'b' VALUE 2, 'c': 3 ABSENT ON NULL)`, and JSON_OBJECTAGG with one pair. */
  private readonly jsonObject: Rule<Expression> = this.RULE('jsonObject', () => {
    const first = this.OR([{ ALT: () => this.CONSUME(K.JSON_OBJECT) }, { ALT: () => this.CONSUME(K.JSON_OBJECTAGG) }]);
    const args: Expression[] = [];
    this.CONSUME(P.LParen);
    this.MANY_SEP({
      SEP: P.Comma,
      DEF: () => {
        this.OPTION({
          GATE: () => ![K.VALUE, P.Colon].includes(this.LA(2).tokenType),
          DEF: () => this.CONSUME(K.KEY),
        });
        args.push(this.SUBRULE(this.expression));
        this.OR1([{ ALT: () => this.CONSUME(K.VALUE) }, { ALT: () => this.CONSUME(P.Colon) }]);
        args.push(this.SUBRULE1(this.expression));
      },
    });
    const nulls = this.OPTION1(() => this.SUBRULE(this.onNull));
    this.CONSUME(P.RParen);
    const suffix = this.SUBRULE(this.callSuffix);
    return this.make(() => {
      const name = first.image.toUpperCase();
      if (name === 'JSON_OBJECTAGG') {
        if (args.length !== 2) throw this.fail('sql-syntax', `${name} takes one pair of key and value`, first);
        const special = nulls && { special: nulls, clauses: nulls };
        return this.jsonAggregate(
          first,
          name,
          { args, star: false, distinct: false, special: undefined, ...special },
          suffix,
        );
      }
      const misplaced = Object.keys(suffix)[0];
      if (misplaced !== undefined) {
        throw this.fail('sql-syntax', `JSON_OBJECT takes no ${misplaced.toUpperCase()}`, first, 'it is no aggregate');
      }
      return this.other(name, first, args, [name, nulls ?? 'NULL ON NULL']);
    });
  });

  private readonly onNull: Rule<'NULL ON NULL' | 'ABSENT ON NULL'> = this.RULE('onNull', () => {
    const what = this.OR([
      { ALT: () => (this.CONSUME(K.NULL), 'NULL ON NULL' as const) },
      {
        GATE: () => this.LA(1).image.toUpperCase() === 'ABSENT',
        ALT: () => (this.CONSUME(t.Identifier), 'ABSENT ON NULL' as const),
      },
    ]);
    this.CONSUME(K.ON);
    this.CONSUME1(K.NULL);
    return what;
  });
}
