import { performance } from 'node:perf_hooks';
import { type MessagePort, workerData } from 'node:worker_threads';
import { builtinConnectors } from './builtin-connectors.ts';
import { EngineService } from './engine-service.ts';

/** Entry of an engine thread. */
const { port, turnOf } = workerData as { port: MessagePort; turnOf: Int32Array };
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
new EngineService(port, builtinConnectors(), clock, false, turnOf);
