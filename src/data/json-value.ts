import { unreachable } from './errors.ts';
import { mapTypes, type TimestampValue } from './read.ts';
import type { SqlType } from './types.ts';

/**
 * A plain value (data/read.ts) in the JSON form of `--output changelog` and of served features: exact numbers as
 * strings, time stamps as ISO text with exactly their digits, LTZ in UTC with Z, bytes as hex, NaN and infinities as
 * strings, MAP as pairs sorted by the key's JSON text.
 */
export function formatChangelogValue(type: SqlType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'CHAR':
    case 'VARCHAR':
    case 'NULL':
      return value;
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return String(value);
    case 'INTERVAL_YEAR_MONTH':
      return String(value);
    case 'FLOAT':
      return formatFloat(shortestFloat(value as number));
    case 'DOUBLE':
      return formatFloat(value as number);
    case 'DECIMAL':
      return formatDecimal(value as bigint, type.scale);
    case 'BINARY':
    case 'VARBINARY':
      return Buffer.from(value as Uint8Array).toString('hex');
    case 'DATE':
      return isoText((value as number) * 86_400_000).slice(0, -13);
    case 'TIME':
      return isoText(value as number).slice(-12, -4) + fraction((value as number) % 1000, 0, type.precision);
    case 'TIMESTAMP':
      return timestampText(value as TimestampValue, type.precision);
    case 'TIMESTAMP_LTZ':
      return `${timestampText(value as TimestampValue, type.precision)}Z`;
    case 'ARRAY':
      return (value as unknown[]).map((element) => formatChangelogValue(type.element, element));
    case 'MAP':
    case 'MULTISET': {
      const types = mapTypes(type);
      return (value as [unknown, unknown][])
        .map(([k, v]) => [formatChangelogValue(types.key, k), formatChangelogValue(types.value, v)])
        .sort((a, b) => (JSON.stringify(a[0]) < JSON.stringify(b[0]) ? -1 : 1));
    }
    case 'ROW':
      return (value as unknown[]).map((field, i) => formatChangelogValue(type.fields[i].type, field));
    default:
      return unreachable(type);
  }
}

/** Plain digits with exactly `scale` of them after the point. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function formatFloat(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** The shortest decimal that is this FLOAT, rather than the long one that is its DOUBLE. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** `YYYY-MM-DDTHH:MM:SS.mmm` with a year of at least four digits. */
function isoText(ms: number): string {
  const text = new Date(ms).toISOString().slice(0, -1);
  return text.startsWith('+') ? text.slice(2) : text;
}

function timestampText(value: TimestampValue, precision: number): string {
  return isoText(value.ms).slice(0, -4) + fraction(((value.ms % 1000) + 1000) % 1000, value.nanos, precision);
}

function fraction(ms: number, nanos: number, precision: number): string {
  if (precision === 0) return '';
  return `.${String(ms).padStart(3, '0')}${String(nanos).padStart(6, '0')}`.slice(0, precision + 1);
}
