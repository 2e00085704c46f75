import { entryTypes } from './codec-format.ts';
import { BYTES_SLACK, type Column, hasNanos, layoutOf, type Nulls } from './column.ts';
import { assert, unreachable } from './errors.ts';
import type { SqlType } from './types.ts';

export interface ValueSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export interface Cursor extends ValueSource {
  at: number;
}

/** Collects values of one type, read one by one from the encoding of `encodeValue`. */
export interface ColumnBuilder {
  read(cursor: Cursor): void;
  addNull(): void;
  finish(): Column;
}

export function createColumnBuilder(type: SqlType): ColumnBuilder {
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      return numbers(
        (c) => c.view.getInt8(c.at++),
        (v, nulls) => ({ layout, values: Int8Array.from(v), nulls }),
      );
    case 'i16':
      return numbers(
        (c) => c.view.getInt16(skip(c, 2), true),
        (v, nulls) => ({ layout, values: Int16Array.from(v), nulls }),
      );
    case 'i32':
      return numbers(
        (c) => c.view.getInt32(skip(c, 4), true),
        (v, nulls) => ({ layout, values: Int32Array.from(v), nulls }),
      );
    case 'i64':
      return new LongBuilder();
    case 'f32':
      return numbers(
        (c) => c.view.getFloat32(skip(c, 4), true),
        (v, nulls) => ({ layout, values: Float32Array.from(v), nulls }),
      );
    case 'f64':
      return numbers(
        (c) => c.view.getFloat64(skip(c, 8), true),
        (v, nulls) => ({ layout, values: Float64Array.from(v), nulls }),
      );
    case 'ts':
      return new TimestampBuilder(hasNanos(type));
    case 'dec128':
      return new WideDecimalBuilder();
    case 'bytes':
      return new BytesBuilder();
    case 'list': {
      assert(type.kind === 'ARRAY', `a list column for type ${type.kind}`);
      return new RepeatedBuilder([createColumnBuilder(type.element)], (offsets, [element], nulls) => ({
        layout,
        offsets,
        element,
        nulls,
      }));
    }
    case 'map': {
      const [key, value] = entryTypes(type);
      const parts = [createColumnBuilder(key), createColumnBuilder(value)];
      return new RepeatedBuilder(parts, (offsets, [keys, values], nulls) => ({
        layout,
        offsets,
        key: keys,
        value: values,
        nulls,
      }));
    }
    case 'row':
      assert(type.kind === 'ROW', `a row column for type ${type.kind}`);
      return new RowBuilder(type.fields.map((field) => createColumnBuilder(field.type)));
    default:
      return unreachable(layout);
  }
}

function skip(cursor: Cursor, size: number): number {
  const at = cursor.at;
  cursor.at += size;
  return at;
}

class NullList {
  private readonly flags: boolean[] = [];
  private any = false;

  add(isNull: boolean): void {
    this.flags.push(isNull);
    if (isNull) this.any = true;
  }
  finish(): Nulls {
    if (!this.any) return undefined;
    const bitmap = new Uint8Array((this.flags.length + 7) >> 3);
    this.flags.forEach((flag, i) => {
      if (flag) bitmap[i >> 3] |= 1 << (i & 7);
    });
    return bitmap;
  }
}

abstract class BaseBuilder implements ColumnBuilder {
  protected readonly nulls = new NullList();

  read(cursor: Cursor): void {
    if (cursor.bytes[cursor.at++] === 0) {
      this.addNull();
    } else {
      this.nulls.add(false);
      this.take(cursor);
    }
  }
  addNull(): void {
    this.nulls.add(true);
    this.blank();
  }
  protected abstract take(cursor: Cursor): void;
  protected abstract blank(): void;
  abstract finish(): Column;
}

class NumberBuilder extends BaseBuilder {
  private readonly values: number[] = [];
  private readonly next: (cursor: Cursor) => number;
  private readonly make: (values: number[], nulls: Nulls) => Column;

  constructor(next: (cursor: Cursor) => number, make: (values: number[], nulls: Nulls) => Column) {
    super();
    this.next = next;
    this.make = make;
  }
  protected override take(cursor: Cursor): void {
    this.values.push(this.next(cursor));
  }
  protected override blank(): void {
    this.values.push(0);
  }
  override finish(): Column {
    return this.make(this.values, this.nulls.finish());
  }
}

function numbers(next: (cursor: Cursor) => number, make: (values: number[], nulls: Nulls) => Column): ColumnBuilder {
  return new NumberBuilder(next, make);
}

class LongBuilder extends BaseBuilder {
  private readonly values: bigint[] = [];

  protected override take(cursor: Cursor): void {
    this.values.push(cursor.view.getBigInt64(skip(cursor, 8), true));
  }
  protected override blank(): void {
    this.values.push(0n);
  }
  override finish(): Column {
    return { layout: 'i64', values: BigInt64Array.from(this.values), nulls: this.nulls.finish() };
  }
}

class TimestampBuilder extends BaseBuilder {
  private readonly values: number[] = [];
  private readonly nanos: number[] = [];
  private readonly withNanos: boolean;

  constructor(withNanos: boolean) {
    super();
    this.withNanos = withNanos;
  }
  protected override take(cursor: Cursor): void {
    this.values.push(cursor.view.getFloat64(skip(cursor, 8), true));
    this.nanos.push(this.withNanos ? cursor.view.getInt32(skip(cursor, 4), true) : 0);
  }
  protected override blank(): void {
    this.values.push(0);
    this.nanos.push(0);
  }
  override finish(): Column {
    const nanos = this.withNanos ? Int32Array.from(this.nanos) : undefined;
    return { layout: 'ts', values: Float64Array.from(this.values), nanos, nulls: this.nulls.finish() };
  }
}

class WideDecimalBuilder extends BaseBuilder {
  private readonly high: bigint[] = [];
  private readonly low: bigint[] = [];

  protected override take(cursor: Cursor): void {
    this.high.push(cursor.view.getBigInt64(skip(cursor, 8), true));
    this.low.push(cursor.view.getBigInt64(skip(cursor, 8), true));
  }
  protected override blank(): void {
    this.high.push(0n);
    this.low.push(0n);
  }
  override finish(): Column {
    const high = BigInt64Array.from(this.high);
    return { layout: 'dec128', high, low: BigInt64Array.from(this.low), nulls: this.nulls.finish() };
  }
}

class BytesBuilder extends BaseBuilder {
  private readonly parts: Uint8Array[] = [];

  protected override take(cursor: Cursor): void {
    const length = cursor.view.getInt32(skip(cursor, 4), true);
    const start = skip(cursor, length);
    this.parts.push(cursor.bytes.subarray(start, start + length));
  }
  protected override blank(): void {
    this.parts.push(new Uint8Array(0));
  }
  override finish(): Column {
    const total = this.parts.reduce((sum, part) => sum + part.length, 0);
    const bytes = new Uint8Array(total + BYTES_SLACK);
    const starts = new Int32Array(this.parts.length);
    const ends = new Int32Array(this.parts.length);
    let at = 0;
    this.parts.forEach((part, i) => {
      bytes.set(part, at);
      starts[i] = at;
      at += part.length;
      ends[i] = at;
    });
    const view = new DataView(bytes.buffer);
    return { layout: 'bytes', bytes, view, starts, ends, nulls: this.nulls.finish() };
  }
}

/** Lists (one child) and maps (two). */
class RepeatedBuilder extends BaseBuilder {
  private readonly offsets: number[] = [0];
  private readonly parts: readonly ColumnBuilder[];
  private readonly make: (offsets: Int32Array, parts: readonly Column[], nulls: Nulls) => Column;

  constructor(
    parts: readonly ColumnBuilder[],
    make: (offsets: Int32Array, parts: readonly Column[], nulls: Nulls) => Column,
  ) {
    super();
    this.parts = parts;
    this.make = make;
  }
  protected override take(cursor: Cursor): void {
    const length = cursor.view.getInt32(skip(cursor, 4), true);
    for (let i = 0; i < length; i++) for (const part of this.parts) part.read(cursor);
    this.offsets.push(this.offsets[this.offsets.length - 1] + length);
  }
  protected override blank(): void {
    this.offsets.push(this.offsets[this.offsets.length - 1]);
  }
  override finish(): Column {
    const parts = this.parts.map((part) => part.finish());
    return this.make(Int32Array.from(this.offsets), parts, this.nulls.finish());
  }
}

class RowBuilder extends BaseBuilder {
  private readonly fields: readonly ColumnBuilder[];

  constructor(fields: readonly ColumnBuilder[]) {
    super();
    this.fields = fields;
  }
  protected override take(cursor: Cursor): void {
    for (const field of this.fields) field.read(cursor);
  }
  protected override blank(): void {
    for (const field of this.fields) field.addNull();
  }
  override finish(): Column {
    return { layout: 'row', children: this.fields.map((field) => field.finish()), nulls: this.nulls.finish() };
  }
}
