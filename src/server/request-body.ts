/** Bytes of a request's body at most. */
export const BODY_LIMIT = 1 << 20;
/** A body over the limit is read and thrown away up to here, so that the client sees the answer; then cut off. */
export const DISCARD_LIMIT = 8 << 20;

export type RequestBody = Uint8Array | 'too-large';

export const hasBody = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH';

/** A body as its parts come; over BODY_LIMIT none of them is kept. */
export class BodyCollector {
  private parts: Uint8Array[] = [];
  private size = 0;

  /** Copies the next part, whose memory may be used again. False: no more is to be read. */
  add(part: Uint8Array): boolean {
    this.size += part.length;
    if (this.size <= BODY_LIMIT) this.parts.push(new Uint8Array(part));
    else this.parts = [];
    return this.size <= DISCARD_LIMIT;
  }

  finish(): RequestBody {
    return this.size > BODY_LIMIT ? 'too-large' : Buffer.concat(this.parts);
  }
}
