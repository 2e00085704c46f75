import { hasNanos, layoutOf } from '../../data/column.ts';
import type { SqlType } from '../../data/types.ts';
import { asBytes, asTime, classOf, NEVER, type Operand, valueOf } from './operand.ts';
import type { Source } from './source.ts';

/** A state column `st[index]` in generated code: its arrays are bound in the prologue, slots are in a variable `t`. */
export class SlotAccess {
  readonly id: string;
  readonly type: SqlType;
  private readonly source: Source;
  private words: string | undefined;

  constructor(source: Source, index: number, type: SqlType) {
    this.source = source;
    this.type = type;
    this.id = source.name('s');
    source.prologue(`const ${this.id} = st[${index}];`);
    if (type.nullable) source.prologue(`const ${this.id}z = ${this.id}.nulls;`);
    switch (layoutOf(type)) {
      case 'dec128':
        source.prologue(`const ${this.id}h = ${this.id}.high, ${this.id}l = ${this.id}.low;`);
        break;
      case 'bytes':
        break;
      case 'ts':
        source.prologue(`const ${this.id}v = ${this.id}.values;`);
        if (hasNanos(type)) source.prologue(`const ${this.id}a = ${this.id}.nanos;`);
        break;
      default:
        source.prologue(`const ${this.id}v = ${this.id}.values;`);
    }
  }

  /** The array element of a column with one array. */
  get value(): string {
    return `${this.id}v[t]`;
  }

  /** The value of slot `t`. */
  load(): Operand {
    const { id, type } = this;
    const isNull = type.nullable ? `(${id}z[t] !== 0)` : NEVER;
    const cls = classOf(type);
    switch (cls) {
      case 'number':
        return { cls, isNull, value: this.value };
      case 'boolean':
        return { cls, isNull, value: `(${this.value} !== 0)` };
      case 'bigint':
        if (layoutOf(type) === 'i64') return { cls, isNull, value: this.value };
        return { cls, isNull, value: `((${id}h[t] << 64n) | BigInt.asUintN(64, ${id}l[t]))` };
      case 'time':
        return { cls, isNull, ms: this.value, nanos: hasNanos(type) ? `${id}a[t]` : '0' };
      case 'bytes':
        return {
          cls,
          isNull,
          bytes: `${id}.bytes`,
          start: `${id}.starts[t]`,
          end: `(${id}.starts[t] + ${id}.lengths[t])`,
        };
      case 'nested':
        throw new Error(`no aggregate of ${type.kind}`);
    }
  }

  /** Statements that store a value (not NULL) in slot `t`. */
  store(value: Operand): string {
    const { id, type } = this;
    const flag = type.nullable ? ` ${id}z[t] = 0;` : '';
    switch (value.cls) {
      case 'boolean':
        return `${this.value} = ${value.value} ? 1 : 0;${flag}`;
      case 'bigint': {
        if (layoutOf(type) === 'i64') return `${this.value} = ${value.value};${flag}`;
        return `{ const wide = ${value.value}; ${id}h[t] = wide >> 64n; ${id}l[t] = BigInt.asIntN(64, wide); }${flag}`;
      }
      case 'time': {
        const { ms, nanos } = asTime(value);
        return `${this.value} = ${ms};${hasNanos(type) ? ` ${id}a[t] = ${nanos};` : ''}${flag}`;
      }
      case 'bytes': {
        const { bytes, start, end } = asBytes(value);
        return `${id}.set(t, ${bytes}, ${start}, ${end});${flag}`;
      }
      default:
        return `${this.value} = ${valueOf(value)};${flag}`;
    }
  }

  /** A BIGINT column as pairs of 32-bit words (low, high): exact sums without a bigint a row. */
  wordArray(): string {
    if (this.words === undefined) {
      this.words = `${this.id}w`;
      const { buffer, offset } = { buffer: `${this.id}v.buffer`, offset: `${this.id}v.byteOffset` };
      this.source.prologue(`const ${this.words} = new Int32Array(${buffer}, ${offset}, ${this.id}v.length * 2);`);
    }
    return this.words;
  }
}
