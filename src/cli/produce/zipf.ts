/**
 * Draws ranks 0 to n-1, rank r with a probability proportional to 1 / (r + 1)^skew: skew 0 is uniform, 1 what word
 * counts and popular items look like. Walker's alias method: one table, two random numbers a draw.
 */
export function zipfSampler(n: number, skew: number, random: () => number): () => number {
  if (skew === 0) return () => Math.floor(random() * n);
  const share = new Float64Array(n);
  let total = 0;
  for (let rank = 0; rank < n; rank++) total += share[rank] = (rank + 1) ** -skew;
  for (let rank = 0; rank < n; rank++) share[rank] *= n / total;
  const alias = new Int32Array(n);
  // Ranks below their fair share are filled up from those above it.
  const poor: number[] = [];
  const rich: number[] = [];
  for (let rank = 0; rank < n; rank++) (share[rank] < 1 ? poor : rich).push(rank);
  while (poor.length > 0 && rich.length > 0) {
    const low = poor.pop() ?? 0;
    const high = rich[rich.length - 1];
    alias[low] = high;
    share[high] -= 1 - share[low];
    if (share[high] < 1) poor.push(rich.pop() ?? 0);
  }
  for (const rank of [...poor, ...rich]) share[rank] = 1;
  return () => {
    const rank = Math.floor(random() * n);
    return random() < share[rank] ? rank : alias[rank];
  };
}
