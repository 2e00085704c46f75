import { HeadwaterError } from '../../data/errors.ts';

/** How csv text is written. Characters are bytes; -1: there is none. */
export interface CsvOptions {
  readonly delimiter: number;
  readonly quote: number;
  readonly escape: number;
  readonly arrayDelimiter: string;
  /** Lines that begin with # are left out. */
  readonly comments: boolean;
  readonly nullLiteral: string | undefined;
  /** Fields that do not fit are NULL, rows that are too long are counted and left out. */
  readonly ignoreParseErrors: boolean;
}

type Options = Readonly<Record<string, string>>;

/** Options of a table, with their prefix `csv.`. Throws HeadwaterError `invalid-option`. */
export function csvOptions(options: Options): CsvOptions {
  const noQuotes = options['csv.disable-quote-character'] === 'true';
  if (noQuotes && options['csv.quote-character'] !== undefined) {
    throw new HeadwaterError(
      'invalid-option',
      "'csv.quote-character' is set although 'csv.disable-quote-character' is true; expected one of them",
    );
  }
  return {
    delimiter: byteOf('csv.field-delimiter', options['csv.field-delimiter'] ?? ','),
    quote: noQuotes ? -1 : byteOf('csv.quote-character', options['csv.quote-character'] ?? '"'),
    escape: optionalByte('csv.escape-character', options),
    arrayDelimiter: options['csv.array-element-delimiter'] ?? ';',
    comments: options['csv.allow-comments'] === 'true',
    nullLiteral: options['csv.null-literal'],
    ignoreParseErrors: options['csv.ignore-parse-errors'] === 'true',
  };
}

function optionalByte(key: string, options: Options): number {
  const text = options[key];
  return text === undefined ? -1 : byteOf(key, text);
}

/** One character of ASCII; `\t` and so on stand for what they do in Java. */
export function byteOf(key: string, text: string): number {
  const plain = ESCAPES[text] ?? text;
  if (plain.length === 1 && plain.charCodeAt(0) < 0x80 && plain !== '\n' && plain !== '\r') return plain.charCodeAt(0);
  throw new HeadwaterError('invalid-option', `'${key}' is '${text}'; expected one ASCII character`);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\\\': '\\' };
