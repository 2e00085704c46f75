import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Native packages and packages that are loaded only when used stay outside of the bundles. */
const external = [
  'better-sqlite3',
  'uWebSockets.js',
  'kafkajs',
  'kafkajs/*',
  '@kafkajs/confluent-schema-registry',
  'ioredis',
  '@opentelemetry/*',
  'prom-client',
  'avsc',
  '@node-rs/*',
  'snappy',
  'lz4-napi',
  '@bokuweb/*',
  'hyparquet',
  'hyparquet-compressors',
  'hyparquet-writer',
  'csv-parse',
  'ws',
];

const PRODUCT = {
  headwater: 'src/cli/main.ts',
  'engine-worker': 'src/runtime/engine-worker.ts',
  'store-worker': 'src/runtime/store-worker.ts',
  'follower-worker': 'src/runtime/follower-worker.ts',
};

const BENCH = {
  'bench/pipeline': 'bench/pipeline/main.ts',
  'bench/windows': 'bench/windows/main.ts',
  'bench/expressions': 'bench/expressions/main.ts',
  'bench/planning': 'bench/planning/main.ts',
  'bench/redis': 'bench/redis/main.ts',
  'bench/evolution': 'bench/evolution/main.ts',
  'bench/producer': 'bench/producer/main.ts',
  'bench/producer-peer': 'bench/producer/kafkajs-peer.ts',
  'bench/measure': 'bench/pipeline/measure.ts',
  'bench/engine-worker': 'bench/engine-worker.ts',
};

/** Bundles entry points into dist/. Files are replaced one by one: a running process keeps what it has loaded. */
export async function bundle(entryPoints) {
  await build({
    entryPoints,
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

/** The command and the worker entries. */
export const buildProduct = () => bundle(PRODUCT);
/** The benches, into dist/bench. */
export const buildBench = () =>
  bundle(Object.fromEntries(Object.entries(BENCH).filter(([, file]) => existsSync(file))));

/** A tool of the tests; the path of its bundle. */
export async function bundleTool(entry) {
  const name = `tools/${entry.replace(/\.ts$/, '').replaceAll('/', '-')}`;
  await bundle({ [name]: entry });
  return `dist/${name}.js`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await buildProduct();
  if (process.argv.includes('--bench')) await buildBench();
}
