/** A name as tokens write it, `a . b` or `` `a` ``. */
export function plainName(tokens: string): string {
  return tokens
    .split(' . ')
    .map((part) => (part.startsWith('`') ? part.slice(1, -1).replaceAll('``', '`') : part))
    .join('.');
}

export function knownNames(names: Iterable<string>): string {
  const all = [...names];
  return all.length === 0 ? ': none is declared' : `: expected one of ${all.join(', ')}`;
}
