import { HeadwaterError } from '../../data/errors.ts';
import { escapeKeyPart, unescapeKeyPart } from '../../store/key-escape.ts';

/**
 * How the Redis keys of a table are made: `literals[0] part[0] literals[1] part[1] ... literals[n]`, the parts being
 * primary key columns as %-escaped text.
 */
export interface KeyTemplate {
  readonly literals: readonly string[];
  /** For each part, which of the primary key's columns it is. */
  readonly columns: readonly number[];
  /** Key of the table's fence. No row has it: `{` is always escaped. */
  readonly fence: string;
  /** SCAN pattern that all keys of the table match. */
  readonly pattern: string;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;

/**
 * Two rows must never have one key: a template has every column of the primary key once, and between two columns (and
 * in front of the first) something that the escaped text of a value cannot contain.
 * Errors: `key-not-unique`, `invalid-option`.
 */
export function parseKeyTemplate(
  prefix: string,
  template: string,
  table: string,
  primaryKey: readonly string[],
): KeyTemplate {
  const literals: string[] = [];
  const columns: number[] = [];
  let at = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const column = primaryKey.indexOf(match[1]);
    if (column < 0) {
      throw notUnique(
        `'{${match[1]}}' is not a column of its primary key: expected exactly ${placeholders(primaryKey)}`,
        template,
        table,
      );
    }
    literals.push(template.slice(at, match.index));
    columns.push(column);
    at = match.index + match[0].length;
  }
  literals.push(template.slice(at));
  checkColumns(columns, primaryKey, template, table);
  checkLiterals(literals, template, table);
  literals[0] = prefix + literals[0];
  return { literals, columns, fence: `${literals[0]}{fence}`, pattern: `${escapeGlob(literals[0])}*` };
}

function checkColumns(
  columns: readonly number[],
  primaryKey: readonly string[],
  template: string,
  table: string,
): void {
  primaryKey.forEach((name, i) => {
    const uses = columns.filter((column) => column === i).length;
    if (uses === 1) return;
    const what = uses === 0 ? `it lacks '{${name}}'` : `it has '{${name}}' ${uses} times`;
    throw notUnique(`${what}: expected exactly ${placeholders(primaryKey)}`, template, table);
  });
}

function checkLiterals(literals: readonly string[], template: string, table: string): void {
  if (literals.some((literal) => /[{}]/.test(literal))) {
    throw new HeadwaterError(
      'invalid-option',
      `'key.template' of table ${table} is '${template}': expected '{' and '}' around column names only`,
    );
  }
  literals.slice(0, -1).forEach((literal, i) => {
    // What escaping would change never occurs in a part.
    const last = literal.slice(-1);
    if (i === 0 ? last !== '' && escapeKeyPart(last) !== last : escapeKeyPart(literal) !== literal) return;
    throw notUnique(
      i === 0
        ? `expected a text that ends in a separator such as ':' in front of the first column`
        : `expected a separator such as ':' between two columns`,
      template,
      table,
    );
  });
}

/** The parts of a key of this template, in the order of the primary key; undefined for other keys. */
export function splitKey(template: KeyTemplate, key: string): readonly string[] | undefined {
  const { literals, columns } = template;
  if (!key.startsWith(literals[0])) return undefined;
  const parts = new Array<string>(columns.length);
  let at = literals[0].length;
  for (let i = 0; i < columns.length; i++) {
    const literal = literals[i + 1];
    const end = i === columns.length - 1 ? key.length - literal.length : key.indexOf(literal, at);
    if (end < at || !key.startsWith(literal, end)) return undefined;
    parts[columns[i]] = key.slice(at, end);
    at = end + literal.length;
  }
  return parts.every(isEscaped) ? parts : undefined;
}

function isEscaped(part: string): boolean {
  const text = unescapeKeyPart(part);
  return text !== undefined && escapeKeyPart(text) === part;
}

function placeholders(primaryKey: readonly string[]): string {
  return primaryKey.map((name) => `{${name}}`).join(', ');
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}

function notUnique(why: string, template: string, table: string): HeadwaterError {
  return new HeadwaterError(
    'key-not-unique',
    `'key.template' of table ${table} is '${template}', by which two rows could have one key: ${why}`,
  );
}

/** The key of a row whose parts (escaped, in the order of the primary key) are given. */
export function makeKey({ literals, columns }: KeyTemplate, parts: readonly string[]): string {
  return columns.reduce((key, column, i) => key + parts[column] + literals[i + 1], literals[0]);
}
