import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';

/**
 * Bundles the command, the two worker entries, and the benches (dist/bench). Native and lazily loaded packages stay
 * outside.
 */
const external = [
  'better-sqlite3',
  'uWebSockets.js',
  'ws',
  'kafkajs',
  'kafkajs/*',
  '@kafkajs/confluent-schema-registry',
  'ioredis',
  '@opentelemetry/*',
  'prom-client',
  'avsc',
];

export async function buildAll() {
  rmSync('dist', { recursive: true, force: true });
  mkdirSync('dist', { recursive: true });
  await build({
    entryPoints: {
      headwater: 'src/cli/main.ts',
      'engine-worker': 'src/runtime/engine-worker.ts',
      'store-worker': 'src/runtime/store-worker.ts',
      'bench/pipeline': 'bench/pipeline/main.ts',
      'bench/measure': 'bench/pipeline/measure.ts',
      'bench/latency': 'bench/pipeline/measure-latency.ts',
      'bench/engine-worker': 'bench/engine-worker.ts',
    },
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    external,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

await buildAll();
