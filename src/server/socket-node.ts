import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { COMMON_HEADERS, type HttpReply, type HttpRequest } from './http.ts';
import {
  GOING_AWAY,
  MESSAGE_LIMIT,
  NO_TEXT,
  SILENCE_SECONDS,
  type Socket,
  type SocketRoute,
  type SocketSession,
} from './socket.ts';

/** How long a client has to answer the closing handshake when the server ends. */
const CLOSING_MS = 500;

/**
 * WebSockets over node:http, by `ws`. `answer` gives what a request gets that is not upgraded here. Returns what closes
 * them all.
 */
export async function serveNodeSockets(
  server: Server,
  route: SocketRoute | undefined,
  toRequest: (incoming: IncomingMessage) => HttpRequest,
  answer: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
): Promise<() => Promise<void>> {
  const { WebSocketServer } = await import('ws');
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT, perMessageDeflate: false });
  server.on('upgrade', (incoming: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => undefined);
    const request = toRequest(incoming);
    const decision = request.path === route?.path ? route.gate(request) : answer(request);
    if (typeof decision === 'function') {
      sockets.handleUpgrade(incoming, connection, head, (socket) => speak(socket, decision));
    } else {
      void Promise.resolve(decision).then((reply) => refuse(connection, reply));
    }
  });
  const heartbeat = setInterval(() => beat(sockets.clients), (SILENCE_SECONDS / 2) * 1000);
  heartbeat.unref();
  return async () => {
    clearInterval(heartbeat);
    for (const socket of sockets.clients) socket.close(GOING_AWAY, 'going-away');
    const end = Date.now() + CLOSING_MS;
    while (sockets.clients.size > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const socket of sockets.clients) socket.terminate();
  };
}

const silent = new WeakSet<WebSocket>();

/** Ends the connections that have said nothing since the last time, and asks the others to say something. */
function beat(clients: Iterable<WebSocket>): void {
  for (const socket of clients) {
    if (silent.has(socket)) {
      socket.terminate();
      continue;
    }
    silent.add(socket);
    socket.ping();
  }
}

function speak(socket: WebSocket, open: (socket: Socket) => SocketSession): void {
  const session = open({
    send: (text) => socket.send(text, () => session.drained()),
    get waiting() {
      return socket.bufferedAmount;
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  });
  const heard = (): boolean => silent.delete(socket);
  socket.on('pong', heard);
  socket.on('ping', heard);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    heard();
    if (isBinary) socket.close(NO_TEXT, 'expected text');
    else session.message(data.toString('utf8'));
  });
  // The close that follows says it all.
  socket.on('error', () => undefined);
  socket.on('close', () => session.closed());
}

/** An answer over a connection that is no HTTP response's any more. */
function refuse(connection: Duplex, { status, contentType, headers = [], body }: HttpReply): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...[...COMMON_HEADERS, ...headers].map(([name, value]) => `${name}: ${value}`),
  ];
  connection.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
