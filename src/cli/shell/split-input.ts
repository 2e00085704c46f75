import { HeadwaterError } from '../../data/errors.ts';
import { cutScript } from '../../sql/index.ts';

export interface SplitInput {
  /** Statements that are complete: their `;` has been typed. Without it. */
  readonly statements: readonly string[];
  /** What is typed and goes on in the next line; empty when nothing is. */
  readonly rest: string;
}

/** Cuts what was typed at the semicolons that end statements: not those in strings, names, comments and statement sets. */
export function splitInput(text: string): SplitInput {
  let parts: ReturnType<typeof cutScript>;
  try {
    parts = cutScript(text);
  } catch (error) {
    if (!(error instanceof HeadwaterError)) throw error;
    // A string or a comment goes on in the next line; what is wrong shows when the statement runs.
    const open = error.code.startsWith('sql-unclosed-');
    return open || !text.trimEnd().endsWith(';')
      ? { statements: [], rest: text }
      : { statements: [text.trim().replace(/;$/, '')], rest: '' };
  }
  const statements = parts.filter((part) => part.complete).map((part) => part.text);
  const last = parts.at(-1);
  return { statements, rest: last === undefined || last.complete ? '' : last.text };
}
