import { connect, type Socket } from 'node:net';
import type { SocketFactory, SocketRequest } from 'kafkajs/src/network/socketFactory.js';
import { lazyPackage } from '../../data/lazy-package.ts';

const socketFactory = lazyPackage<SocketFactory>('kafkajs/src/network/socketFactory.js');
const KEEP_ALIVE_MS = 60_000;
const SCRATCH_BYTES = 64 * 1024;

/** Takes what is read from one socket. */
export interface SocketReads {
  /** Where the next bytes may go, or undefined: somewhere else. */
  room(): Uint8Array | undefined;
  /** So many bytes were read into what `room` gave last. */
  filled(count: number): void;
}

const reads = new WeakMap<object, SocketReads>();

/** From now on a socket of `kafkaSockets` reads into memory of `taker`, where that has room, and says nothing of it. */
export function readInto(socket: object, taker: SocketReads): void {
  reads.set(socket, taker);
}

/**
 * Sockets for kafkajs. Without TLS, bytes are read straight to where `readInto` wants them, with no buffer of Node's own
 * for each read; all others come as `data`, and are valid only until its listeners return once `readInto` was called.
 */
export function kafkaSockets(): (request: SocketRequest) => Socket {
  const create = socketFactory()();
  return (request) => {
    const socket = request.ssl ? create(request) : connectPlain(request);
    // kafkajs adds a listener to a dead socket each time it tries again; in a long outage Node would call that a leak.
    return socket.setMaxListeners(0);
  };
}

function connectPlain({ host, port, onConnect }: SocketRequest): Socket {
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  // Asked for room before there is a socket.
  const held: { socket?: Socket } = {};
  const taker = (): SocketReads | undefined => (held.socket === undefined ? undefined : reads.get(held.socket));
  const read = (count: number): Buffer => scratch.subarray(0, count);
  const onread = {
    buffer: (): Uint8Array => taker()?.room() ?? scratch,
    callback: (count: number, into: Uint8Array): boolean => {
      const taking = taker();
      if (taking !== undefined && into !== scratch) taking.filled(count);
      else held.socket?.emit('data', taking === undefined ? Buffer.from(read(count)) : read(count));
      return true;
    },
  };
  held.socket = connect({ host, port, onread }, onConnect);
  return held.socket.setKeepAlive(true, KEEP_ALIVE_MS);
}
