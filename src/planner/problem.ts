import { HeadwaterError, type SourcePosition } from '../data/errors.ts';

/** An error of the user's SQL at a position. */
export function problem(code: string, message: string, position: SourcePosition | undefined): HeadwaterError {
  return new HeadwaterError(code, message, { position });
}

/** What parses (or is Flink) but is not executed; `feature` names it. */
export function unsupported(
  feature: string,
  position: SourcePosition | undefined,
  hint: string | undefined = undefined,
): HeadwaterError {
  return problem('unsupported', `${feature} is not supported yet${hint === undefined ? '' : `; ${hint}`}`, position);
}

/** ` Did you mean 'x'?`, or nothing when no name is near. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const near = nearest(given, known);
  return near === undefined ? '' : ` Did you mean '${near}'?`;
}

/** The known name with the smallest edit distance, if it is small for the length of the name. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance =
      name.toLowerCase() === given.toLowerCase() ? 0 : editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** `'a', 'b', 'c'` in alphabetical order. */
export function listNames(names: Iterable<string>): string {
  return [...names]
    .sort()
    .map((name) => `'${name}'`)
    .join(', ');
}

/** Insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? beforePrevious[j - 2] + 1 : Infinity;
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, substitution, swap));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}
