export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
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
