import { sqlOf, type Tree } from './expressions.ts';

/** What Flink computes where it differs, written as SQL: Headwater must answer that as Flink answered the original. */

/**
 * With casts to a smaller precision as Flink makes them: a time whose nanoseconds of the second, written as an integer, have
 * no more digits than the precision is not cut (00:00:00.000000001 stays in a TIMESTAMP(3)). The result has the type `result`.
 */
export function withFlinkCuts(tree: Tree, result: string): string {
  const sql = sqlOf(cutAsFlink(tree));
  return result.startsWith('TIMESTAMP') ? `CAST(${sql} AS ${result})` : sql;
}

function cutAsFlink(tree: Tree): Tree {
  const parts = tree.parts.map(cutAsFlink);
  const [, kind, precision] = /^CAST\(\$\{0\} AS (TIMESTAMP|TIMESTAMP_LTZ)\((\d)\)\)$/.exec(tree.form) ?? [];
  if (kind === undefined || precision === '9') return { ...tree, parts };
  const whole = `CAST(\${0} AS ${kind}(9))`;
  const few = `CAST(${whole} AS STRING) LIKE '%.${'0'.repeat(9 - Number(precision))}%'`;
  const form = `CASE WHEN ${few} THEN ${whole} ELSE CAST(${tree.form} AS ${kind}(9)) END`;
  return { ...tree, form, parts };
}

/** ARRAY_APPEND and the like with the element cut to the type of the elements of the array, which is of type `array`. */
export function withCutElement({ form, parts: [array, element] }: Tree, type: string): string | undefined {
  const [, name] = /^(ARRAY_\w+)\(\$\{0\}, \$\{1\}\)$/.exec(form) ?? [];
  const [, elements] = /^ARRAY<(.*)>$/.exec(type) ?? [];
  if (name === undefined || elements === undefined) return undefined;
  return `${name}(${sqlOf(array)}, CAST(${sqlOf(element)} AS ${nullable(elements)}))`;
}

/** Two operands of =, <> and NULLIF in their common DECIMAL, which has room for the digits before the point and not always for those behind. */
export function inCommonDecimal(tree: Tree, types: readonly string[]): string | undefined {
  const decimals = types.map(decimalOf);
  if (decimals.some((one) => one === undefined)) return undefined;
  const known = decimals.flatMap((one) => one ?? []);
  const whole = Math.max(...known.map(({ precision, scale }) => precision - scale));
  const scale = Math.min(Math.max(...known.map((one) => one.scale)), 38 - whole);
  const casts = tree.parts.map((part) => `CAST(${sqlOf(part)} AS DECIMAL(${whole + scale}, ${scale}))`);
  const compared = (operator: string): string => `(${casts.join(` ${operator} `)})`;
  if (!tree.form.startsWith('NULLIF(')) return compared(tree.form.includes('<>') ? '<>' : '=');
  return `CASE WHEN ${compared('=')} THEN NULL ELSE ${sqlOf(tree.parts[0])} END`;
}

/** `a op SOME (b, ..)` with the list in the type of `a`, which is the first of the types. */
export function inTypeOfFirst(tree: Tree, types: readonly string[]): string {
  const parts = tree.parts.map((part, i) =>
    i === 0 ? part : { ...part, form: `CAST(${sqlOf(part)} AS ${nullable(types[0])})`, parts: [] },
  );
  return sqlOf({ ...tree, parts });
}

const INTEGER_DIGITS: Readonly<Record<string, number>> = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 };

function decimalOf(type: string): { readonly precision: number; readonly scale: number } | undefined {
  const digits = INTEGER_DIGITS[nullable(type)];
  if (digits !== undefined) return { precision: digits, scale: 0 };
  const [, precision, scale] = /^DECIMAL\((\d+), (\d+)\)/.exec(type) ?? [];
  return precision === undefined ? undefined : { precision: Number(precision), scale: Number(scale) };
}

/** The type without its NOT NULL. */
export function nullable(type: string): string {
  return type.replace(/ NOT NULL$/, '');
}
