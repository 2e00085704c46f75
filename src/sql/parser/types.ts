import type { IToken } from 'chevrotain';
import {
  decimal,
  MAX_LENGTH,
  timestamp,
  timestampLtz,
  BYTES,
  STRING,
  type Field,
  type SqlType,
} from '../../data/types.ts';
import { nearestWord } from '../misspelling.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { BaseParser, valueOf, type Rule } from './base.ts';

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

const DEFAULT_TIMESTAMP_PRECISION = 6;

/** Types as Flink writes them, with NOT NULL behind. */
export abstract class TypesParser extends BaseParser {
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

  private readonly textType: Rule<SqlType> = this.RULE('textType', () => {
    const token = this.LA(1);
    const kind = this.OR([
      { ALT: () => (this.CONSUME(K.STRING), 'STRING' as const) },
      { ALT: () => (this.CONSUME(K.BYTES), 'BYTES' as const) },
      { ALT: () => (this.CONSUME(K.VARCHAR), 'VARCHAR' as const) },
      { ALT: () => (this.CONSUME(K.VARBINARY), 'VARBINARY' as const) },
      {
        ALT: () => (
          this.OR1([{ ALT: () => this.CONSUME(K.CHAR) }, { ALT: () => this.CONSUME(K.CHARACTER) }]),
          this.varying('CHAR', 'VARCHAR')
        ),
      },
      { ALT: () => (this.CONSUME(K.BINARY), this.varyingBinary()) },
    ]);
    const size = this.OPTION2(() => this.SUBRULE(this.sizes));
    return this.make((): SqlType => {
      if (kind === 'STRING' || kind === 'BYTES') {
        if (size !== undefined)
          throw this.fail(
            'sql-type',
            `${kind} takes no length`,
            token,
            `write VAR${kind === 'STRING' ? 'CHAR' : 'BINARY'}(n)`,
          );
        return kind === 'STRING' ? STRING : BYTES;
      }
      const fallback = kind === 'CHAR' || kind === 'BINARY' ? 1 : MAX_LENGTH;
      this.checkCount(size, 1, kind, token);
      return {
        kind,
        length: this.within(size?.[0] ?? fallback, 1, MAX_LENGTH, `the length of ${kind}`, token),
        nullable: true,
      };
    });
  });

  private varying(fixed: 'CHAR', variable: 'VARCHAR'): 'CHAR' | 'VARCHAR' {
    return this.OPTION(() => (this.CONSUME(K.VARYING), variable)) ?? fixed;
  }

  private varyingBinary(): 'BINARY' | 'VARBINARY' {
    return this.OPTION1(() => (this.CONSUME1(K.VARYING), 'VARBINARY' as const)) ?? 'BINARY';
  }

  private readonly decimalType: Rule<SqlType> = this.RULE('decimalType', () => {
    const token = this.LA(1);
    this.OR([
      { ALT: () => this.CONSUME(K.DECIMAL) },
      { ALT: () => this.CONSUME(K.DEC) },
      { ALT: () => this.CONSUME(K.NUMERIC) },
    ]);
    const sizes = this.OPTION(() => this.SUBRULE(this.sizes));
    return this.make(() => {
      this.checkCount(sizes, 2, 'DECIMAL', token);
      const precision = this.within(sizes?.[0] ?? 10, 1, 38, 'the precision of DECIMAL', token);
      return decimal(
        precision,
        this.within(sizes?.[1] ?? 0, 0, precision, `the scale of DECIMAL(${precision}, s)`, token),
      );
    });
  });

  private readonly timeType: Rule<SqlType> = this.RULE('timeType', () => {
    const token = this.LA(1);
    const kind = this.OR([
      { ALT: () => this.CONSUME(K.TIME) },
      { ALT: () => this.CONSUME(K.TIMESTAMP) },
      { ALT: () => this.CONSUME(K.TIMESTAMP_LTZ) },
    ]);
    const sizes = this.OPTION(() => this.SUBRULE(this.sizes));
    const zone = this.OPTION1(() => this.SUBRULE(this.zone)) ?? 'none';
    return this.make((): SqlType => {
      const name = kind.image.toUpperCase();
      this.checkCount(sizes, 1, name, token);
      const given = this.within(
        sizes?.[0] ?? (name === 'TIME' ? 0 : DEFAULT_TIMESTAMP_PRECISION),
        0,
        9,
        `the precision of ${name}`,
        token,
      );
      if (zone === 'zoned' || (zone === 'local' && name !== 'TIMESTAMP'))
        throw this.unsupported(`the type ${name} WITH ${zone === 'local' ? 'LOCAL ' : ''}TIME ZONE`, kind);
      if (name === 'TIME') return { kind: 'TIME', precision: given, nullable: true };
      return name === 'TIMESTAMP' && zone !== 'local' ? timestamp(given) : timestampLtz(given);
    });
  });

  private readonly zone: Rule<'none' | 'local' | 'zoned'> = this.RULE('zone', () => {
    const zone = this.OR([
      { ALT: () => (this.CONSUME(K.WITHOUT), 'none' as const) },
      {
        ALT: () => (
          this.CONSUME(K.WITH),
          this.OPTION(() => (this.CONSUME(K.LOCAL), 'local' as const)) ?? ('zoned' as const)
        ),
      },
    ]);
    this.CONSUME(K.TIME);
    this.CONSUME(K.ZONE);
    return zone;
  });

  private readonly intervalType: Rule<SqlType> = this.RULE('intervalType', () => {
    this.CONSUME(K.INTERVAL);
    const first = this.SUBRULE(this.timeUnit);
    this.OPTION(() => this.SUBRULE(this.sizes));
    this.OPTION1(() => {
      this.CONSUME(K.TO);
      this.SUBRULE1(this.timeUnit);
      this.OPTION2(() => this.SUBRULE1(this.sizes));
    });
    return this.make((): SqlType => ({
      kind: MONTH_UNITS.has(first) ? 'INTERVAL_YEAR_MONTH' : 'INTERVAL_DAY_TIME',
      nullable: true,
    }));
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

  /** A unit of time, upper case and in the singular. */
  readonly timeUnit: Rule<string> = this.RULE('timeUnit', () => {
    const token = this.OR([...UNITS.map((unit, i) => ({ ALT: () => this.consume(i, unit) }))]);
    return this.make(() => token.image.toUpperCase().replace(/S$/, ''));
  });

  readonly sizes: Rule<number[]> = this.RULE('sizes', () => {
    const sizes: number[] = [];
    this.CONSUME(P.LParen);
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => sizes.push(this.SUBRULE(this.integer)) });
    this.CONSUME(P.RParen);
    return sizes;
  });

  private checkCount(sizes: readonly number[] | undefined, most: number, name: string, token: IToken): void {
    if ((sizes?.length ?? 0) <= most) return;
    throw this.fail(
      'sql-type',
      `${name} takes at most ${most} number${most === 1 ? '' : 's'}, but ${sizes?.length} are given`,
      token,
    );
  }

  private within(value: number, low: number, high: number, what: string, token: IToken): number {
    if (value >= low && value <= high) return value;
    throw this.fail('sql-type', `${what} is from ${low} to ${high}, but ${value} is given`, token);
  }
}

const UNITS = [
  ...[K.YEAR, K.YEARS, K.QUARTER, K.QUARTERS, K.MONTH, K.MONTHS, K.WEEK, K.WEEKS, K.DAY, K.DAYS],
  ...[K.HOUR, K.HOURS, K.MINUTE, K.MINUTES, K.SECOND, K.SECONDS],
];
const MONTH_UNITS: ReadonlySet<string> = new Set(['YEAR', 'QUARTER', 'MONTH']);

const TYPE_NAMES =
  'BOOLEAN TINYINT SMALLINT INT INTEGER BIGINT FLOAT DOUBLE DECIMAL NUMERIC CHAR VARCHAR STRING BINARY VARBINARY BYTES DATE TIME TIMESTAMP TIMESTAMP_LTZ INTERVAL ARRAY MAP MULTISET ROW'.split(
    ' ',
  );

const KNOWN_ELSEWHERE: Readonly<Record<string, string>> = {
  TEXT: 'STRING',
  INT64: 'BIGINT',
  LONG: 'BIGINT',
  INT32: 'INT',
  INT8: 'TINYINT',
  BOOL: 'BOOLEAN',
  FLOAT64: 'DOUBLE',
  NUMBER: 'DECIMAL',
  DATETIME: 'TIMESTAMP(3)',
  TIMESTAMPTZ: 'TIMESTAMP_LTZ(3)',
};

function typeHint(name: string): string | undefined {
  const better = KNOWN_ELSEWHERE[name.toUpperCase()];
  if (better !== undefined) return `Flink SQL calls it ${better}`;
  const near = nearestWord(name, TYPE_NAMES);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
