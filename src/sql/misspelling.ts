import type { IToken, TokenType } from 'chevrotain';
import { Identifier, KEYWORD_TYPES } from './tokens.ts';

const MIN_LENGTH = 3;

/** The keyword among `types` that the plain name `token` is a misspelling of. */
export function nearestKeyword(token: IToken, types: readonly TokenType[]): string | undefined {
  if (token.tokenType !== Identifier || token.image.length < MIN_LENGTH) return undefined;
  const possible = [...KEYWORD_TYPES].filter(([keyword, type]) => keyword.length >= MIN_LENGTH && types.includes(type));
  return nearestWord(
    token.image,
    possible.map(([keyword]) => keyword),
  );
}

/** The one of `words`, in upper case, that the word is a misspelling of. */
export function nearestWord(given: string, words: readonly string[]): string | undefined {
  const word = given.toUpperCase();
  let best: string | undefined;
  let bestDistance = word.length <= 3 ? 2 : Math.floor(word.length / 3) + 1;
  for (const known of words) {
    const distance = editDistance(word, known);
    if (distance < bestDistance) {
      best = known;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2] + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
