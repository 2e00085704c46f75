/** A copy without the positions, to compare trees of different texts. */
export function withoutPositions(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, child: unknown) => (key === 'position' ? undefined : child)));
}
