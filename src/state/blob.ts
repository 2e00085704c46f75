import { crc32 } from '../data/checksum.ts';
import { decodeColumns, prepareColumns, type PreparedColumns } from '../data/codec.ts';
import type { Column } from '../data/column.ts';
import { runtimeError, unreachable } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import { KEY_GROUPS, type KeyGroupRange } from '../data/hash.ts';
import { type Allocate, allocateBytes } from '../data/slab-pool.ts';
import { type SqlType, TINYINT } from '../data/types.ts';

/**
 * The format of state blobs. Little-endian; every part starts at a multiple of eight.
 *
 *     magic u32 'HWST', crc u32 of all bytes after it, version u16, flags u16 (1 = full), sequence u32,
 *     spec length u32, dropped namespaces u32, sections u32, 0 u32, spec (UTF-8), dropped f64[],
 *     each section: namespace f64, tombstone rows, entry rows
 *     rows: index kind u32, count u32, [offsets i32[129]], columns (data/codec.ts)
 */
export const BLOB_VERSION = 1;

const MAGIC = 0x54535748;
const HEADER = 32;
const FULL = 1;

/** How rows find their key group. */
const NO_INDEX = 0;
/** Rows are bucketed by key group; offsets tell where each begins. */
const BUCKETED = 1;
/** Rows are in memory order; an extra first column has the key group of each, or -1 for rows to skip. */
const BY_COLUMN = 2;

export type RowIndex =
  | { readonly kind: 'none' }
  | { readonly kind: 'bucketed'; readonly offsets: Int32Array }
  | { readonly kind: 'column'; readonly groups: Int8Array };

export interface Rows {
  readonly columns: readonly Column[];
  readonly count: number;
  readonly index: RowIndex;
}

export interface Section {
  readonly namespace: number;
  readonly tombstones: Rows;
  readonly entries: Rows;
}

export interface BlobBody {
  /** Namespaces to drop before the sections are applied. */
  readonly dropped: readonly number[];
  readonly sections: readonly Section[];
}

/** What a table stores, in words (for a comparison and its error message), and the types of its rows. */
export interface BlobSpec {
  readonly text: string;
  readonly tombstones: readonly SqlType[];
  readonly entries: readonly SqlType[];
}

export const NO_ROWS: Rows = { columns: [], count: 0, index: { kind: 'none' } };

export function encodeBlob(
  spec: BlobSpec,
  body: BlobBody,
  full: boolean,
  sequence: number,
  allocate: Allocate = allocateBytes,
): Uint8Array {
  const text = new TextEncoder().encode(spec.text);
  const parts: Part[] = [partOf(new Uint8Array(HEADER)), partOf(text), partOf(Float64Array.from(body.dropped))];
  for (const section of body.sections) {
    parts.push(partOf(Float64Array.of(section.namespace)));
    pushRows(parts, spec.tombstones, section.tombstones);
    pushRows(parts, spec.entries, section.entries);
  }
  const bytes = concat(parts, allocate);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, MAGIC, true);
  view.setUint16(8, BLOB_VERSION, true);
  view.setUint16(10, full ? FULL : 0, true);
  view.setUint32(12, sequence, true);
  view.setUint32(16, text.length, true);
  view.setUint32(20, body.dropped.length, true);
  view.setUint32(24, body.sections.length, true);
  view.setUint32(4, crc32(bytes.subarray(8)), true);
  return bytes;
}

function pushRows(parts: Part[], types: readonly SqlType[], rows: Rows): void {
  const { index, count, columns } = rows;
  switch (index.kind) {
    case 'none':
      parts.push(partOf(Uint32Array.of(NO_INDEX, count)));
      break;
    case 'bucketed':
      parts.push(partOf(Uint32Array.of(BUCKETED, count)), partOf(index.offsets));
      break;
    case 'column': {
      const groups: Column = { layout: 'i8', values: index.groups, nulls: undefined };
      parts.push(partOf(Uint32Array.of(BY_COLUMN, count)));
      parts.push(prepareColumns([TINYINT, ...types], [groups, ...columns], count));
      return;
    }
    default:
      unreachable(index);
  }
  if (count > 0) parts.push(prepareColumns(types, columns, count));
}

/** Something of a known size (a multiple of eight) that can write itself. */
type Part = PreparedColumns;

/** The memory of an array, padded with zeros. */
function partOf(array: ArrayBufferView): Part {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return { size: (bytes.length + 7) & ~7, write: (target, at) => target.set(bytes, at) };
}

function concat(parts: readonly Part[], allocate: Allocate): Uint8Array {
  const out = allocate(parts.reduce((sum, part) => sum + part.size, 0));
  let at = 0;
  for (const part of parts) {
    part.write(out, at);
    at += part.size;
  }
  return out;
}

export interface OpenedBlob {
  readonly full: boolean;
  readonly sequence: number;
  /** Decodes the body, given that the spec is the table's own. */
  readonly body: () => BlobBody;
}

/** Checks checksum, version and spec. `table` is for messages. */
export function openBlob(table: string, spec: BlobSpec, bytes: Uint8Array): OpenedBlob {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || view.getUint32(0, true) !== MAGIC) {
    throw runtimeError('state-corrupt', `state of ${table} is not a state blob (${bytes.length} bytes)`);
  }
  const stored = view.getUint32(4, true);
  const actual = crc32(bytes.subarray(8));
  if (stored !== actual) {
    throw runtimeError(
      'state-corrupt',
      `state of ${table} is damaged: its checksum is ${hex(actual)}, expected ${hex(stored)}`,
    );
  }
  const version = view.getUint16(8, true);
  if (version > BLOB_VERSION) {
    throw runtimeError(
      'state-version',
      `state of ${table} has format version ${version}, this program reads up to ${BLOB_VERSION}`,
    );
  }
  const textLength = view.getUint32(16, true);
  const text = new TextDecoder().decode(bytes.subarray(HEADER, HEADER + textLength));
  if (text !== spec.text) {
    throw runtimeError('state-schema', `state of ${table} is ${text}, expected ${spec.text}`);
  }
  const bodyAt = HEADER + ((textLength + 7) & ~7);
  return {
    full: (view.getUint16(10, true) & FULL) !== 0,
    sequence: view.getUint32(12, true),
    body: () => decodeBody(spec, bytes, view, bodyAt),
  };
}

function decodeBody(spec: BlobSpec, bytes: Uint8Array, view: DataView, start: number): BlobBody {
  let at = start;
  const dropped: number[] = [];
  for (let i = view.getUint32(20, true); i > 0; i--, at += 8) dropped.push(view.getFloat64(at, true));
  const sections: Section[] = [];
  for (let i = view.getUint32(24, true); i > 0; i--) {
    const namespace = view.getFloat64(at, true);
    const tombstones = decodeRows(spec.tombstones, bytes, view, at + 8);
    const entries = decodeRows(spec.entries, bytes, view, tombstones.end);
    sections.push({ namespace, tombstones: tombstones.rows, entries: entries.rows });
    at = entries.end;
  }
  return { dropped, sections };
}

function decodeRows(
  types: readonly SqlType[],
  bytes: Uint8Array,
  view: DataView,
  start: number,
): { rows: Rows; end: number } {
  const kind = view.getUint32(start, true);
  const count = view.getUint32(start + 4, true);
  let at = start + 8;
  let index: RowIndex = { kind: 'none' };
  if (kind === BUCKETED) {
    const offsets = new Int32Array(KEY_GROUPS + 1);
    for (let i = 0; i <= KEY_GROUPS; i++) offsets[i] = view.getInt32(at + i * 4, true);
    index = { kind: 'bucketed', offsets };
    at += ((KEY_GROUPS + 1) * 4 + 7) & ~7;
  }
  if (count === 0) return { rows: { columns: [], count, index }, end: at };
  if (kind !== BY_COLUMN) {
    const decoded = decodeColumns(types, bytes, at);
    return { rows: { columns: decoded.columns, count, index }, end: decoded.end };
  }
  const decoded = decodeColumns([TINYINT, ...types], bytes, at);
  const [groups, ...columns] = decoded.columns;
  if (groups.layout === 'i8') index = { kind: 'column', groups: groups.values };
  return { rows: { columns, count, index }, end: decoded.end };
}

/** Rows from .. to - 1 of the columns are those of a key-group range. */
export interface RowRange {
  readonly columns: readonly Column[];
  readonly from: number;
  readonly to: number;
}

export function rowsInRange(rows: Rows, range: KeyGroupRange): RowRange {
  const { index, columns, count } = rows;
  switch (index.kind) {
    case 'none':
      return { columns, from: 0, to: count };
    case 'bucketed':
      return { columns, from: index.offsets[range.from], to: index.offsets[range.to] };
    case 'column': {
      const selected = selectGroups(index.groups, count, range);
      if (selected.length === count) return { columns, from: 0, to: count };
      const picked = columns.map((column) => gatherColumn(column, selected, selected.length));
      return { columns: picked, from: 0, to: selected.length };
    }
    default:
      return unreachable(index);
  }
}

function selectGroups(groups: Int8Array, count: number, range: KeyGroupRange): Int32Array {
  const rows = new Int32Array(count);
  let found = 0;
  for (let i = 0; i < count; i++) if (groups[i] >= range.from && groups[i] < range.to) rows[found++] = i;
  return rows.subarray(0, found);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
