import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';

/** Vitest's global setup: tests of the command run what `npm run build` makes of the sources as they are now. */
export default function setup(): void {
  const built = statSync('dist/headwater.js', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(
    ...readdirSync('src', { recursive: true, encoding: 'utf8' }).map((file) => statSync(`src/${file}`).mtimeMs),
  );
  if (newest > built) execFileSync('node', ['scripts/build.mjs'], { stdio: 'inherit' });
}
