import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EnginePool } from '../../src/runtime/engine-pool.ts';
import { startThreads, startWorker, type Threads, type WorkerThread } from '../../src/runtime/threads.ts';

const dist = (name: string): URL => pathToFileURL(join(process.cwd(), 'dist', name));
const ENTRIES = {
  engine: dist('engine-worker.js'),
  store: dist('store-worker.js'),
  follower: dist('follower-worker.js'),
};

/** Real threads, of which the engine threads can be killed one by one: they are put into `engines`. */
export function killableThreads(engines: WorkerThread[]): Threads {
  const { store, followers, shutdown } = startThreads(0, ENTRIES);
  const pool = new EnginePool(2, (index) => (engines[index] = startWorker(ENTRIES.engine, `engine-${index}`, 512)));
  const end = async (): Promise<void> => {
    await pool.shutdown();
    await shutdown();
  };
  return { engines: pool, store, followers, shutdown: end };
}
