import type { IToken } from 'chevrotain';
import { BYTES, decimal, MAX_LENGTH, STRING, timestamp, timestampLtz, type SqlType } from '../../data/types.ts';
import { K, P } from '../tokens.ts';
import { BaseParser, type Rule } from './base.ts';

const DEFAULT_TIMESTAMP_PRECISION = 6;

/** Types with a length, a precision or a scale in parentheses: texts, decimals, times, intervals. */
export abstract class SizedTypesParser extends BaseParser {
  protected readonly textType: Rule<SqlType> = this.RULE('textType', () => {
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

  protected readonly decimalType: Rule<SqlType> = this.RULE('decimalType', () => {
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

  protected readonly timeType: Rule<SqlType> = this.RULE('timeType', () => {
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

  protected readonly intervalType: Rule<SqlType> = this.RULE('intervalType', () => {
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
