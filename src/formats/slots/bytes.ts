import { BYTES_SLACK, type BytesColumn } from '../../data/column.ts';
import { unreachable } from '../../data/errors.ts';
import { copyInto, SlotBase, type SourceBytes } from './base.ts';
import { SymbolTable } from './symbol-table.ts';

/**
 * Where the ranges of a bytes slot point: into the `source` frames (nothing is copied), into the `symbols` of enums, or
 * into an `own` buffer, where values of both kinds are copied when one column gets both.
 */
export type BytesMode = 'source' | 'symbols' | 'own';

export class BytesSlot extends SlotBase {
  readonly layout = 'bytes';
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  mode: BytesMode = 'source';
  readonly symbols = new SymbolTable();
  private own = new Uint8Array(BYTES_SLACK);
  private ownView = new DataView(this.own.buffer);
  private used = 0;

  /** Copies bytes [from, to) of `bytes` and makes them the value of the row. */
  append(row: number, bytes: Uint8Array, from: number, to: number): void {
    const start = this.reserve(row, to - from);
    for (let p = from, q = start; p < to; p++, q++) this.own[q] = bytes[p];
  }

  /** Makes UTF-8 of the text the value of the row. */
  appendText(row: number, text: string): void {
    const start = this.reserve(row, text.length * 3);
    this.ends[row] = start + encoder.encodeInto(text, this.own.subarray(start)).written;
    this.used = this.ends[row];
  }

  override reset(): void {
    super.reset();
    this.used = 0;
  }

  column(source: SourceBytes): BytesColumn {
    const { bytes, view } = this.buffer(source);
    return { layout: 'bytes', bytes, view, starts: this.starts, ends: this.ends, nulls: this.bitmap() };
  }

  protected resize(capacity: number): void {
    this.starts = copyInto(new Int32Array(capacity), this.starts);
    this.ends = copyInto(new Int32Array(capacity), this.ends);
  }

  private buffer(source: SourceBytes): SourceBytes {
    switch (this.mode) {
      case 'source':
        return source;
      case 'symbols':
        return this.symbols;
      case 'own':
        return { bytes: this.own, view: this.ownView };
      default:
        return unreachable(this.mode);
    }
  }

  private reserve(row: number, size: number): number {
    const start = this.used;
    this.starts[row] = start;
    this.ends[row] = this.used = start + size;
    if (this.used + BYTES_SLACK > this.own.length) {
      this.own = copyInto(new Uint8Array((this.used + BYTES_SLACK) * 2), this.own);
      this.ownView = new DataView(this.own.buffer);
    }
    return start;
  }
}

const encoder = new TextEncoder();
