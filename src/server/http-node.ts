import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  COMMON_HEADERS,
  type HttpHandler,
  type HttpReply,
  type HttpRequest,
  type HttpServer,
  portInUse,
} from './http.ts';
import { BodyCollector, hasBody, type RequestBody } from './request-body.ts';
import type { SocketRoute } from './socket.ts';
import { serveNodeSockets } from './socket-node.ts';

const EMPTY = new Uint8Array(0);
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** The server over node:http: used where uWebSockets.js does not load. */
export async function startNodeServer(
  handler: HttpHandler,
  address: string,
  port: number,
  sockets?: SocketRoute,
): Promise<HttpServer> {
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 16 << 10 },
    (incoming, outgoing) => void serve(handler, incoming, outgoing),
  );
  const closeSockets = await serveNodeSockets(server, sockets, (incoming) => requestOf(incoming, EMPTY), handler);
  await listen(server, address, port);
  return {
    implementation: 'node:http',
    address,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeSockets();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? portInUse(address, port) : error);
    };
    server.once('error', onError);
    server.listen(port, address, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

async function serve(handler: HttpHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const method = incoming.method ?? 'GET';
  const body = hasBody(method) ? await readBody(incoming) : EMPTY;
  if (body === undefined) return;
  const reply = handler(requestOf(incoming, body));
  send(outgoing, reply instanceof Promise ? await reply : reply, incoming.complete);
}

function requestOf(incoming: IncomingMessage, body: RequestBody): HttpRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    host: incoming.headers.host,
    origin: incoming.headers.origin,
    authorization: incoming.headers.authorization,
    apiKey: single(incoming.headers['x-api-key']),
    traceparent: single(incoming.headers.traceparent),
    body,
  };
}

function send(outgoing: ServerResponse, reply: HttpReply, keepAlive: boolean): void {
  if (outgoing.destroyed) return;
  for (const [name, value] of COMMON_HEADERS) outgoing.setHeader(name, value);
  for (const [name, value] of reply.headers ?? []) outgoing.setHeader(name, value);
  if (!keepAlive) outgoing.setHeader('connection', 'close');
  outgoing.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
  });
  outgoing.end(reply.body);
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}

/** Resolves with undefined when the client went away. */
function readBody(incoming: IncomingMessage): Promise<RequestBody | undefined> {
  return new Promise((resolve) => {
    const body = new BodyCollector();
    incoming.on('data', (part: Buffer) => {
      if (!body.add(part)) resolve(body.finish());
    });
    incoming.on('end', () => resolve(body.finish()));
    incoming.on('error', () => resolve(undefined));
    incoming.on('close', () => resolve(undefined));
  });
}
