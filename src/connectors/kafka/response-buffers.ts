import { BYTES_SLACK } from '../../data/column.ts';

/** A response of a broker, inside a buffer that goes back to the pool when nobody reads it any more. */
export interface ResponseBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Covers exactly `bytes`; at least BYTES_SLACK bytes follow `end`. */
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

const ROUND_TO = 256 * 1024;
/** Smaller buffers are cheap to make anew. */
const MIN_POOLED = ROUND_TO;
const MAX_POOLED_BYTES = 32 * 1024 * 1024;

/** Fetch responses are megabytes: touching fresh pages for each costs as much as parsing them, so buffers are reused. */
export class ResponseBuffers {
  private readonly free: ArrayBuffer[] = [];
  private freeBytes = 0;

  /** A buffer of at least `size` bytes and slack. */
  take(size: number): ArrayBuffer {
    const needed = size + BYTES_SLACK;
    if (needed < MIN_POOLED) return new ArrayBuffer(needed);
    const at = this.free.findIndex((buffer) => buffer.byteLength >= needed);
    if (at < 0) return new ArrayBuffer(Math.ceil(needed / ROUND_TO) * ROUND_TO);
    const [buffer] = this.free.splice(at, 1);
    this.freeBytes -= buffer.byteLength;
    return buffer;
  }

  release(buffer: ArrayBuffer): void {
    if (buffer.byteLength < MIN_POOLED || this.freeBytes + buffer.byteLength > MAX_POOLED_BYTES) return;
    this.free.push(buffer);
    this.freeBytes += buffer.byteLength;
  }
}

/** A response body as bytes with slack behind it; copied only when its buffer has no room for the slack. */
export function responseBytes(body: Buffer): ResponseBytes {
  const start = body.byteOffset;
  const end = start + body.length;
  if (body.buffer instanceof ArrayBuffer && body.buffer.byteLength - end >= BYTES_SLACK) {
    return { bytes: new Uint8Array(body.buffer), view: new DataView(body.buffer), start, end };
  }
  const bytes = new Uint8Array(body.length + BYTES_SLACK);
  bytes.set(body);
  return { bytes, view: new DataView(bytes.buffer), start: 0, end: body.length };
}
