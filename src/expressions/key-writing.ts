import { encodeValue } from '../data/codec-value.ts';
import { hasNanos, layoutOf } from '../data/column.ts';
import type { SqlType } from '../data/types.ts';
import type { ColumnAccess } from './codegen/column-access.ts';
import { asBytes, asTime, NEVER, type Operand, valueOf } from './codegen/operand.ts';
import type { Source } from './codegen/source.ts';

/** The one-value encoding of data/codec-value.ts, NULL included. */
export function nestedKey(source: Source, type: SqlType, index: number): Operand {
  const encoded = source.name('x');
  source.line(`const ${encoded} = ${source.constant(encodeValue)}(${source.constant(type)}, cols[${index}], i);`);
  return { cls: 'bytes', isNull: NEVER, bytes: encoded, start: '0', end: `${encoded}.length` };
}

/** Bytes of a value but for what follows a length. */
export function fixedWidth(type: SqlType): number {
  switch (layoutOf(type)) {
    case 'i8':
      return 1;
    case 'i16':
      return 2;
    case 'i64':
    case 'f64':
      return 8;
    case 'ts':
      return 12;
    case 'dec128':
      return 16;
    default:
      return 4;
  }
}

export function writeKey(
  source: Source,
  type: SqlType,
  key: Operand,
  room: (size: string) => string,
  fixed: number,
): void {
  if (key.cls === 'bytes') {
    source.line(`{ const from = ${key.bytes}; let p = ${key.start}; const end = ${key.end}, size = end - p;
${room(`size + ${fixed}`)}
view.setInt32(at, size, true); at += 4;
while (p < end) bytes[at++] = from[p++]; }`);
    return;
  }
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      source.line(`bytes[at++] = ${key.cls === 'boolean' ? `${valueOf(key)} ? 1 : 0` : valueOf(key)};`);
      break;
    case 'i16':
      source.line(`view.setInt16(at, ${valueOf(key)}, true); at += 2;`);
      break;
    case 'i32':
      source.line(`view.setInt32(at, ${valueOf(key)}, true); at += 4;`);
      break;
    case 'f32':
    case 'f64': {
      // All NaNs are one key; 0.0 and -0.0 are two.
      const value = source.local('v', valueOf(key));
      const [method, size] = layout === 'f32' ? ['setFloat32', 4] : ['setFloat64', 8];
      source.line(`view.${method}(at, ${value} === ${value} ? ${value} : NaN, true); at += ${size};`);
      break;
    }
    case 'ts': {
      const { ms, nanos } = asTime(key);
      source.line(`view.setFloat64(at, ${ms} + 0, true); at += 8;`);
      if (hasNanos(type)) source.line(`view.setInt32(at, ${nanos}, true); at += 4;`);
      break;
    }
    default:
      throw new Error(`no key of layout ${layout}`);
  }
}

/** The bytes of a column as `writeKey` has them, but by words: up to BYTES_SLACK bytes after both ends do not matter. */
export function writeBytes(
  source: Source,
  key: Operand,
  flat: string,
  room: (size: string) => string,
  fixed: number,
): void {
  const { start, end } = asBytes(key);
  source.prologue(`const ${flat}w = ${flat}.view;`);
  source.line(`{ const from = ${start}, size = ${end} - from;
${room(`size + ${fixed}`)}
view.setInt32(at, size, true); at += 4;
view.setInt32(at, ${flat}w.getInt32(from, true), true);
view.setInt32(at + 4, ${flat}w.getInt32(from + 4, true), true);
for (let k = 8; k < size; k += 4) view.setInt32(at + k, ${flat}w.getInt32(from + k, true), true);
at += size; }`);
}

/** BIGINT as 8 bytes; a wide DECIMAL as its high and its low 8. */
export function writeWords(source: Source, type: SqlType, access: ColumnAccess): void {
  const arrays = layoutOf(type) === 'i64' ? (['v'] as const) : (['h', 'l'] as const);
  for (const array of arrays) {
    const [low, high] = access.words(array, 'i');
    source.line(`view.setInt32(at, ${low}, true); view.setInt32(at + 4, ${high}, true); at += 8;`);
  }
}
