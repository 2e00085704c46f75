import { performance } from 'node:perf_hooks';
import { type MessagePort, workerData } from 'node:worker_threads';
import { EngineService } from '../src/runtime/engine-service.ts';
import { benchConnectors } from './connectors.ts';

/** Entry of an engine thread of the bench: the built-in connectors and the memory source. */
const { port } = workerData as { port: MessagePort };
new EngineService(port, benchConnectors(), { now: () => Date.now(), monotonic: () => performance.now() });
