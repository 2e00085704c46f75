import type { AvroRecord, AvroType } from './schema.ts';

/** Records may refer to themselves and to each other many times over, so each is measured once. */
const measured = new WeakMap<AvroRecord, number>();

/** A lower bound of the bytes that a value of the type takes; 0 only where it may take none. */
export function minSize(type: AvroType): number {
  switch (type.kind) {
    case 'null':
      return 0;
    case 'float':
      return 4;
    case 'double':
      return 8;
    case 'fixed':
      return type.size;
    case 'union':
      return 1 + Math.min(...type.branches.map(minSize));
    case 'record': {
      const known = measured.get(type);
      if (known !== undefined) return known;
      // What refers back to the record counts as nothing meanwhile.
      measured.set(type, 0);
      const size = Math.min(
        MAX_SIZE,
        type.fields.reduce((sum, field) => sum + minSize(field.type), 0),
      );
      measured.set(type, size);
      return size;
    }
    default:
      return 1;
  }
}

const MAX_SIZE = 2 ** 20;
