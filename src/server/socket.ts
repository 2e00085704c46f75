import type { HttpReply, HttpRequest } from './http.ts';

/** A WebSocket connection, whichever library carries it. Messages are text. */
export interface Socket {
  send(text: string): void;
  /** Bytes that wait to be sent. */
  readonly waiting: number;
  /** With the closing handshake. */
  close(code: number, reason: string): void;
  /** At once. */
  terminate(): void;
}

/** What speaks on a connection. */
export interface SocketSession {
  message(text: string): void;
  /** Some of what waited was sent. */
  drained(): void;
  closed(): void;
}

/** Decides about a request to upgrade, with an answer that refuses it or with the session of the connection. Never throws. */
export type SocketGate = (request: HttpRequest) => HttpReply | ((socket: Socket) => SocketSession);

/** The one path where connections are upgraded. */
export interface SocketRoute {
  readonly path: string;
  readonly gate: SocketGate;
}

/** Bytes of a client's message at most; a connection with a larger one is closed. */
export const MESSAGE_LIMIT = 64 << 10;
/** A client that was silent for so long, pings unanswered, is gone. */
export const SILENCE_SECONDS = 60;

/** Closing codes: the server goes away; a message that is no text. */
export const GOING_AWAY = 1001;
export const NO_TEXT = 1003;
