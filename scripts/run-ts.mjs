import { spawn } from 'node:child_process';
import { bundleTool } from './build.mjs';

/** `node scripts/run-ts.mjs FILE [arguments]`: bundles a TypeScript tool into dist/tools and runs it. */
const [entry, ...words] = process.argv.slice(2);
const file = await bundleTool(entry);
const child = spawn(process.execPath, ['--enable-source-maps', file, ...words], { stdio: 'inherit' });
// Ctrl-C reaches the child through the terminal's process group; this process only waits for its end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
