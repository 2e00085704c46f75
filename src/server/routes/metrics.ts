import type { Metrics } from '../../observability/metrics.ts';
import type { Route } from '../router.ts';

export function metricsRoutes(metrics: Metrics): Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => {
        const { contentType, body } = await metrics.scrape();
        return { status: 200, contentType, body };
      },
    },
  ];
}
