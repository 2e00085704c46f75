import type { KafkaConnection } from 'kafkajs/src/cluster/index.js';
import type { ResponseBuffers } from './response-buffers.ts';
import { readInto } from './sockets.ts';

const framed = new WeakSet<KafkaConnection>();

/**
 * Replaces how a kafkajs connection puts responses together: the socket reads straight into a buffer that has slack behind
 * it and is pooled (or every chunk is copied there once), and a response that a broken socket left half read is dropped
 * with that socket. While the connection authenticates, kafkajs' own code reads. Also ends its timer that fires every
 * millisecond.
 */
export function frameResponses(connection: KafkaConnection, buffers: ResponseBuffers): void {
  if (framed.has(connection)) return;
  framed.add(connection);
  const original = connection.processData.bind(connection);
  const framer = new ResponseFramer(buffers, (body) => fulfil(connection, body));
  let socket = connection.socket;
  const attach = (): void => {
    const attached = connection.socket;
    if (attached === undefined) return;
    readInto(attached, {
      room: () => (connection.socket === attached ? framer.room() : undefined),
      filled: (count) => (connection.socket === attached ? framer.filled(count) : undefined),
    });
  };
  attach();
  connection.processData = (chunk) => {
    // kafkajs keeps what it is given.
    if (connection.authHandlers !== null) return original(Buffer.from(chunk));
    if (connection.socket !== socket) {
      socket = connection.socket;
      framer.reset();
      attach();
    }
    framer.push(chunk);
  };
  const queue = connection.requestQueue;
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
}

function fulfil(connection: KafkaConnection, response: Buffer): void {
  connection.requestQueue.fulfillRequest({
    size: response.length,
    correlationId: response.readInt32BE(0),
    payload: response.subarray(4),
  });
}

const LENGTH_BYTES = 4;
/** Less than that is read together with what follows. */
const MIN_ROOM = 16 * 1024;
const MAX_RESPONSE_BYTES = 0x7fffff00;

/** Cuts a byte stream into responses: a 32-bit length, then that many bytes. */
export class ResponseFramer {
  private readonly length = Buffer.alloc(LENGTH_BYTES);
  private lengthFilled = 0;
  private target: Buffer | undefined;
  private at = 0;
  private readonly buffers: ResponseBuffers;
  private readonly done: (response: Buffer) => void;

  constructor(buffers: ResponseBuffers, done: (response: Buffer) => void) {
    this.buffers = buffers;
    this.done = done;
  }

  reset(): void {
    this.lengthFilled = 0;
    this.target = undefined;
    this.at = 0;
  }

  /** Where the rest of the response goes that is being read: undefined when none is, or little is missing. */
  room(): Uint8Array | undefined {
    if (this.target === undefined || this.target.length - this.at < MIN_ROOM) return undefined;
    return this.target.subarray(this.at);
  }

  /** So many bytes were written to `room`. */
  filled(count: number): void {
    this.at += count;
    this.finish();
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.target === undefined) {
        const taken = chunk.copy(this.length, this.lengthFilled, at);
        at += taken;
        this.lengthFilled += taken;
        if (this.lengthFilled < LENGTH_BYTES) return;
        this.begin(this.length.readInt32BE(0));
      } else {
        const taken = chunk.copy(this.target, this.at, at);
        at += taken;
        this.at += taken;
      }
      this.finish();
    }
  }

  private finish(): void {
    if (this.target === undefined || this.at < this.target.length) return;
    const response = this.target;
    this.reset();
    this.done(response);
  }

  private begin(size: number): void {
    // Not a Kafka server: kafkajs turns the error into a broken connection.
    if (size < 4 || size > MAX_RESPONSE_BYTES) throw new Error(`a response of ${size} bytes is impossible`);
    this.target = Buffer.from(this.buffers.take(size), 0, size);
    this.at = 0;
  }
}
