/** Positions `from` .. `to` - 1 by their lanes, where there are any; those with a lane below zero are left out. */
export function lanePositions(
  lanes: Int32Array,
  from: number,
  to: number,
): { readonly lane: number; readonly positions: Int32Array }[] {
  let last = -1;
  for (let i = from; i < to; i++) if (lanes[i] > last) last = lanes[i];
  const counts = new Int32Array(last + 1);
  for (let i = from; i < to; i++) if (lanes[i] >= 0) counts[lanes[i]]++;
  const found = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = from; i < to; i++) if (lanes[i] >= 0) found[lanes[i]][counts[lanes[i]]++] = i;
  return found.map((positions, lane) => ({ lane, positions })).filter(({ positions }) => positions.length > 0);
}
