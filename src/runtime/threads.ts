import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { ConnectorSet } from './connector-set.ts';
import { EnginePool, type EngineThread } from './engine-pool.ts';
import { type EngineClock, EngineService } from './engine-service.ts';
import { FollowerClient } from './follower-client.ts';
import { FollowerService } from './follower-service.ts';
import { StoreClient } from './store-client.ts';
import { StoreService } from './store-service.ts';

/** The threads behind main: the engine pool, the store thread, and the follower thread (started when it is needed). */
export interface Threads {
  readonly engines: EnginePool;
  readonly store: StoreClient;
  readonly followers: FollowerClient;
  shutdown(): Promise<void>;
}

/** Entry files of the workers (bundled JavaScript). */
export interface WorkerEntries {
  readonly engine: URL;
  readonly store: URL;
  readonly follower: URL;
}

/** The store thread's objects are views of large blobs: a larger young generation would only let more of these pile up. */
const STORE_YOUNG_MB = 3;
/** Batches and state lie outside V8's heap: what is young there is nearly all garbage. */
const ENGINE_YOUNG_MB = 12;

/** Real threads. `heapMb` bounds each engine thread's V8 heap (typed arrays are counted elsewhere). */
export function startThreads(count: number, entries: WorkerEntries, heapMb = 512): Threads {
  const store = startWorker(entries.store, 'headwater-store', heapMb, STORE_YOUNG_MB);
  const client = new StoreClient(store.port);
  const engines = new EnginePool(count, (index) =>
    startWorker(entries.engine, `headwater-engine-${index}`, heapMb, ENGINE_YOUNG_MB),
  );
  const followers = new FollowerClient(() => startWorker(entries.follower, 'headwater-follower', heapMb));
  return {
    engines,
    store: client,
    followers,
    shutdown: async () => {
      await followers.shutdown();
      await engines.shutdown();
      client.shutdown();
      await store.exited;
    },
  };
}

/** A worker thread with its port. */
export interface WorkerThread extends EngineThread {
  readonly exited: Promise<void>;
  /** Ends it on the spot, the way a crash does. */
  kill(): void;
}

export function startWorker(entry: URL, name: string, heapMb: number, youngMb?: number): WorkerThread {
  const { port1, port2 } = new MessageChannel();
  const turnOf = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(entry, {
    name,
    workerData: { port: port2, turnOf },
    transferList: [port2],
    resourceLimits: {
      maxOldGenerationSizeMb: heapMb,
      ...(youngMb === undefined ? {} : { maxYoungGenerationSizeMb: youngMb }),
    },
  });
  let failure = 'it was terminated';
  let ended: (reason: string) => void = () => undefined;
  worker.on('error', (error) => (failure = error.message));
  const exited = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
  worker.on('exit', () => ended(failure));
  return {
    port: port1,
    turnOf,
    exited,
    onExit: (callback) => (ended = callback),
    kill: () => void worker.terminate(),
    terminate: async () => {
      ended = () => undefined;
      port1.postMessage({ type: 'shutdown' });
      const timer = setTimeout(() => void worker.terminate(), 2000);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** The same services on the calling thread, over the same messages: for tests, and where a thread is not worth it.
 *  `checked` wraps every operator and edge with the checks of operators/checked.ts. */
export function inlineThreads(
  count: number,
  connectors: ConnectorSet,
  clock: EngineClock,
  checked = false,
): Threads & { kill(): void } {
  const services: EngineService[] = [];
  const storeChannel = new MessageChannel();
  const storeService = new StoreService(storeChannel.port2, clock.now);
  const store = new StoreClient(storeChannel.port1);
  const ports: MessagePort[] = [storeChannel.port1];
  const engines = new EnginePool(count, () => {
    const { port1, port2 } = new MessageChannel();
    const service = new EngineService(port2, connectors, clock, checked);
    services.push(service);
    ports.push(port1);
    return {
      port: port1,
      turnOf: new Int32Array(1),
      onExit: () => undefined,
      terminate: () => Promise.resolve(service.kill()),
    };
  });
  const followerServices: FollowerService[] = [];
  const followers = new FollowerClient(() => {
    const { port1, port2 } = new MessageChannel();
    const service = new FollowerService(port2, { random: Math.random, monotonic: clock.monotonic, now: clock.now });
    followerServices.push(service);
    ports.push(port1);
    return { port: port1, onExit: () => undefined, terminate: () => service.kill() };
  });
  const close = (): void => {
    for (const service of services) service.kill();
    for (const service of followerServices) void service.kill();
    storeService.kill();
    for (const port of ports) port.close();
  };
  return {
    engines,
    store,
    followers,
    shutdown: async () => {
      await followers.shutdown();
      await engines.shutdown();
      close();
    },
    kill: close,
  };
}
