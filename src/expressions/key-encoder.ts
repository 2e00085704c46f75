import type { Batch } from '../data/batch.ts';
import { BYTES_SLACK, type BytesColumn, type Column, layoutOf } from '../data/column.ts';
import { type KeyBatch, NULL_KEY_HASH } from '../data/hash.ts';
import type { SqlType } from '../data/types.ts';
import { ColumnAccess } from './codegen/column-access.ts';
import { rowLoop } from './codegen/loop.ts';
import { asBytes, NEVER } from './codegen/operand.ts';
import { flatInside, type Shape } from './codegen/shape.ts';
import { Source } from './codegen/source.ts';
import { Variants } from './codegen/variants.ts';
import { fixedWidth, nestedKey, writeBytes, writeKey, writeWords } from './key-writing.ts';
import { isNested } from './types/common-type.ts';

/**
 * Turns key columns into key bytes and hashes. A single string or bytes column is its bytes where they lie (NULL: the
 * NULL key of KeyBatch). Any other key is, column by column, a NULL byte (1 = NULL, and no value follows) where the
 * type is nullable, then a fixed-width little-endian value or an i32 length and bytes. Part of the state format.
 */
export interface KeyEncoder {
  /**
   * Fills `out` with the keys of the selected rows: position j is the j-th of them. `columns` are the key columns in
   * the order of the types. `out` points into the columns or into the encoder, valid until its next call: who writes
   * into a key batch gives it arrays of its own.
   */
  encode(columns: readonly Column[], batch: Batch, out: KeyBatch): void;
}

export function compileKeyEncoder(types: readonly SqlType[]): KeyEncoder {
  return isSingleBytes(types) ? new BytesKeyEncoder(types[0]) : new PackedKeyEncoder(types);
}

/** Keys of one column that need no encoding. */
export function isSingleBytes(types: readonly SqlType[]): boolean {
  return types.length === 1 && layoutOf(types[0]) === 'bytes';
}

export function newKeyBatch(capacity: number): KeyBatch {
  const bytes = new Uint8Array(BYTES_SLACK);
  return {
    length: 0,
    bytes,
    view: new DataView(bytes.buffer),
    starts: new Int32Array(capacity),
    ends: new Int32Array(capacity),
    hashes: new Int32Array(capacity),
  };
}

const NO_ROWS = new Int32Array(0);

const HASH_WORD = 'h = Math.imul(h ^ view.getInt32(p, true), -1640531535); h ^= h >>> 15; p += 4;';

/** The hash of data/hash.ts, as a function of the generated code's own. The first words come
 * without a loop: for keys of a dozen bytes that is twice as fast. */
const HASH = `function hashBytes(view, start, end) {
  let h = end - start, p = start;
  if (p + 4 <= end) { ${HASH_WORD}
    if (p + 4 <= end) { ${HASH_WORD}
      if (p + 4 <= end) { ${HASH_WORD}
        while (p + 4 <= end) { ${HASH_WORD} } } } }
  if (p < end) {
    h = Math.imul(h ^ (view.getInt32(p, true) & ((1 << ((end - p) << 3)) - 1)), -1640531535);
    h ^= h >>> 15;
  }
  h = Math.imul(h, -2048144789);
  return h ^ (h >>> 13);
}`;

type Kernel = (
  cols: readonly Column[],
  sel: Int32Array,
  count: number,
  length: number,
  out: KeyBatch,
  buffer: KeyBuffer,
) => void;

class KeyBuffer {
  bytes = new Uint8Array(4096);
  view = new DataView(this.bytes.buffer);
  /** Of keys that do not lie in a column row by row. */
  starts = new Int32Array(0);
  ends = new Int32Array(0);

  /** Room for `size` bytes after the first `used`, and slack. */
  grow(used: number, size: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, used + size + BYTES_SLACK));
    bytes.set(this.bytes.subarray(0, used));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

abstract class GeneratedEncoder implements KeyEncoder {
  protected readonly buffer = new KeyBuffer();
  private readonly variants: Variants<Kernel>;

  constructor(types: readonly SqlType[]) {
    this.variants = new Variants(
      types.map((_type, i) => i),
      (shapes, selected) => this.compile(shapes, selected),
    );
  }

  encode(columns: readonly Column[], batch: Batch, out: KeyBatch): void {
    const count = batch.selectedCount;
    this.ensureRows(out, count);
    const flat = columns.some((column) => flatInside(column) !== column) ? columns.map(flatInside) : columns;
    const kernel = this.variants.get(flat, batch.selection !== undefined);
    kernel(flat, batch.selection ?? NO_ROWS, count, batch.length, out, this.buffer);
    this.point(flat, out);
  }

  private ensureRows(out: KeyBatch, count: number): void {
    const { buffer } = this;
    out.length = count;
    if (buffer.starts.length < count) {
      buffer.starts = new Int32Array(Math.max(64, count, buffer.starts.length * 2));
      buffer.ends = new Int32Array(buffer.starts.length);
    }
    if (out.hashes.length < count) out.hashes = new Int32Array(buffer.starts.length);
  }

  protected abstract compile(shapes: ReadonlyMap<number, Shape>, selected: boolean): Kernel;
  /** Sets the buffer of `out`. */
  protected abstract point(columns: readonly Column[], out: KeyBatch): void;
}

const PARAMETERS = 'cols, sel, count, length, out, buffer';
const HASHES = 'const hashes = out.hashes;';
const OUTPUTS = `${HASHES} const starts = out.starts = buffer.starts, ends = out.ends = buffer.ends;`;

class BytesKeyEncoder extends GeneratedEncoder {
  private readonly type: SqlType;

  constructor(type: SqlType) {
    super([type]);
    this.type = type;
  }

  protected override compile(shapes: ReadonlyMap<number, Shape>, selected: boolean): Kernel {
    const source = new Source();
    const shape = shapeAt(shapes, 0);
    const access = new ColumnAccess(source, 0, this.type, shape);
    const key = asBytes(access.load('i'));
    source.prologue(`const view = ${access.flat}.view;`);
    const hashOf = source.helper('hashBytes', HASH);
    if (!selected && shape.wrap === 'flat' && key.isNull === NEVER) {
      // They lie in the column as they are to be.
      source.prologue(`${HASHES} out.starts = ${access.flat}.starts; out.ends = ${access.flat}.ends;`);
      source.line(`hashes[j] = ${hashOf}(view, ${key.start}, ${key.end});`);
      return source.build(PARAMETERS, rowLoop(selected, source.take()));
    }
    source.prologue(OUTPUTS);
    if (key.isNull !== NEVER) {
      const hash = source.constant(NULL_KEY_HASH);
      source.line(`if (${key.isNull}) { starts[j] = 0; ends[j] = -1; hashes[j] = ${hash}; continue; }`);
    }
    source.line(`const s = ${key.start}, e = ${key.end};
starts[j] = s; ends[j] = e; hashes[j] = ${hashOf}(view, s, e);`);
    return source.build(PARAMETERS, rowLoop(selected, source.take()));
  }

  protected override point(columns: readonly Column[], out: KeyBatch): void {
    const column = bytesOf(columns[0]);
    out.bytes = column.bytes;
    out.view = column.view;
  }
}

function bytesOf(column: Column): BytesColumn {
  if (column.layout === 'const') return bytesOf(column.value);
  if (column.layout === 'dict') return bytesOf(column.values);
  if (column.layout !== 'bytes') throw new Error(`a string key of layout ${column.layout}`);
  return column;
}

class PackedKeyEncoder extends GeneratedEncoder {
  private readonly types: readonly SqlType[];

  constructor(types: readonly SqlType[]) {
    super(types);
    this.types = types;
  }

  protected override compile(shapes: ReadonlyMap<number, Shape>, selected: boolean): Kernel {
    const source = new Source();
    source.prologue(`${OUTPUTS} let bytes = buffer.bytes, view = buffer.view, at = 0;`);
    const fixed = this.types.reduce((sum, type) => sum + 1 + fixedWidth(type), 0);
    const room = (size: string): string =>
      `if (at + ${size} + ${BYTES_SLACK} > bytes.length) { buffer.grow(at, ${size}); bytes = buffer.bytes; view = buffer.view; }`;
    source.line(`${room(String(fixed))} const start = at;`);
    this.types.forEach((type, index) => {
      const access = isNested(type) ? undefined : new ColumnAccess(source, index, type, shapeAt(shapes, index));
      const key = access === undefined ? nestedKey(source, type, index) : access.load('i');
      const write = (): void => {
        if (access !== undefined && key.cls === 'bigint') writeWords(source, type, access);
        else if (access !== undefined && key.cls === 'bytes') writeBytes(source, key, access.flat, room, fixed);
        else writeKey(source, type, key, room, fixed);
      };
      if (!type.nullable) return write();
      if (key.isNull === NEVER) {
        source.line('bytes[at++] = 0;');
        write();
      } else {
        source.block(`if (${key.isNull}) { bytes[at++] = 1; } else`, () => {
          source.line('bytes[at++] = 0;');
          write();
        });
      }
    });
    source.line(`starts[j] = start; ends[j] = at; hashes[j] = ${source.helper('hashBytes', HASH)}(view, start, at);`);
    return source.build(PARAMETERS, rowLoop(selected, source.take()));
  }

  protected override point(_columns: readonly Column[], out: KeyBatch): void {
    out.bytes = this.buffer.bytes;
    out.view = this.buffer.view;
  }
}

function shapeAt(shapes: ReadonlyMap<number, Shape>, index: number): Shape {
  const shape = shapes.get(index);
  if (shape === undefined) throw new Error(`no shape of key column ${index}`);
  return shape;
}
