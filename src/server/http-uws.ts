import { STATUS_CODES } from 'node:http';
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
import { serveUwsSockets } from './socket-uws.ts';
import { loadUws, type UwsRequest, type UwsResponse } from './uws-module.ts';

/** The server over uWebSockets.js, or undefined where that does not load. */
export async function startUwsServer(
  handler: HttpHandler,
  address: string,
  port: number,
  sockets?: SocketRoute,
): Promise<HttpServer | undefined> {
  const uws = await loadUws();
  if (uws === undefined) return undefined;
  const app = uws.App();
  const closeSockets =
    sockets === undefined
      ? undefined
      : serveUwsSockets(app, sockets, (incoming) => ({ ...headOf(incoming), body: EMPTY }), send);
  app.any('/*', (response, request) => serve(handler, response, request));
  // Without the flag two processes could share the port, and callers would meet either.
  const socket = await new Promise<object | false>((resolve) => {
    app.listen(address, port, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, resolve);
  });
  if (socket === false) throw portInUse(address, port);
  return {
    implementation: 'uWebSockets.js',
    address,
    port: uws.us_socket_local_port(socket),
    close: async () => {
      closeSockets?.();
      app.close();
    },
  };
}

/** The request object dies with this call: everything needed is copied out of it first. */
function serve(handler: HttpHandler, response: UwsResponse, incoming: UwsRequest): void {
  const head = headOf(incoming);
  if (hasBody(head.method))
    readBody(response, (body, aborted) => answer(handler, response, { ...head, body }, aborted));
  else answer(handler, response, { ...head, body: EMPTY }, undefined);
}

function headOf(incoming: UwsRequest): Omit<HttpRequest, 'body'> {
  return {
    method: incoming.getMethod().toUpperCase(),
    path: incoming.getUrl(),
    query: incoming.getQuery() ?? '',
    host: incoming.getHeader('host') || undefined,
    origin: incoming.getHeader('origin') || undefined,
    authorization: incoming.getHeader('authorization') || undefined,
    apiKey: incoming.getHeader('x-api-key') || undefined,
    traceparent: incoming.getHeader('traceparent') || undefined,
  };
}

const EMPTY = new Uint8Array(0);

interface Aborted {
  aborted: boolean;
}

function answer(handler: HttpHandler, response: UwsResponse, request: HttpRequest, state: Aborted | undefined): void {
  const reply = handler(request);
  if (!(reply instanceof Promise)) {
    response.cork(() => send(response, request, reply));
    return;
  }
  const watched = state ?? watchAbort(response);
  void reply.then((late) => {
    if (!watched.aborted) response.cork(() => send(response, request, late));
  });
}

function watchAbort(response: UwsResponse): Aborted {
  const state = { aborted: false };
  response.onAborted(() => (state.aborted = true));
  return state;
}

function send(response: UwsResponse, request: HttpRequest, reply: HttpReply): void {
  response.writeStatus(`${reply.status} ${STATUS_CODES[reply.status] ?? ''}`);
  response.writeHeader('content-type', reply.contentType);
  for (const [name, value] of COMMON_HEADERS) response.writeHeader(name, value);
  for (const [name, value] of reply.headers ?? []) response.writeHeader(name, value);
  const close = request.body === 'too-large';
  // Not endWithoutBody(length): with a length it leaves the response pending, and the library aborts the process.
  response.end(request.method === 'HEAD' ? '' : reply.body, close);
}

function readBody(response: UwsResponse, done: (body: RequestBody, state: Aborted) => void): void {
  const state = watchAbort(response);
  const body = new BodyCollector();
  let finished = false;
  response.onData((chunk, isLast) => {
    if (finished) return;
    finished = !body.add(new Uint8Array(chunk)) || isLast;
    if (finished) done(body.finish(), state);
  });
}
