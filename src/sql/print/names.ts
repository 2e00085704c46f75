import type { Identifier, OptionDef } from '../ast.ts';
import { FUNCTION_WORDS, isBareName, RESERVED_WORDS } from '../reserved-words.ts';

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A name, in back-ticks where it needs them. */
export function name(text: string): string {
  const plain = PLAIN.test(text) && !RESERVED_WORDS.has(text.toUpperCase()) && !isBareName(text);
  return plain ? text : `\`${text.replaceAll('`', '``')}\``;
}

/** Functions are upper case without quotes; a quoted function keeps its case. */
export function functionName(text: string): string {
  const callable = !RESERVED_WORDS.has(text) || FUNCTION_WORDS.has(text) || SPECIAL.has(text);
  return PLAIN.test(text) && text === text.toUpperCase() && callable ? text : `\`${text.replaceAll('`', '``')}\``;
}

const SPECIAL: ReadonlySet<string> = new Set(['SUBSTRING', 'TRIM', 'OVERLAY', 'POSITION', 'EXTRACT']);

export function path(identifier: Identifier): string {
  return identifier.parts.map(name).join('.');
}

export function names(identifiers: readonly Identifier[]): string {
  return `(${identifiers.map(path).join(', ')})`;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function optionList(options: readonly OptionDef[]): string {
  return `(${options.map((option) => `${quote(option.key)} = ${quote(option.value)}`).join(', ')})`;
}
