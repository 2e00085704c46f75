/** The bytes that were decoded last, and Node's view of them: making one takes as long as decoding a short text. */
let lastBytes: Uint8Array = new Uint8Array(0);
let lastView: Buffer = Buffer.alloc(0);

export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastView = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return lastView.toString('utf8', start, end);
}

/** The end of the first `count` code points; `end` when there are no more than that. */
export function codePointEnd(bytes: Uint8Array, start: number, end: number, count: number): number {
  if (end - start <= count) return end;
  let left = count;
  for (let p = start; p < end; p++) {
    if ((bytes[p] & 0xc0) === 0x80) continue;
    if (left-- === 0) return p;
  }
  return end;
}

export function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let p = start; p < end; p++) if ((bytes[p] & 0xc0) !== 0x80) count++;
  return count;
}

/** The first `count` code points of a text. */
export function leftPoints(text: string, count: number): string {
  if (text.length <= count) return text;
  let units = 0;
  for (let left = count; left > 0 && units < text.length; left--)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, units);
}

export function pointCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** How many bytes the code point takes that begins with this byte. */
export function pointSize(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** The start of the last `count` code points; `start` when there are no more than that. */
export function codePointStart(bytes: Uint8Array, start: number, end: number, count: number): number {
  let left = count;
  let p = end;
  while (left > 0 && p > start) {
    p--;
    if ((bytes[p] & 0xc0) !== 0x80) left--;
  }
  return p;
}

/** Where the needle first occurs at or after `from`, as a byte position; -1 when it does not. */
export function indexOfBytes(
  bytes: Uint8Array,
  from: number,
  end: number,
  needle: Uint8Array,
  start: number,
  stop: number,
): number {
  const size = stop - start;
  if (size === 0) return from;
  const first = needle[start];
  const last = end - size;
  for (let p = from; p <= last; p++) {
    if (bytes[p] !== first) continue;
    let i = 1;
    while (i < size && bytes[p + i] === needle[start + i]) i++;
    if (i === size) return p;
  }
  return -1;
}

/** Whether all bytes are ASCII. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let p = start; p < end; p++) if (bytes[p] >= 0x80) return false;
  return true;
}
