import type { SqlType } from '../../data/types.ts';

/** Reads a field of a hash back into the JSON form that served features have (data/json-value.ts). */
export function readField(type: SqlType, text: string): unknown {
  switch (type.kind) {
    case 'BOOLEAN':
      return text === 'true';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return Number(text);
    case 'FLOAT':
    case 'DOUBLE': {
      const value = Number(text);
      return Number.isFinite(value) ? value : text;
    }
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      return JSON.parse(text);
    default:
      return text;
  }
}
