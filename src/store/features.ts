import { formatChangelogValue } from '../data/json-value.ts';
import type { Schema } from '../data/types.ts';
import type { Features } from './change-feed.ts';

/** Columns of a row in their JSON form, by name. `value`: the plain value of a column (data/read.ts). */
export function featuresOf(schema: Schema, columns: readonly number[], value: (column: number) => unknown): Features {
  const features: Record<string, unknown> = {};
  for (const column of columns) {
    const { name, type } = schema[column];
    const text = formatChangelogValue(type, value(column));
    // A column may be called __proto__, which an assignment would take for the prototype.
    if (name === '__proto__') Object.defineProperty(features, name, { value: text, enumerable: true });
    else features[name] = text;
  }
  return features;
}
