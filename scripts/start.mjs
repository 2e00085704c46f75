import { spawn } from 'node:child_process';
import { buildProduct } from './build.mjs';

/** `npm start`: builds, then runs the demo; arguments go through (`npm start -- --duration 30s`). */
await buildProduct();
const child = spawn(process.execPath, ['bin/headwater.js', 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the child through the terminal's process group; this process only waits for its end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
