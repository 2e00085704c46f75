import { HeadwaterError, type SourcePosition } from '../data/errors.ts';

export interface SqlErrorParts {
  readonly code: string;
  /** What is wrong, one line, without position. */
  readonly summary: string;
  readonly position: SourcePosition;
  /** What could stand there, most useful first. */
  readonly expected?: readonly string[];
  /** How to put it right. */
  readonly hint?: string;
  /** The whole script, for the excerpt. */
  readonly source: string;
}

/** An error in SQL text. The message holds code, line:column, the source line with a caret, expectation and hint. */
export class SqlError extends HeadwaterError {
  /** The first line without code and position. */
  readonly summary: string;

  constructor(parts: SqlErrorParts) {
    super(parts.code, render(parts), { position: parts.position });
    this.name = 'SqlError';
    this.summary = parts.summary;
  }
}

/**
 * Any error about SQL against the script it came from: code, line:column, message, and the source line with a caret.
 * An error without a position is `code: message`.
 */
export function formatSqlError(error: HeadwaterError, sourceText: string): string {
  if (error instanceof SqlError) return error.message;
  if (error.position === undefined) return `${error.code}: ${error.message}`;
  return render({ code: error.code, summary: error.message, position: error.position, source: sourceText });
}

function render({ code, summary, position, expected = [], hint, source }: SqlErrorParts): string {
  const lines = [`${code} at ${position.line}:${position.column}: ${summary}`, ...excerpt(source, position)];
  if (expected.length > 0) lines.push(`expected: ${orList(expected)}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join('\n');
}

function orList(items: readonly string[]): string {
  return items.length === 1 ? items[0] : `${items.slice(0, -1).join(', ')} or ${items[items.length - 1]}`;
}

const MAX_BEFORE = 80;
const MAX_AFTER = 60;

/** The line and a caret line below; a long line is cut around the caret. */
function excerpt(source: string, position: SourcePosition): string[] {
  const line = source.split(/\r?\n/, position.line)[position.line - 1];
  if (line === undefined) return [];
  const start = Math.min(position.column - 1, line.length);
  const end = Math.min(start + Math.max(1, position.length ?? 1), Math.max(line.length, start + 1));
  const from = start > MAX_BEFORE ? start - MAX_BEFORE : 0;
  const to =
    line.length > end + MAX_AFTER ? Math.max(start + MAX_AFTER, Math.min(end, start + 2 * MAX_AFTER)) : line.length;
  const prefix = (from > 0 ? '...' : '') + line.slice(from, start);
  const shown = `${prefix}${line.slice(start, to)}${to < line.length ? '...' : ''}`;
  const carets = '^'.repeat(Math.max(1, [...line.slice(start, Math.min(end, to))].length));
  return [`  ${shown}`, `  ${blank(prefix)}${carets}`];
}

/** As wide as the text: tabs stay tabs, anything else is a space. */
function blank(text: string): string {
  return [...text].map((char) => (char === '\t' ? '\t' : ' ')).join('');
}
