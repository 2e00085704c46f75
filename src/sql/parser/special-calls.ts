import type { Expression } from '../ast.ts';
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
}
