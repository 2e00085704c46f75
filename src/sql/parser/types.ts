import type { Field, SqlType } from '../../data/types.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { valueOf, type Rule } from './base.ts';
import { SizedTypesParser } from './sized-types.ts';
import { typeHint } from './type-hint.ts';

const SIMPLE = [
  [K.BOOLEAN, 'BOOLEAN'],
  [K.TINYINT, 'TINYINT'],
  [K.SMALLINT, 'SMALLINT'],
  [K.INT, 'INT'],
  [K.INTEGER, 'INT'],
  [K.BIGINT, 'BIGINT'],
  [K.FLOAT, 'FLOAT'],
  [K.REAL, 'FLOAT'],
  [K.DATE, 'DATE'],
] as const;

/** Types as Flink writes them, with NOT NULL behind. */
export abstract class TypesParser extends SizedTypesParser {
  readonly dataType: Rule<SqlType> = this.RULE('dataType', () =>
    this.nested(() => {
      let type = this.SUBRULE(this.bareType);
      this.MANY(() => {
        this.OR1([
          {
            ALT: () => (
              this.CONSUME(K.ARRAY),
              (type = this.make(() => ({ kind: 'ARRAY', element: type, nullable: true })))
            ),
          },
          {
            ALT: () => (
              this.CONSUME(K.MULTISET),
              (type = this.make(() => ({ kind: 'MULTISET', element: type, nullable: true })))
            ),
          },
          {
            ALT: () => (
              this.CONSUME1(K.NOT),
              this.CONSUME1(K.NULL),
              (type = this.make(() => ({ ...type, nullable: false })))
            ),
          },
          { ALT: () => this.CONSUME2(K.NULL) },
        ]);
      });
      return type;
    }),
  );

  private readonly bareType: Rule<SqlType> = this.RULE('bareType', () =>
    this.OR([
      ...SIMPLE.map(([token, kind], i) => ({
        ALT: (): SqlType => {
          this.consume(i, token);
          return { kind, nullable: true };
        },
      })),
      { ALT: () => this.SUBRULE(this.doubleType) },
      { ALT: () => this.SUBRULE(this.textType) },
      { ALT: () => this.SUBRULE(this.decimalType) },
      { ALT: () => this.SUBRULE(this.timeType) },
      { ALT: () => this.SUBRULE(this.intervalType) },
      { ALT: () => this.SUBRULE(this.collectionType) },
      { ALT: () => this.SUBRULE(this.rowType) },
      { ALT: () => this.SUBRULE(this.otherType) },
    ]),
  );

  private readonly doubleType: Rule<SqlType> = this.RULE('doubleType', (): SqlType => {
    this.CONSUME(K.DOUBLE);
    this.OPTION(() => this.CONSUME(K.PRECISION));
    return { kind: 'DOUBLE', nullable: true };
  });

  private readonly collectionType: Rule<SqlType> = this.RULE('collectionType', () =>
    this.OR([
      {
        ALT: (): SqlType => {
          this.CONSUME(K.MAP);
          this.CONSUME(P.Less);
          const key = this.SUBRULE(this.dataType);
          this.CONSUME(P.Comma);
          const value = this.SUBRULE1(this.dataType);
          this.CONSUME(P.Greater);
          return { kind: 'MAP', key, value, nullable: true };
        },
      },
      {
        ALT: (): SqlType => {
          const kind = this.OR1([
            { ALT: () => (this.CONSUME(K.ARRAY), 'ARRAY' as const) },
            { ALT: () => (this.CONSUME(K.MULTISET), 'MULTISET' as const) },
          ]);
          this.CONSUME1(P.Less);
          const element = this.SUBRULE2(this.dataType);
          this.CONSUME1(P.Greater);
          return { kind, element, nullable: true };
        },
      },
    ]),
  );

  private readonly rowType: Rule<SqlType> = this.RULE('rowType', (): SqlType => {
    this.CONSUME(K.ROW);
    const fields: Field[] = [];
    this.OR([
      {
        ALT: () => {
          this.CONSUME(P.Less);
          this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => fields.push(this.SUBRULE(this.rowField)) });
          this.CONSUME(P.Greater);
        },
      },
      {
        ALT: () => {
          this.CONSUME(P.LParen);
          this.AT_LEAST_ONE_SEP1({ SEP: P.Comma, DEF: () => fields.push(this.SUBRULE1(this.rowField)) });
          this.CONSUME(P.RParen);
        },
      },
    ]);
    return { kind: 'ROW', fields, nullable: true };
  });

  private readonly rowField: Rule<Field> = this.RULE('rowField', () => {
    const name = this.CONSUME(t.Name);
    const type = this.SUBRULE(this.dataType);
    this.OPTION(() => this.CONSUME(t.StringLiteral));
    return this.make((): Field => ({ name: valueOf(name), type }));
  });

  /** RAW, STRUCTURED, VARIANT and types that do not exist. */
  private readonly otherType: Rule<SqlType> = this.RULE('otherType', () => {
    const name = this.CONSUME(t.Name);
    return this.make((): SqlType => {
      if (/^(VARIANT|BITMAP|DESCRIPTOR|SYMBOL)$/i.test(name.image)) {
        throw this.unsupported(`the type ${name.image.toUpperCase()}`, name);
      }
      throw this.fail('sql-type', `unknown type '${name.image}'`, name, typeHint(name.image));
    });
  });
}
