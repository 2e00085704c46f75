import type { BenchData } from './data.ts';
import * as strings from './hand-strings.ts';

export interface BenchCase {
  readonly sql: string;
  /** How many times the hand-written loop's time is the goal. */
  readonly goal: number;
  /** The loop that one would write for exactly this expression over columns without NULLs. */
  readonly hand: (data: BenchData) => () => void;
}

const NUMERIC = 1.5;
const TEXT = 3;

export const CASES: readonly BenchCase[] = [
  numeric('i + j', ({ i, j }) => {
    const out = new Int32Array(i.length);
    return () => {
      for (let r = 0; r < i.length; r++) out[r] = (i[r] + j[r]) | 0;
    };
  }),
  numeric('i / j', ({ i, j }) => {
    const out = new Int32Array(i.length);
    return () => {
      for (let r = 0; r < i.length; r++) {
        if (j[r] === 0) throw new Error('/ by zero');
        out[r] = (i[r] / j[r]) | 0;
      }
    };
  }),
  numeric('l + l', ({ l }) => {
    const out = new BigInt64Array(l.length);
    return () => {
      for (let r = 0; r < l.length; r++) out[r] = BigInt.asIntN(64, l[r] + l[r]);
    };
  }),
  numeric('d * e + d', ({ d, e }) => {
    const out = new Float64Array(d.length);
    return () => {
      for (let r = 0; r < d.length; r++) out[r] = d[r] * e[r] + d[r];
    };
  }),
  numeric('ABS(i)', ({ i }) => {
    const out = new Int32Array(i.length);
    return () => {
      for (let r = 0; r < i.length; r++) out[r] = (i[r] < 0 ? -i[r] : i[r]) | 0;
    };
  }),
  numeric('SQRT(e)', ({ e }) => {
    const out = new Float64Array(e.length);
    return () => {
      for (let r = 0; r < e.length; r++) out[r] = Math.sqrt(e[r]);
    };
  }),
  numeric('FLOOR(d)', ({ d }) => {
    const out = new Float64Array(d.length);
    return () => {
      for (let r = 0; r < d.length; r++) out[r] = Math.floor(d[r]);
    };
  }),
  numeric('GREATEST(i, j)', ({ i, j }) => {
    const out = new Int32Array(i.length);
    return () => {
      for (let r = 0; r < i.length; r++) out[r] = j[r] > i[r] ? j[r] : i[r];
    };
  }),
  numeric('i > j AND d < e', ({ i, j, d, e }) => {
    const out = new Int8Array(i.length);
    return () => {
      for (let r = 0; r < i.length; r++) out[r] = i[r] > j[r] && d[r] < e[r] ? 1 : 0;
    };
  }),
  numeric('CASE WHEN i > 0 THEN i ELSE j END', ({ i, j }) => {
    const out = new Int32Array(i.length);
    return () => {
      for (let r = 0; r < i.length; r++) out[r] = i[r] > 0 ? i[r] : j[r];
    };
  }),
  numeric('l BETWEEN 1000 AND 500000', ({ l }) => {
    const out = new Int8Array(l.length);
    return () => {
      for (let r = 0; r < l.length; r++) out[r] = l[r] >= 1000n && l[r] <= 500000n ? 1 : 0;
    };
  }),
  textual("s = 'hello'", strings.equalsHello),
  textual("s LIKE '%ab%'", strings.containsAb),
  textual('CHAR_LENGTH(s)', strings.charLength),
  textual('UPPER(s)', strings.upper),
  textual('s || t', strings.concat),
  textual('SUBSTRING(s, 2, 5)', strings.substring),
  textual('TRIM(s)', strings.trim),
  textual("POSITION('ab' IN s)", strings.position),
  textual("REPLACE(s, 'a', 'xx')", strings.replace),
  textual("REGEXP(s, '[xyz]{2}')", strings.regexp),
];

function numeric(sql: string, hand: BenchCase['hand']): BenchCase {
  return { sql, goal: NUMERIC, hand };
}

function textual(sql: string, hand: BenchCase['hand']): BenchCase {
  return { sql, goal: TEXT, hand };
}
