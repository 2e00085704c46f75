import {
  type Dec128Column,
  type F32Column,
  type F64Column,
  hasNanos,
  type I16Column,
  type I32Column,
  type I64Column,
  type I8Column,
  type TsColumn,
} from '../../data/column.ts';
import { copyInto, SlotBase } from './base.ts';

export class I8Slot extends SlotBase {
  readonly layout = 'i8';
  values = new Int8Array(0);
  protected resize(capacity: number): void {
    this.values = copyInto(new Int8Array(capacity), this.values);
  }
  column(): I8Column {
    return { layout: 'i8', values: this.values, nulls: this.bitmap() };
  }
}

export class I16Slot extends SlotBase {
  readonly layout = 'i16';
  values = new Int16Array(0);
  protected resize(capacity: number): void {
    this.values = copyInto(new Int16Array(capacity), this.values);
  }
  column(): I16Column {
    return { layout: 'i16', values: this.values, nulls: this.bitmap() };
  }
}

export class I32Slot extends SlotBase {
  readonly layout = 'i32';
  values = new Int32Array(0);
  protected resize(capacity: number): void {
    this.values = copyInto(new Int32Array(capacity), this.values);
  }
  column(): I32Column {
    return { layout: 'i32', values: this.values, nulls: this.bitmap() };
  }
}

export class I64Slot extends SlotBase {
  readonly layout = 'i64';
  values = new BigInt64Array(0);
  /** Low and high halves of `values`, in turn: written without making BigInts. */
  words = new Int32Array(0);
  protected resize(capacity: number): void {
    this.values = copyInto(new BigInt64Array(capacity), this.values);
    this.words = new Int32Array(this.values.buffer);
  }
  column(): I64Column {
    return { layout: 'i64', values: this.values, nulls: this.bitmap() };
  }
}

export class F32Slot extends SlotBase {
  readonly layout = 'f32';
  values = new Float32Array(0);
  protected resize(capacity: number): void {
    this.values = copyInto(new Float32Array(capacity), this.values);
  }
  column(): F32Column {
    return { layout: 'f32', values: this.values, nulls: this.bitmap() };
  }
}

export class F64Slot extends SlotBase {
  readonly layout = 'f64';
  values = new Float64Array(0);
  protected resize(capacity: number): void {
    this.values = copyInto(new Float64Array(capacity), this.values);
  }
  column(): F64Column {
    return { layout: 'f64', values: this.values, nulls: this.bitmap() };
  }
}

export class TsSlot extends SlotBase {
  readonly layout = 'ts';
  values = new Float64Array(0);
  /** Empty where the type needs none (precision <= 3). */
  nanos = new Int32Array(0);
  get withNanos(): boolean {
    return hasNanos(this.type);
  }
  protected resize(capacity: number): void {
    this.values = copyInto(new Float64Array(capacity), this.values);
    if (this.withNanos) this.nanos = copyInto(new Int32Array(capacity), this.nanos);
  }
  column(): TsColumn {
    return {
      layout: 'ts',
      values: this.values,
      nanos: this.withNanos ? this.nanos : undefined,
      nulls: this.bitmap(),
    };
  }
}

export class Dec128Slot extends SlotBase {
  readonly layout = 'dec128';
  high = new BigInt64Array(0);
  low = new BigInt64Array(0);
  protected resize(capacity: number): void {
    this.high = copyInto(new BigInt64Array(capacity), this.high);
    this.low = copyInto(new BigInt64Array(capacity), this.low);
  }
  column(): Dec128Column {
    return { layout: 'dec128', high: this.high, low: this.low, nulls: this.bitmap() };
  }
}
