import { BytesDictionary } from './bytes-dictionary.ts';

/**
 * The limit: one loop written by hand for exactly this schema and this query, from record batch bytes to TUMBLE 10 s by
 * user with COUNT, SUM, AVG, MAX of price. No CRC, no state on disk, no sink: what one core can do with these bytes.
 */
export class FusedLoop {
  emitted = 0;
  checksum = 0;
  private readonly dictionary = new BytesDictionary();
  private readonly open = new Map<number, Float64Array>();
  private readonly pool: Float64Array[] = [];
  private current: Float64Array = new Float64Array(0);
  private start = 0;
  private end = 0;
  private maxTs = 0;
  private readonly size: number;
  private readonly lag: number;

  constructor(size = 10_000, lag = 1000) {
    this.size = size;
    this.lag = lag;
  }

  /** Processes the batches in bytes [at, end); `view` must have slack after the last byte. Returns the events seen. */
  run(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    let events = 0;
    while (at + 61 <= end) {
      const total = 12 + view.getInt32(at + 8);
      if (at + total > end) break;
      const count = view.getInt32(at + 57);
      this.batch(bytes, view, at + 61, count);
      this.fire(this.maxTs - this.lag);
      events += count;
      at += total;
    }
    return events;
  }

  private batch(u8: Uint8Array, dv: DataView, p: number, count: number): void {
    const dictionary = this.dictionary;
    let cells = this.current;
    let { start, end, maxTs } = this;
    for (let i = 0; i < count; i++) {
      // record: length, attributes, timestamp delta, offset delta, key, value
      let b = u8[p++];
      let r = b & 127;
      if (b > 127) {
        b = u8[p++];
        r |= (b & 127) << 7;
        if (b > 127) {
          b = u8[p++];
          r |= (b & 127) << 14;
        }
      }
      const recordEnd = p + (r >>> 1);
      p++;
      while (u8[p++] > 127);
      while (u8[p++] > 127);
      p += (u8[p] >>> 1) + 1; // a key shorter than 64 bytes
      while (u8[p++] > 127);
      p += 5;
      const userLength = u8[p++] >>> 1;
      const user = p;
      p += userLength;
      p += (u8[p] >>> 1) + 1; // item_id
      p++; // event_type
      const price = dv.getFloat64(p, true);
      p += 8;
      while (u8[p++] > 127); // quantity
      b = u8[p++];
      let low = b & 127;
      b = u8[p++];
      low |= (b & 127) << 7;
      b = u8[p++];
      low |= (b & 127) << 14;
      b = u8[p++];
      low |= (b & 127) << 21;
      b = u8[p++];
      let high = b & 127;
      if (b > 127) {
        b = u8[p++];
        high |= (b & 127) << 7;
      }
      const ts = high * 134217728 + (low >>> 1);
      p = recordEnd;
      if (ts > maxTs) maxTs = ts;
      const id = dictionary.intern(dv, user, userLength);
      if (ts < start || ts >= end) {
        start = Math.floor(ts / this.size) * this.size;
        end = start + this.size;
        cells = this.windowAt(start);
      }
      const q = id << 2;
      if (q >= cells.length) cells = this.grow(start, cells);
      if (cells[q] === 0 || price > cells[q + 2]) cells[q + 2] = price;
      cells[q]++;
      cells[q + 1] += price;
    }
    this.current = cells;
    this.start = start;
    this.end = end;
    this.maxTs = maxTs;
  }

  private windowAt(start: number): Float64Array {
    let cells = this.open.get(start);
    if (cells === undefined) {
      let capacity = 4096;
      while (capacity < this.dictionary.size * 1.5) capacity *= 2;
      const pooled = this.pool.pop();
      cells = pooled !== undefined && pooled.length >= capacity * 4 ? pooled : new Float64Array(capacity * 4);
      this.open.set(start, cells);
    }
    return cells;
  }

  private grow(start: number, cells: Float64Array): Float64Array {
    let capacity = cells.length / 4;
    while (capacity <= this.dictionary.size) capacity *= 2;
    const larger = new Float64Array(capacity * 4);
    larger.set(cells);
    this.open.set(start, larger);
    return larger;
  }

  private fire(watermark: number): void {
    for (const [start, cells] of this.open) {
      if (start + this.size > watermark + 1) continue;
      for (let q = 0; q < cells.length; q += 4) {
        if (cells[q] === 0) continue;
        this.emitted++;
        this.checksum += cells[q + 1] / cells[q] + cells[q + 2];
      }
      cells.fill(0);
      this.pool.push(cells);
      this.open.delete(start);
      if (this.start === start) this.start = this.end = 0;
    }
  }

  flush(): void {
    this.fire(Infinity);
  }
}
