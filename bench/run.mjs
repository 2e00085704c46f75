import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** `npm run bench -- NAME [options]`: runs a bench that the build has bundled. */
const BENCHES = {
  pipeline: '../dist/bench/pipeline.js',
  windows: '../dist/bench/windows.js',
  expressions: '../dist/bench/expressions.js',
  planning: '../dist/bench/planning.js',
  redis: '../dist/bench/redis.js',
  evolution: '../dist/bench/evolution.js',
  producer: '../dist/bench/producer.js',
};

const [name, ...options] = process.argv.slice(2);
const entry = BENCHES[name];
if (entry === undefined) {
  process.stderr.write(`expected one of ${Object.keys(BENCHES).join(', ')}: npm run bench -- pipeline\n`);
  process.exit(2);
}
const file = fileURLToPath(new URL(entry, import.meta.url));
spawn(process.execPath, [file, ...options], { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
