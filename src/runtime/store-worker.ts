import { type MessagePort, workerData } from 'node:worker_threads';
import { StoreService } from './store-service.ts';

/** Entry of the store thread. */
const { port } = workerData as { port: MessagePort };
new StoreService(port, () => Date.now());
