const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** The wait before attempt `failures` + 1: doubles up to ten seconds, with jitter so that clients do not come in step. */
export function backOffMs(failures: number, random: () => number): number {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return base * (0.75 + random() * 0.5);
}
