import { HeadwaterError } from '../../data/errors.ts';

/** Whether the whole of [start, end) matches. */
export type Matcher = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Stands for one character in a piece; no byte of UTF-8 is that high. */
const ANY = 0xff;

/**
 * A LIKE pattern: `%` is any text, `_` one character but a line terminator, `escape` (one character) before these or
 * itself takes them as they are. Works on UTF-8 bytes, in time (text) x (longest piece).
 */
export function compileLike(pattern: string, escape: string | undefined): Matcher {
  const pieces = piecesOf(pattern, escape).map((piece) => Uint8Array.from(piece));
  if (pieces.length === 1) return (bytes, start, end) => matchAt(pieces[0], bytes, start, end) === end;
  const [first, last] = [pieces[0], pieces[pieces.length - 1]];
  const middle = pieces.slice(1, -1).filter((piece) => piece.length > 0);
  return (bytes, start, end) => {
    let at = matchAt(first, bytes, start, end);
    for (let i = 0; i < middle.length && at >= 0; i++) at = findPiece(middle[i], bytes, at, end);
    return at >= 0 && matchEnd(last, bytes, at, end);
  };
}

function piecesOf(pattern: string, escape: string | undefined): number[][] {
  const pieces: number[][] = [[]];
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    const piece = pieces[pieces.length - 1];
    if (chars[i] === escape) {
      const next = chars[++i];
      if (next !== '%' && next !== '_' && next !== escape) {
        const given = `'${escape}${next ?? ''}'`;
        throw new HeadwaterError('invalid-pattern', `Invalid escape sequence ${given} in the pattern '${pattern}'`);
      }
      piece.push(...Buffer.from(next, 'utf8'));
    } else if (chars[i] === '%') pieces.push([]);
    else if (chars[i] === '_') piece.push(ANY);
    else piece.push(...Buffer.from(chars[i], 'utf8'));
  }
  return pieces;
}

/** Where the piece ends that begins at `at`; -1 when it does not match there. */
function matchAt(piece: Uint8Array, bytes: Uint8Array, at: number, end: number): number {
  let p = at;
  for (let i = 0; i < piece.length; i++) {
    if (p >= end) return -1;
    if (piece[i] === ANY) {
      if (isTerminator(bytes, p)) return -1;
      p++;
      while (p < end && (bytes[p] & 0xc0) === 0x80) p++;
    } else if (bytes[p++] !== piece[i]) return -1;
  }
  return p;
}

/** Where the first match at or after `from` ends; -1 when there is none. */
function findPiece(piece: Uint8Array, bytes: Uint8Array, from: number, end: number): number {
  const first = piece[0];
  for (let p = from; p < end; p++) {
    if (first === ANY ? (bytes[p] & 0xc0) === 0x80 : bytes[p] !== first) continue;
    const stop = matchAt(piece, bytes, p, end);
    if (stop >= 0) return stop;
  }
  return -1;
}

/** Whether the piece matches at the very end, not before `from`. */
function matchEnd(piece: Uint8Array, bytes: Uint8Array, from: number, end: number): boolean {
  let p = end;
  for (let i = piece.length - 1; i >= 0; i--) {
    if (p <= from) return false;
    p--;
    if (piece[i] === ANY) {
      while (p > from && (bytes[p] & 0xc0) === 0x80) p--;
      if (isTerminator(bytes, p)) return false;
    } else if (bytes[p] !== piece[i]) return false;
  }
  return true;
}

/** A line feed, carriage return, next line (U+0085), U+2028 or U+2029 at `p`. */
function isTerminator(bytes: Uint8Array, p: number): boolean {
  const byte = bytes[p];
  if (byte < 0x80) return byte === 10 || byte === 13;
  if (byte === 0xc2) return bytes[p + 1] === 0x85;
  return byte === 0xe2 && bytes[p + 1] === 0x80 && (bytes[p + 2] === 0xa8 || bytes[p + 2] === 0xa9);
}
