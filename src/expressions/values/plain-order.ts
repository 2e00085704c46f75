import { unreachable } from '../../data/errors.ts';
import { mapTypes, type TimestampValue } from '../../data/read.ts';
import type { SqlType } from '../../data/types.ts';

/** What equal plain values (data/read.ts) of a type share and different ones do not, as a key of a Map; null of NULL. */
export type KeyOf = (value: unknown) => unknown;

export function keyOf(type: SqlType): KeyOf {
  switch (type.kind) {
    case 'BINARY':
    case 'VARBINARY':
      return orNull((value) => Buffer.from(value as Uint8Array).toString('hex'));
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return orNull((value) => `${(value as TimestampValue).ms} ${(value as TimestampValue).nanos}`);
    case 'ARRAY': {
      const element = keyOf(type.element);
      return orNull((value) => text((value as unknown[]).map(element)));
    }
    case 'MAP':
    case 'MULTISET': {
      const types = mapTypes(type);
      const [key, element] = [keyOf(types.key), keyOf(types.value)];
      return orNull((value) =>
        text((value as [unknown, unknown][]).map(([k, v]) => text([key(k), element(v)])).sort()),
      );
    }
    case 'ROW': {
      const fields = type.fields.map((field) => keyOf(field.type));
      return orNull((value) => text((value as unknown[]).map((field, i) => fields[i](field))));
    }
    default:
      return (value) => value;
  }
}

function orNull(key: KeyOf): KeyOf {
  return (value) => (value === null ? null : key(value));
}

function text(keys: readonly unknown[]): string {
  return JSON.stringify(keys.map((key) => (typeof key === 'bigint' ? `${key}n` : key)));
}

/** Negative, 0 or positive, as `ORDER BY` orders values that are not NULL; undefined for types without an order. */
export function orderOf(type: SqlType): ((a: unknown, b: unknown) => number) | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return byOperators;
    case 'CHAR':
    case 'VARCHAR':
      return (a, b) => Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
    case 'BINARY':
    case 'VARBINARY':
      return (a, b) => Buffer.compare(a as Uint8Array, b as Uint8Array);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return (a, b) => {
        const [x, y] = [a as TimestampValue, b as TimestampValue];
        return x.ms - y.ms || x.nanos - y.nanos;
      };
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
    case 'NULL':
      return undefined;
    default:
      return unreachable(type);
  }
}

function byOperators(a: unknown, b: unknown): number {
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : 0;
}
