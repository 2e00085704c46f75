import { assert } from '../data/errors.ts';
import type { Block } from './channel-memory.ts';

type ViewKind = new (memory: SharedArrayBuffer, at: number, length: number) => ArrayBufferView;

const KINDS: readonly ViewKind[] = [
  Uint8Array,
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  Float32Array,
  Float64Array,
  DataView,
];

/** Where an array is that both threads can read. */
interface Place {
  readonly block: number;
  readonly kind: number;
  readonly at: number;
  /** Elements; of a DataView, bytes. */
  readonly length: number;
}

/**
 * A value with the places of its arrays in these blocks instead of the arrays: a message with a SharedArrayBuffer in it
 * would have V8 make, account and collect an object for it each time.
 */
export function withPlaces(value: unknown, blocks: readonly Block[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const block = blocks.find(({ memory }) => memory === value.buffer);
    return block === undefined ? value : placeOf(value, block.number);
  }
  if (Array.isArray(value)) return value.map((item) => withPlaces(item, blocks));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withPlaces(item, blocks)]));
}

function placeOf(view: ArrayBufferView, block: number): Place {
  const kind = KINDS.findIndex((one) => view instanceof one);
  assert(kind >= 0, 'an array of an unknown kind in shared memory');
  const length = view instanceof DataView ? view.byteLength : (view as Uint8Array).length;
  return { block, kind, at: view.byteOffset, length };
}

/** The value again, with arrays over the receiver's own objects of the blocks. */
export function withViews(value: unknown, memory: readonly SharedArrayBuffer[]): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (isPlace(value)) return new KINDS[value.kind](memory[value.block], value.at, value.length);
  if (Array.isArray(value)) return value.map((item) => withViews(item, memory));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withViews(item, memory)]));
}

function isPlace(value: object): value is Place {
  return 'block' in value && 'kind' in value;
}
