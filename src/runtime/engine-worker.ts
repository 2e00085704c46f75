import { performance } from 'node:perf_hooks';
import { type MessagePort, workerData } from 'node:worker_threads';
import { builtinConnectors } from './builtin-connectors.ts';
import { EngineService } from './engine-service.ts';

/** Entry of an engine thread. */
const { port } = workerData as { port: MessagePort };
new EngineService(port, builtinConnectors(), { now: () => Date.now(), monotonic: () => performance.now() });
