import type { EmbeddedRegistry } from '../connectors/embedded/registry.ts';
import { Metrics, type MetricsSample } from '../observability/metrics.ts';
import type { AnsweredRequest } from '../observability/spans.ts';
import { type HttpHandler, type HttpServer, type ListenOptions, startHttpServer } from './http.ts';
import type { ServerPlatform } from './platform.ts';
import { routeRequests } from './router.ts';
import { featureRoutes } from './routes/features.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { registryRoutes } from './routes/registry.ts';
import { subscribeRoute, subscribeSockets } from './subscribe/gate.ts';
import type { SessionLimits } from './subscribe/session.ts';

export interface ServerOptions extends Omit<ListenOptions, 'sockets'> {
  /** Milliseconds, monotonic: measures lookups. */
  readonly monotonic: () => number;
  /** Served under `/registry` when given. */
  readonly registry?: EmbeddedRegistry;
  /** Of subscriptions, when others than by default. */
  readonly subscribe?: SessionLimits;
  /** Told of every answered request, when given. */
  readonly answered?: (request: AnsweredRequest) => void;
  /** Where failures go that the client is not told about. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
}

/** Serves features, jobs, health, metrics and the embedded registry over HTTP. Throws `bind-refused`, `port-in-use`. */
export async function startServer(platform: ServerPlatform, options: ServerOptions): Promise<HttpServer> {
  const metrics = new Metrics(() => sample(platform));
  const { feeds } = platform;
  const sockets = feeds === undefined ? undefined : subscribeSockets(feeds, options.keys, options, options.subscribe);
  const server = await startHttpServer(createHandler(platform, metrics, options), { ...options, sockets });
  metrics.start();
  return server;
}

/** All routes as one function of a request, without any socket. */
export function createHandler(
  platform: ServerPlatform,
  metrics: Metrics,
  options: Pick<ServerOptions, 'monotonic' | 'log' | 'registry' | 'keys' | 'answered'>,
): HttpHandler {
  const observer = {
    now: () => options.monotonic() / 1000,
    observe: (table: string, keys: number, found: number, seconds: number) =>
      metrics.observeLookup(table, keys, found, seconds),
  };
  return routeRequests(
    [
      ...featureRoutes(platform, observer),
      ...healthRoutes(platform),
      ...jobRoutes(platform),
      ...metricsRoutes(metrics),
      ...(platform.feeds === undefined ? [] : [subscribeRoute]),
      ...(options.registry === undefined ? [] : registryRoutes(options.registry)),
    ],
    options.log,
    options.keys,
    options.answered === undefined ? undefined : { monotonic: options.monotonic, answered: options.answered },
  );
}

function sample(platform: ServerPlatform): MetricsSample {
  const tables = platform.tableNames().flatMap((name) => {
    const image = platform.image(name);
    if (image === undefined) return [];
    const { subscriptions, changes } = platform.feeds?.sample(name) ?? { subscriptions: 0, changes: 0 };
    return [
      {
        name,
        rows: image.size,
        bytes: image.bytes(),
        epoch: image.freshness.epoch,
        subscriptions,
        changesSent: changes,
      },
    ];
  });
  return { jobs: platform.jobs(), tables, sinks: platform.sinks?.() ?? [] };
}
