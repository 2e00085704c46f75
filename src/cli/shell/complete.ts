import { KEYWORD_TYPES } from '../../sql/tokens.ts';

/** What the shell knows the names of. */
export interface Names {
  readonly tables: readonly string[];
  readonly columns: readonly string[];
  readonly functions: readonly string[];
  readonly settings: readonly string[];
}

/** Words of statements that are no tokens of the grammar. */
const STATEMENT_WORDS = [
  'SHOW',
  'TABLES',
  'VIEWS',
  'FUNCTIONS',
  'COLUMNS',
  'DESCRIBE',
  'DROP',
  'RESET',
  'CHANGELOG_MODE',
];
const KEYWORDS = [...KEYWORD_TYPES.keys(), ...STATEMENT_WORDS].sort();
/** Behind these words stands the name of a table. */
const BEFORE_TABLES = /\b(FROM|JOIN|INTO|TABLE|VIEW|DESCRIBE|DESC)\s+[\w`]*$/i;

/**
 * What could complete the last word of a line, and that word: tables behind FROM and the like, keys inside of SET '..,
 * columns behind `name.`, otherwise columns, tables, functions and keywords, the latter in the case of what was typed.
 */
export function complete(line: string, names: Names): [completions: string[], word: string] {
  const setting = /^\s*(?:RE)?SET\s+'([^']*)$/i.exec(line);
  if (setting !== null) return [startingWith(names.settings, setting[1]), setting[1]];
  const word = /[\w$]*$/.exec(line)?.[0] ?? '';
  const before = line.slice(0, line.length - word.length);
  if (before.endsWith('.')) return [startingWith(names.columns, word), word];
  if (BEFORE_TABLES.test(line)) return [startingWith(names.tables, word), word];
  if (word === '') return [[], word];
  const words = [
    ...startingWith(names.columns, word),
    ...startingWith(names.tables, word),
    ...inCaseOf(word, startingWith(names.functions, word)).map((name) => `${name}(`),
    ...inCaseOf(word, startingWith(KEYWORDS, word)),
  ];
  return [[...new Set(words)], word];
}

function startingWith(words: readonly string[], start: string): string[] {
  return words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()));
}

function inCaseOf(word: string, found: readonly string[]): string[] {
  return word === word.toLowerCase() ? found.map((one) => one.toLowerCase()) : [...found];
}
