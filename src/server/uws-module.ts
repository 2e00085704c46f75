/**
 * The part of uWebSockets.js that Headwater uses. The package is optional (a native binary for some platforms), so
 * its own types must not be needed to compile, and it is asked for when the server starts.
 */
export interface UwsModule {
  App(): UwsApp;
  us_socket_local_port(socket: object): number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

export interface UwsApp {
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  ws<Data>(pattern: string, behavior: UwsSocketBehavior<Data>): UwsApp;
  listen(host: string, port: number, options: number, callback: (socket: object | false) => void): UwsApp;
  close(): UwsApp;
}

export interface UwsRequest {
  getMethod(): string;
  getUrl(): string;
  getQuery(): string | undefined;
  getHeader(lowerCaseName: string): string;
}

export interface UwsResponse {
  writeStatus(status: string): UwsResponse;
  writeHeader(name: string, value: string): UwsResponse;
  end(body: string, closeConnection?: boolean): UwsResponse;
  onAborted(handler: () => void): UwsResponse;
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): UwsResponse;
  cork(callback: () => void): UwsResponse;
  upgrade<Data>(data: Data, key: string, protocol: string, extensions: string, context: UwsSocketContext): void;
}

/** Opaque: given to `upgrade` of the response. */
export interface UwsSocketContext {
  readonly opaque?: never;
}

export interface UwsSocketBehavior<Data> {
  readonly maxPayloadLength: number;
  readonly maxBackpressure: number;
  readonly closeOnBackpressureLimit: boolean;
  /** Seconds. */
  readonly idleTimeout: number;
  readonly sendPingsAutomatically: boolean;
  readonly upgrade: (response: UwsResponse, request: UwsRequest, context: UwsSocketContext) => void;
  readonly open: (socket: UwsSocket<Data>) => void;
  readonly message: (socket: UwsSocket<Data>, message: ArrayBuffer, isBinary: boolean) => void;
  readonly drain: (socket: UwsSocket<Data>) => void;
  readonly close: (socket: UwsSocket<Data>) => void;
}

export interface UwsSocket<Data> {
  getUserData(): Data;
  send(message: string): number;
  getBufferedAmount(): number;
  end(code: number, reason: string): void;
  close(): void;
}

const PACKAGE: string = 'uWebSockets.js';

/** The module, or undefined where it is not installed or has no binary for this platform. */
export async function loadUws(): Promise<UwsModule | undefined> {
  try {
    const loaded: unknown = await import(PACKAGE);
    const module: unknown = hasDefault(loaded) ? loaded.default : loaded;
    return isUws(module) ? module : undefined;
  } catch {
    return undefined;
  }
}

function hasDefault(module: unknown): module is { readonly default: unknown } {
  return typeof module === 'object' && module !== null && 'default' in module;
}

function isUws(module: unknown): module is UwsModule {
  return (
    typeof module === 'object' &&
    module !== null &&
    'App' in module &&
    typeof module.App === 'function' &&
    'us_socket_local_port' in module
  );
}
