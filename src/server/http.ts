import { HeadwaterError } from '../data/errors.ts';
import type { ApiKeys } from './api-keys.ts';
import { bindAddress } from './guard.ts';
import { startNodeServer } from './http-node.ts';
import { startUwsServer } from './http-uws.ts';
import type { RequestBody } from './request-body.ts';
import type { SocketRoute } from './socket.ts';

/** One request, whichever library read it. */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  /** What follows `?`, or the empty string. */
  readonly query: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** The header x-api-key. */
  readonly apiKey: string | undefined;
  readonly traceparent: string | undefined;
  /** Empty for methods without a body. `too-large` when it exceeds BODY_LIMIT. */
  readonly body: RequestBody;
}

export interface HttpReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** More headers than every answer has. */
  readonly headers?: readonly (readonly [string, string])[];
}

/** Answers every request; never throws. A reply that is there at once is sent in the same turn. */
export type HttpHandler = (request: HttpRequest) => HttpReply | Promise<HttpReply>;

export type HttpImplementation = 'uWebSockets.js' | 'node:http';

export interface HttpServer {
  /** Which library is in use: start-up says so. */
  readonly implementation: HttpImplementation;
  readonly address: string;
  readonly port: number;
  /** Stops listening and closes all connections. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** An IP address; without keys only a loopback one (`bind-refused`). */
  readonly host: string;
  /** What callers must show, on any address; undefined: nothing. */
  readonly keys?: ApiKeys;
  /** 0 takes a free port. A port in use is refused (`port-in-use`). */
  readonly port: number;
  /** Default: uWebSockets.js where it loads (it is an optional native package), else node:http. */
  readonly implementation?: HttpImplementation;
  /** Where WebSockets are opened. */
  readonly sockets?: SocketRoute;
}

/** Headers of every answer: nothing is cached, nothing is guessed. */
export const COMMON_HEADERS: readonly (readonly [string, string])[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
];

export async function startHttpServer(handler: HttpHandler, options: ListenOptions): Promise<HttpServer> {
  const address = bindAddress(options.host, options.keys);
  switch (options.implementation) {
    case 'node:http':
      return startNodeServer(handler, address, options.port, options.sockets);
    case 'uWebSockets.js': {
      const server = await startUwsServer(handler, address, options.port, options.sockets);
      if (server !== undefined) return server;
      throw new HeadwaterError(
        'missing-package',
        'uWebSockets.js does not load here: expected it to be installed, or node:http',
      );
    }
    case undefined:
      return (
        (await startUwsServer(handler, address, options.port, options.sockets)) ??
        startNodeServer(handler, address, options.port, options.sockets)
      );
  }
}

export function portInUse(address: string, port: number): HeadwaterError {
  return new HeadwaterError(
    'port-in-use',
    `${address}:${port} cannot be listened on, something else uses it: expected a free port, give --port`,
  );
}
