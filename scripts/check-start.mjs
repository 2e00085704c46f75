import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a newcomer does: `npm start -- --duration 30s` in a fresh clone. Reads a feature while it runs and checks that
 * it ends by itself with code 0.
 */
const dataDir = mkdtempSync(join(tmpdir(), 'headwater-start-'));
const args = ['start', '--silent', '--', '--duration', '30s', '--port', '0', '--data-dir', dataDir];
const child = spawn('npm', args, { stdio: ['ignore', 'pipe', 'inherit'] });
let output = '';
child.stdout.on('data', (data) => {
  output += data;
  process.stdout.write(data);
});
const exit = new Promise((resolve) => child.on('exit', resolve));

let feature;
const deadline = Date.now() + 60_000;
while (feature === undefined && Date.now() < deadline && child.exitCode === null) {
  await new Promise((resolve) => setTimeout(resolve, 500));
  const port = /serving on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
  if (port === undefined) continue;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/features/user_activity/user_0000042`);
    if (response.status === 200) feature = await response.json();
  } catch {
    // not listening yet
  }
}
const code = await exit;
rmSync(dataDir, { recursive: true, force: true });
if (feature === undefined) throw new Error('no feature of user_0000042 could be read while it ran');
if (code !== 0) throw new Error(`npm start ended with code ${code}, expected 0`);
console.log(`read a feature while it ran: ${JSON.stringify(feature.features)}`);
