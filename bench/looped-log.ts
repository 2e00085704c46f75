import { closeSync, fstatSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { BYTES_SLACK } from '../src/data/column.ts';
import type { EventLog } from './event.ts';

/** Avro varint of a time of 2001..2039 in milliseconds: six bytes, patched in place. */
const TS_BYTES = 6;

/** A log on disk: its record batches one after the other, and `<path>.json` beside it. */
export function writeLog(path: string, log: EventLog): void {
  writeFileSync(path, Buffer.concat(log.batches));
  writeFileSync(`${path}.json`, JSON.stringify({ events: log.events, span: log.span }));
}

/**
 * A log of record batches in one buffer that is read again and again: before each pass offsets and event times move
 * on, so that the stream never ends and is never late. The checksums of the batches are not kept: readers of a looped
 * log trust it.
 */
export class LoopedLog {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly length: number;
  readonly events: number;
  /** Time spent on moving event times on, which no side of a comparison counts: by the wall, and of the processor. */
  readonly patch = { ms: 0, cpuMs: 0 };
  private readonly span: number;
  private readonly starts: number[] = [];
  private readonly times: Int32Array;
  private next = 0;
  private pass = 0;

  constructor(path: string) {
    const { events, span } = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { events: number; span: number };
    this.events = events;
    this.span = span;
    const file = openSync(path, 'r');
    this.length = fstatSync(file).size;
    this.bytes = new Uint8Array(this.length + BYTES_SLACK);
    for (let at = 0; at < this.length;) at += readSync(file, this.bytes, at, this.length - at, at);
    closeSync(file);
    this.view = new DataView(this.bytes.buffer);
    for (let at = 0; at < this.length; at += 12 + this.view.getInt32(at + 8)) this.starts.push(at);
    this.times = this.findTimes();
    this.numberBatches();
  }

  /** Memory held: the batches and where their times are. */
  get memory(): number {
    return this.bytes.byteLength + this.times.byteLength;
  }

  get atEnd(): boolean {
    return this.next === this.starts.length;
  }

  /** The next batches, as a range of `bytes`, and the offset of their first record. */
  take(batches: number): { at: number; end: number; offset: number } {
    const first = this.next;
    this.next = Math.min(this.starts.length, first + batches);
    const end = this.next === this.starts.length ? this.length : this.starts[this.next];
    return { at: this.starts[first], end, offset: Number(this.view.getBigInt64(this.starts[first])) };
  }

  nextPass(): void {
    const begun = performance.now();
    const cpu = process.cpuUsage();
    this.pass += 1;
    this.next = 0;
    this.moveTimes();
    this.numberBatches();
    const wall = performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    this.patch.ms += wall;
    // Of the whole process: other threads' time is none of this one's, which had no more than the wall's.
    this.patch.cpuMs += Math.min(wall, (user + system) / 1000);
  }

  private numberBatches(): void {
    let offset = this.pass * this.events;
    for (const start of this.starts) {
      this.view.setBigInt64(start, BigInt(offset));
      offset += this.view.getInt32(start + 57);
    }
  }

  private moveTimes(): void {
    const { bytes, times, span } = this;
    for (let i = 0; i < times.length; i++) {
      const p = times[i];
      let carry = span * 2;
      for (let k = 0; k < TS_BYTES; k++) {
        const sum = (bytes[p + k] & 127) + (carry & 127);
        bytes[p + k] = (sum & 127) | (k < TS_BYTES - 1 ? 128 : 0);
        carry = (carry >>> 7) + (sum >>> 7);
      }
    }
  }

  /** Where each event's time stamp begins (fields before it: two strings, enum, double, int). */
  private findTimes(): Int32Array {
    const times = new Int32Array(this.events);
    const { bytes: u8, view } = this;
    let n = 0;
    for (const start of this.starts) {
      let p = start + 61;
      for (let i = view.getInt32(start + 57); i > 0; i--) {
        const [length, body] = varint(u8, p);
        const end = body + length;
        p = body + 1;
        p = varint(u8, p)[1];
        p = varint(u8, p)[1];
        const [keyLength, key] = varint(u8, p);
        p = varint(u8, key + keyLength)[1] + 5;
        const [userLength, user] = varint(u8, p);
        const [itemLength, item] = varint(u8, user + userLength);
        p = item + itemLength + 1 + 8;
        times[n++] = varint(u8, p)[1];
        p = end;
      }
    }
    return times;
  }
}

function varint(u8: Uint8Array, p: number): [value: number, next: number] {
  let raw = 0;
  let shift = 0;
  let b: number;
  do {
    b = u8[p++];
    raw |= (b & 127) << shift;
    shift += 7;
  } while (b > 127);
  return [(raw >>> 1) ^ -(raw & 1), p];
}
