import type { Identifier, Query, Select, SelectItem } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, type Rule } from './base.ts';
import { GroupingParser } from './grouping.ts';

/** SELECT up to HAVING. */
export abstract class SelectParser extends GroupingParser {
  protected readonly select: Rule<Query> = this.RULE('select', () => {
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
}
