import { performance } from 'node:perf_hooks';
import { type MessagePort, workerData } from 'node:worker_threads';
import { FollowerService } from './follower-service.ts';

/** Entry of the follower thread. */
const { port } = workerData as { port: MessagePort };
new FollowerService(port, { random: Math.random, monotonic: () => performance.now(), now: () => Date.now() });
