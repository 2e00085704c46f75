import type { HttpReply, HttpRequest } from './http.ts';
import {
  GOING_AWAY,
  MESSAGE_LIMIT,
  NO_TEXT,
  SILENCE_SECONDS,
  type Socket,
  type SocketRoute,
  type SocketSession,
} from './socket.ts';
import type { UwsApp, UwsRequest, UwsResponse, UwsSocket, UwsSocketContext } from './uws-module.ts';

/** Of one connection at most; sessions stop long before. */
const MAX_WAITING_BYTES = 64 << 20;

interface Data {
  readonly open: (socket: Socket) => SocketSession;
  session?: SocketSession;
}

/** WebSockets over uWebSockets.js. Returns what closes them all. */
export function serveUwsSockets(
  app: UwsApp,
  { path, gate }: SocketRoute,
  toRequest: (incoming: UwsRequest) => HttpRequest,
  send: (response: UwsResponse, request: HttpRequest, reply: HttpReply) => void,
): () => void {
  const sockets = new Set<UwsSocket<Data>>();
  app.ws<Data>(path, {
    maxPayloadLength: MESSAGE_LIMIT,
    maxBackpressure: MAX_WAITING_BYTES,
    closeOnBackpressureLimit: true,
    idleTimeout: SILENCE_SECONDS,
    sendPingsAutomatically: true,
    upgrade: (response: UwsResponse, incoming: UwsRequest, context: UwsSocketContext) => {
      const request = toRequest(incoming);
      const decision = gate(request);
      if (typeof decision !== 'function') {
        response.cork(() => send(response, request, decision));
        return;
      }
      const header = (name: string): string => incoming.getHeader(name);
      const key = header('sec-websocket-key');
      response.upgrade<Data>({ open: decision }, key, header('sec-websocket-protocol'), '', context);
    },
    open: (socket) => {
      sockets.add(socket);
      const data = socket.getUserData();
      data.session = data.open(wrap(socket, sockets));
    },
    message: (socket, message, isBinary) => {
      if (isBinary) socket.end(NO_TEXT, 'expected text');
      else socket.getUserData().session?.message(Buffer.from(message).toString('utf8'));
    },
    drain: (socket) => socket.getUserData().session?.drained(),
    close: (socket) => {
      sockets.delete(socket);
      socket.getUserData().session?.closed();
    },
  });
  return () => {
    for (const socket of [...sockets]) socket.end(GOING_AWAY, 'going-away');
  };
}

/** A socket that is closed must not be touched any more: the library throws. */
function wrap(socket: UwsSocket<Data>, open: ReadonlySet<UwsSocket<Data>>): Socket {
  const isOpen = (): boolean => open.has(socket);
  return {
    send: (text) => {
      if (isOpen()) socket.send(text);
    },
    get waiting() {
      return isOpen() ? socket.getBufferedAmount() : 0;
    },
    close: (code, reason) => {
      if (isOpen()) socket.end(code, reason);
    },
    terminate: () => {
      if (isOpen()) socket.close();
    },
  };
}
