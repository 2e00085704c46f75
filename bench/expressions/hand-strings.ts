import type { BenchData, Text } from './data.ts';

type Loop = (data: BenchData) => () => void;

/** Room for results: bytes, and where each begins and ends. */
function output(rows: number): { bytes: Uint8Array; starts: Int32Array; ends: Int32Array } {
  return { bytes: new Uint8Array(rows * 96), starts: new Int32Array(rows), ends: new Int32Array(rows) };
}

const HELLO = Buffer.from('hello');

export const equalsHello: Loop = ({ s: { bytes, starts, ends } }) => {
  const out = new Int8Array(starts.length);
  return () => {
    for (let r = 0; r < starts.length; r++) {
      let p = starts[r];
      let same = ends[r] - p === 5 ? 1 : 0;
      for (let i = 0; same === 1 && i < 5; i++) if (bytes[p++] !== HELLO[i]) same = 0;
      out[r] = same;
    }
  };
};

/** Where 'ab' is, -1 if nowhere. */
function findAb({ bytes }: Text, start: number, end: number): number {
  for (let p = start; p < end - 1; p++) if (bytes[p] === 97 && bytes[p + 1] === 98) return p;
  return -1;
}

export const containsAb: Loop = ({ s }) => {
  const out = new Int8Array(s.starts.length);
  return () => {
    for (let r = 0; r < s.starts.length; r++) out[r] = findAb(s, s.starts[r], s.ends[r]) >= 0 ? 1 : 0;
  };
};

export const position: Loop = ({ s }) => {
  const out = new Int32Array(s.starts.length);
  return () => {
    for (let r = 0; r < s.starts.length; r++) {
      const found = findAb(s, s.starts[r], s.ends[r]);
      let count = found < 0 ? 0 : 1;
      for (let p = s.starts[r]; p < found; p++) if ((s.bytes[p] & 0xc0) !== 0x80) count++;
      out[r] = count;
    }
  };
};

export const charLength: Loop = ({ s: { bytes, starts, ends } }) => {
  const out = new Int32Array(starts.length);
  return () => {
    for (let r = 0; r < starts.length; r++) {
      let count = 0;
      for (let p = starts[r]; p < ends[r]; p++) if ((bytes[p] & 0xc0) !== 0x80) count++;
      out[r] = count;
    }
  };
};

export const upper: Loop = ({ s: { bytes, starts, ends } }) => {
  const out = output(starts.length);
  return () => {
    let at = 0;
    for (let r = 0; r < starts.length; r++) {
      out.starts[r] = at;
      for (let p = starts[r]; p < ends[r]; p++) {
        const byte = bytes[p];
        if (byte >= 0x80) throw new Error('ASCII only');
        out.bytes[at++] = byte >= 97 && byte <= 122 ? byte - 32 : byte;
      }
      out.ends[r] = at;
    }
  };
};

export const concat: Loop = ({ s, t }) => {
  const out = output(s.starts.length);
  return () => {
    let at = 0;
    for (let r = 0; r < s.starts.length; r++) {
      out.starts[r] = at;
      for (let p = s.starts[r]; p < s.ends[r]; p++) out.bytes[at++] = s.bytes[p];
      for (let p = t.starts[r]; p < t.ends[r]; p++) out.bytes[at++] = t.bytes[p];
      out.ends[r] = at;
    }
  };
};

/** The byte after `count` characters. */
function skip(bytes: Uint8Array, start: number, end: number, count: number): number {
  let left = count;
  let p = start;
  while (p < end) {
    if ((bytes[p] & 0xc0) !== 0x80 && left-- === 0) break;
    p++;
  }
  return p;
}

export const substring: Loop = ({ s: { bytes, starts, ends } }) => {
  const out = output(starts.length);
  return () => {
    let at = 0;
    for (let r = 0; r < starts.length; r++) {
      const from = skip(bytes, starts[r], ends[r], 1);
      const to = skip(bytes, from, ends[r], 5);
      out.starts[r] = at;
      for (let p = from; p < to; p++) out.bytes[at++] = bytes[p];
      out.ends[r] = at;
    }
  };
};

export const trim: Loop = ({ s: { bytes, starts, ends } }) => {
  const out = output(starts.length);
  return () => {
    let at = 0;
    for (let r = 0; r < starts.length; r++) {
      let [from, to] = [starts[r], ends[r]];
      while (from < to && bytes[from] === 32) from++;
      while (to > from && bytes[to - 1] === 32) to--;
      out.starts[r] = at;
      for (let p = from; p < to; p++) out.bytes[at++] = bytes[p];
      out.ends[r] = at;
    }
  };
};

export const replace: Loop = ({ s: { bytes, starts, ends } }) => {
  const out = output(starts.length);
  return () => {
    let at = 0;
    for (let r = 0; r < starts.length; r++) {
      out.starts[r] = at;
      for (let p = starts[r]; p < ends[r]; p++) {
        if (bytes[p] === 97) {
          out.bytes[at++] = 120;
          out.bytes[at++] = 120;
        } else out.bytes[at++] = bytes[p];
      }
      out.ends[r] = at;
    }
  };
};

/** With JavaScript's own, backtracking regular expressions. */
export const regexp: Loop = ({ s: { bytes, starts, ends } }) => {
  const out = new Int8Array(starts.length);
  const pattern = /[xyz]{2}/;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return () => {
    for (let r = 0; r < starts.length; r++) out[r] = pattern.test(text.toString('utf8', starts[r], ends[r])) ? 1 : 0;
  };
};
