import { bitmapOf } from './column-access.ts';
import type { Shape } from './shape.ts';
import type { Source } from './source.ts';

type Shapes = ReadonlyMap<number, Shape>;

/** Whether some column has NULLs, and every bitmap is one of rows. */
export function canJoinNulls(shapes: Shapes): boolean {
  const all = [...shapes.values()];
  return (
    all.some(({ nulls }) => nulls) &&
    all.every(({ wrap, nulls, innerNulls }) => !innerNulls && !(nulls && wrap === 'const'))
  );
}

export function withoutNulls(shapes: Shapes): Shapes {
  return new Map([...shapes].map(([index, shape]) => [index, { ...shape, nulls: false }]));
}

/** Statements that make the bitmap of the output column the union of those of its inputs, and set `any`. */
export function joinNulls(source: Source, shapes: Shapes): string {
  const bitmaps = [...shapes].flatMap(([index, { nulls }]) => {
    if (!nulls) return [];
    const name = source.name('z');
    source.prologue(`const ${name} = ${source.constant(bitmapOf)}(cols[${index}].nulls, length);`);
    return [`${name}[b]`];
  });
  source.prologue('const on = out.nulls;');
  return `for (let b = 0, bytes = (length + 7) >> 3; b < bytes; b++) {
const joined = ${bitmaps.join(' | ')};
on[b] = joined;
if (joined !== 0) any = true;
}`;
}
