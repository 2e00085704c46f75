import { type SqlType } from '../../src/data/types.ts';

/** Values as a person writes them in a test: the same forms as `--output changelog` prints. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[];

/** The plain value (data/read.ts) that a hand-written one stands for. */
export function valueOf(type: SqlType, json: JsonValue): unknown {
  if (json === null) return null;
  switch (type.kind) {
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return BigInt(json as string | number);
    case 'DECIMAL':
      return unscaled(String(json), type.scale);
    case 'FLOAT':
    case 'DOUBLE':
      return Number(json);
    case 'DATE':
      return Date.parse(`${String(json)}T00:00:00Z`) / 86_400_000;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestampOf(String(json));
    case 'BINARY':
    case 'VARBINARY':
      return Uint8Array.from(Buffer.from(String(json), 'hex'));
    case 'TIME':
      return timestampOf(String(json)).ms - MIDNIGHT;
    case 'ARRAY':
      return (json as JsonValue[]).map((element) => valueOf(type.element, element));
    case 'MAP':
      return (json as JsonValue[][]).map(([key, value]) => [valueOf(type.key, key), valueOf(type.value, value)]);
    case 'ROW':
      return (json as JsonValue[]).map((value, i) => valueOf(type.fields[i].type, value));
    default:
      return json;
  }
}

const MIDNIGHT = Date.UTC(2024, 0, 1);

function unscaled(text: string, scale: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) throw new Error(`not a decimal: ${text}`);
  const digits = match[2] + (match[3] ?? '').padEnd(scale, '0').slice(0, scale);
  return BigInt(match[1] + digits);
}

/** `12:00:05`, `12:00:05.123` (on 2024-01-01) or a whole ISO time stamp, as ISO text without zone. */
export function isoTimestamp(text: string): string {
  return /^\d\d:\d\d/.test(text) ? `2024-01-01T${text}` : text.replace(' ', 'T').replace(/Z$/, '');
}

function timestampOf(text: string): { ms: number; nanos: number } {
  const whole = isoTimestamp(text);
  const [seconds, fraction = ''] = whole.split('.');
  const digits = fraction.padEnd(9, '0');
  return { ms: Date.parse(`${seconds}Z`) + Number(digits.slice(0, 3)), nanos: Number(digits.slice(3)) };
}
