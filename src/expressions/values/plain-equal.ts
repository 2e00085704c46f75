import { mapTypes, type TimestampValue } from '../../data/read.ts';
import type { SqlType } from '../../data/types.ts';

export type PlainEqual = (a: unknown, b: unknown) => boolean;

/** Equality of plain values (data/read.ts) that are not NULL; inside of them two NULLs are equal, as in Flink. */
export function plainEqual(type: SqlType): PlainEqual {
  switch (type.kind) {
    case 'BINARY':
    case 'VARBINARY':
      return (a, b) => Buffer.compare(a as Uint8Array, b as Uint8Array) === 0;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return (a, b) => {
        const [x, y] = [a as TimestampValue, b as TimestampValue];
        return x.ms === y.ms && x.nanos === y.nanos;
      };
    case 'ARRAY': {
      const element = orBothNull(plainEqual(type.element));
      return (a, b) => everyEqual(a as unknown[], b as unknown[], () => element);
    }
    case 'ROW': {
      const fields = type.fields.map((field) => orBothNull(plainEqual(field.type)));
      return (a, b) => everyEqual(a as unknown[], b as unknown[], (i) => fields[i]);
    }
    case 'MAP':
    case 'MULTISET':
      return equalMaps(type);
    default:
      return (a, b) => a === b;
  }
}

/** Equality where a side may be NULL. */
export function orBothNull(equal: PlainEqual): PlainEqual {
  return (a, b) => (a === null || b === null ? a === b : equal(a, b));
}

function everyEqual(a: readonly unknown[], b: readonly unknown[], equalAt: (index: number) => PlainEqual): boolean {
  return a.length === b.length && a.every((value, i) => equalAt(i)(value, b[i]));
}

/** The same keys with the same values, in any order. */
function equalMaps(type: SqlType): PlainEqual {
  const types = mapTypes(type);
  const [key, value] = [orBothNull(plainEqual(types.key)), orBothNull(plainEqual(types.value))];
  return (a, b) => {
    const [x, y] = [a as (readonly [unknown, unknown])[], b as (readonly [unknown, unknown])[]];
    return x.length === y.length && x.every(([k, v]) => y.some((entry) => key(k, entry[0]) && value(v, entry[1])));
  };
}
