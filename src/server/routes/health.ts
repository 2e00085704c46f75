import type { ServerPlatform } from '../platform.ts';
import { json } from '../reply.ts';
import type { Route } from '../router.ts';

/** Live: the process answers. Ready: jobs are restored and images loaded, so that answers are complete. */
export function healthRoutes(platform: ServerPlatform): Route[] {
  return [
    {
      method: 'GET',
      path: '/health/live',
      access: 'open',
      handle: () => json({ status: 'live', version: platform.version }),
    },
    {
      method: 'GET',
      path: '/health/ready',
      access: 'open',
      handle: () => {
        const { ready, waitingFor } = platform.readiness();
        return ready ? json({ status: 'ready' }) : json({ status: 'not-ready', waiting_for: waitingFor }, 503);
      },
    },
  ];
}
