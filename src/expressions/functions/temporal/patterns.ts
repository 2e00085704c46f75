import { HeadwaterError } from '../../../data/errors.ts';
import type { Expr } from '../../typed.ts';

/** Compiles patterns; a constant one is compiled once, others are kept by their text. */
export function patternCache<T>(compile: (pattern: string) => T): (pattern: string) => T {
  const known = new Map<string, T>();
  return (pattern) => {
    let compiled = known.get(pattern);
    if (compiled === undefined) {
      // Patterns from a column are few; should they not be, memory stays bounded.
      if (known.size >= 1000) known.clear();
      compiled = compile(pattern);
      known.set(pattern, compiled);
    }
    return compiled;
  };
}

/** Refuses a constant pattern that is not valid while planning. */
export function checkPattern(place: number, compile: (pattern: string) => unknown): (args: readonly Expr[]) => void {
  return (args) => {
    const pattern = args.at(place);
    if (args.length <= place || pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return;
    try {
      compile(pattern.value);
    } catch (error) {
      if (error instanceof HeadwaterError) throw new HeadwaterError(error.code, error.message);
      throw error;
    }
  };
}
