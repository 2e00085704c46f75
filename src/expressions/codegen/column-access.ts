import { isNull, type Nulls } from '../../data/column.ts';
import { readValue } from '../../data/read.ts';
import type { SqlType } from '../../data/types.ts';
import { classOf, NEVER, type Operand, orNull } from './operand.ts';
import type { Shape } from './shape.ts';
import type { Source } from './source.ts';

/** Writes the prologue that binds column `cols[index]`, and loads of its rows. */
export class ColumnAccess {
  private readonly source: Source;
  private readonly type: SqlType;
  private readonly shape: Shape;
  /** Identifier of the flat column; its arrays have a letter appended. */
  private readonly id: string;
  private readonly boundWords = new Set<string>();

  constructor(source: Source, index: number, type: SqlType, shape: Shape) {
    this.source = source;
    this.type = type;
    this.shape = shape;
    this.id = source.name('c');
    const outer = `cols[${index}]`;
    switch (shape.wrap) {
      case 'flat':
        source.prologue(`const ${this.id} = ${outer};`);
        break;
      case 'const':
        source.prologue(`const ${this.id} = ${outer}.value;`);
        break;
      case 'dict':
        source.prologue(`const ${this.id} = ${outer}.values, ${this.id}i = ${outer}.indices;`);
        break;
    }
    this.bindArrays();
    this.bindNulls(outer);
  }

  /** The identifier of the flat column. */
  get flat(): string {
    return this.id;
  }

  /**
   * The 64-bit array of a BIGINT (`v`) or wide DECIMAL (`h`, `l`) as pairs of 32-bit words, low first: V8 reads and
   * writes these faster than bigints. Gives the expressions of both words.
   */
  words(array: 'v' | 'h' | 'l', row: string): readonly [low: string, high: string] {
    const { source, shape, id } = this;
    const name = `${id}${array}w`;
    const values = `${id}${array}`;
    if (!this.boundWords.has(name)) {
      this.boundWords.add(name);
      source.prologue(`const ${name} = new Int32Array(${values}.buffer, ${values}.byteOffset, ${values}.length * 2);`);
    }
    const at = shape.wrap === 'const' ? '0' : shape.wrap === 'dict' ? `${id}i[${row}]` : row;
    return [`${name}[${at} << 1]`, `${name}[(${at} << 1) + 1]`];
  }

  /** The value of row `row` (a name). Writes lines for what is used more than once. */
  load(row: string): Operand {
    const { source, shape, id } = this;
    const inner = shape.wrap === 'const' ? '0' : shape.wrap === 'dict' ? source.local('d', `${id}i[${row}]`) : row;
    return { ...this.value(inner), isNull: this.nullFlag(row, inner) };
  }

  private nullFlag(row: string, inner: string): string {
    const { shape, id, source } = this;
    if (shape.wrap === 'const') return shape.nulls ? `${id}z` : NEVER;
    const flags: string[] = [];
    if (shape.nulls) flags.push(`((${id}z[${row} >> 3] >> (${row} & 7)) & 1) !== 0`);
    if (shape.innerNulls) flags.push(`((${id}y[${inner} >> 3] >> (${inner} & 7)) & 1) !== 0`);
    if (flags.length === 0) return NEVER;
    return source.local('n', orNull(...flags));
  }

  private value(row: string): Operand {
    const { id, shape } = this;
    const cls = classOf(this.type);
    const isNull = NEVER;
    switch (cls) {
      case 'number':
        return { cls, isNull, value: `${id}v[${row}]` };
      case 'boolean':
        return { cls, isNull, value: `(${id}v[${row}] !== 0)` };
      case 'bigint':
        if (shape.layout === 'i64') return { cls, isNull, value: `${id}v[${row}]` };
        return { cls, isNull, value: `((${id}h[${row}] << 64n) | BigInt.asUintN(64, ${id}l[${row}]))` };
      case 'time':
        return { cls, isNull, ms: `${id}v[${row}]`, nanos: shape.nanos ? `${id}a[${row}]` : '0' };
      case 'bytes':
        return { cls, isNull, bytes: `${id}b`, start: `${id}s[${row}]`, end: `${id}e[${row}]` };
      case 'nested': {
        const read = this.source.constant(readValue);
        return { cls, isNull, value: `${read}(${this.source.constant(this.type)}, ${id}, ${row})` };
      }
    }
  }

  private bindArrays(): void {
    const { source, id } = this;
    switch (this.shape.layout) {
      case 'dec128':
        source.prologue(`const ${id}h = ${id}.high, ${id}l = ${id}.low;`);
        break;
      case 'bytes':
        source.prologue(`const ${id}b = ${id}.bytes, ${id}s = ${id}.starts, ${id}e = ${id}.ends;`);
        break;
      case 'ts':
        source.prologue(`const ${id}v = ${id}.values;`);
        if (this.shape.nanos) source.prologue(`const ${id}a = ${id}.nanos;`);
        break;
      case 'list':
      case 'map':
      case 'row':
        break;
      default:
        source.prologue(`const ${id}v = ${id}.values;`);
    }
  }

  private bindNulls(outer: string): void {
    const { source, shape, id } = this;
    if (shape.wrap === 'const') {
      if (shape.nulls) source.prologue(`const ${id}z = ${source.constant(isNull)}(${id}.nulls, 0);`);
      return;
    }
    const bitmap = source.constant(bitmapOf);
    if (shape.nulls) source.prologue(`const ${id}z = ${bitmap}(${outer}.nulls, length);`);
    if (shape.innerNulls) source.prologue(`const ${id}y = ${bitmap}(${id}.nulls, ${id}i.length);`);
  }
}

let zeros = new Uint8Array(1024);

/** The column's bitmap, or zeros where the general code meets a column without NULLs. */
export function bitmapOf(nulls: Nulls, rows: number): Uint8Array {
  if (nulls !== undefined) return nulls;
  if (zeros.length * 8 < rows) zeros = new Uint8Array(rows);
  return zeros;
}
