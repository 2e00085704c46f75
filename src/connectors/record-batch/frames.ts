import type { RecordFrames } from '../../formats/contracts.ts';

const EMPTY = new Uint8Array(16);

/** Frames for at least `capacity` records, over no bytes yet. */
export function createFrames(capacity: number): RecordFrames {
  return {
    bytes: EMPTY,
    view: new DataView(EMPTY.buffer),
    count: 0,
    offsets: new Float64Array(capacity),
    timestamps: new Float64Array(capacity),
    keyStarts: new Int32Array(capacity),
    keyEnds: new Int32Array(capacity),
    valueStarts: new Int32Array(capacity),
    valueEnds: new Int32Array(capacity),
  };
}

/** Makes room for `needed` records in all; what was framed stays. */
export function ensureCapacity(frames: RecordFrames, needed: number): void {
  if (needed <= frames.offsets.length) return;
  const capacity = Math.max(needed, frames.offsets.length * 2);
  frames.offsets = grow(frames.offsets, new Float64Array(capacity));
  frames.timestamps = grow(frames.timestamps, new Float64Array(capacity));
  frames.keyStarts = grow(frames.keyStarts, new Int32Array(capacity));
  frames.keyEnds = grow(frames.keyEnds, new Int32Array(capacity));
  frames.valueStarts = grow(frames.valueStarts, new Int32Array(capacity));
  frames.valueEnds = grow(frames.valueEnds, new Int32Array(capacity));
}

function grow<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
