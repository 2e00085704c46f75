import { decimal, notNull, type SqlType } from '../../data/types.ts';

export interface DecimalSize {
  readonly precision: number;
  readonly scale: number;
}

const MAX_PRECISION = 38;

/** A number type as DECIMAL: TINYINT (3,0), SMALLINT (5,0), INT (10,0), BIGINT (19,0); undefined for FLOAT, DOUBLE. */
export function decimalSize(type: SqlType): DecimalSize | undefined {
  switch (type.kind) {
    case 'TINYINT':
      return { precision: 3, scale: 0 };
    case 'SMALLINT':
      return { precision: 5, scale: 0 };
    case 'INT':
      return { precision: 10, scale: 0 };
    case 'BIGINT':
      return { precision: 19, scale: 0 };
    case 'DECIMAL':
      return { precision: type.precision, scale: type.scale };
    default:
      return undefined;
  }
}

/** `exact`: every value has room for its whole digits. */
export interface FittedSize extends DecimalSize {
  readonly exact: boolean;
}

/** Result of a DECIMAL operation by Flink's rules, before nullability. */
export function decimalResult(op: '+' | '-' | '*' | '/' | '%', a: DecimalSize, b: DecimalSize): FittedSize {
  const scale = Math.max(a.scale, b.scale);
  const whole = (x: DecimalSize): number => x.precision - x.scale;
  switch (op) {
    case '+':
    case '-':
      return adjust(scale + Math.max(whole(a), whole(b)) + 1, scale);
    case '*':
      return adjust(a.precision + b.precision + 1, a.scale + b.scale);
    case '/': {
      const quotient = Math.max(6, a.scale + b.precision + 1);
      return adjust(whole(a) + b.scale + quotient, quotient);
    }
    case '%':
      if (a.scale === 0 && b.scale === 0) return { ...b, exact: true };
      return adjust(Math.min(whole(a), whole(b)) + scale, scale);
  }
}

/** The DECIMAL that holds all values of both; `exact` is false when 38 digits are not enough. */
export function commonDecimal(a: DecimalSize, b: DecimalSize): FittedSize {
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  const scale = Math.max(a.scale, b.scale);
  if (whole + scale <= MAX_PRECISION) return { precision: whole + scale, scale, exact: true };
  return { precision: MAX_PRECISION, scale: Math.max(0, MAX_PRECISION - whole), exact: false };
}

export function decimalType(size: DecimalSize, nullable: boolean): SqlType {
  const type = decimal(size.precision, size.scale);
  return nullable ? type : notNull(type);
}

/** Over 38 digits the scale shrinks, but keeps at least 6 of its digits. */
function adjust(precision: number, scale: number): FittedSize {
  if (precision <= MAX_PRECISION) return { precision, scale, exact: true };
  const digits = precision - scale;
  const kept = Math.max(MAX_PRECISION - digits, Math.min(scale, 6));
  return { precision: MAX_PRECISION, scale: kept, exact: MAX_PRECISION - kept >= digits };
}
