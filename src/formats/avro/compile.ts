import type { RecordFrames, SectionCursor, SourceBytes } from '../contracts.ts';
import type { Slot, SlotSet } from '../slots/index.ts';
import { Code } from './code.ts';
import { fail, REASONS } from './failures.ts';
import type { Step } from './plan.ts';
import { Reader } from './read.ts';
import { slotArrays } from './slot-names.ts';
import { VARINT_HELPERS } from './varint.ts';

/** Where a decoder stands: the next record, and the row it would become. */
export interface Cursor {
  record: number;
  row: number;
}

/**
 * Decodes records from the cursor on, up to record `to` or the first whose header is not of this schema. Throws
 * RecordFailure or RangeError with the cursor at the bad record.
 */
export type DecodeRun = (frames: RecordFrames, to: number, slots: readonly Slot[], cursor: Cursor) => void;

/** Wider tables than this get compact code. */
const COMPACT_FROM_STEPS = 48;

let instances = 0;

/** Generates the loop for one writer schema. Every call makes a function of its own, which V8 specialises by itself. */
export function compileRun(schemaId: number, steps: readonly Step[], slots: SlotSet): DecodeRun {
  const { code, id } = compileRecord(schemaId, steps);
  return build(
    code,
    `return function run${instances++}(F, to, S, C) {
const u8 = F.bytes, dv = F.view, vs = F.valueStarts, ve = F.valueEnds;
${slots.all.map(declare).join('\n')}
let r = C.record, i = C.row;
try {
for (; r < to; r++) {
const end = ve[r];
if (end < 0) continue;
let p = vs[r], empty = 0;
if (end - p < 5 || u8[p] !== 0 || dv.getInt32(p + 1) !== ${id}) break;
p += 5;
${code.text()}
${slots.all.map(commit).join('')}
i++;
}
} finally {
C.record = r; C.row = i;
${slots.all.map(markNulls).join('\n')}
}
};`,
  );
}

/**
 * Reads records of a section from its cursor on straight into the rows from the cursor's on, below `rows`. Leaves the
 * cursors after the last record read: the batch is full, the section ends, or the next record is not plain. Throws
 * RecordFailure or RangeError with the cursors at the bad record.
 */
export type DirectRun = (
  source: SourceBytes,
  section: SectionCursor,
  rows: number,
  slots: readonly Slot[],
  cursor: Cursor,
) => void;

export type Writer = readonly [schemaId: number, steps: readonly Step[]];

/**
 * Generates loops that frame the records of a section and decode them in one pass over their bytes: one loop for all
 * writers, so that records of several can alternate, unless that would be more code than V8 optimises.
 */
export function compileDirectRuns(writers: readonly Writer[], slots: SlotSet): DirectRun[] {
  const size = writers.reduce((sum, [, steps]) => sum + steps.length, 0);
  if (size <= COMPACT_FROM_STEPS) return [compileDirectRun(writers, slots)];
  return writers.map((writer) => compileDirectRun([writer], slots));
}

function compileDirectRun(writers: readonly Writer[], slots: SlotSet): DirectRun {
  const code = new Code(writers.some(([, steps]) => isCompact(steps)));
  const cases = writers.map(([id, steps]) => {
    const body = code.capture(() => addRecord(code, steps));
    return `case ${code.constant(id)}: {\n${body}\nbreak;\n}`;
  });
  return build(
    code,
    `return function direct${instances++}(B, X, rows, S, C) {
const u8 = B.bytes, dv = B.view, limit = X.limit, count = X.count;
${slots.all.map(declare).join('\n')}
let at = X.at, n = X.index, i = C.row;
try {
records: for (; n < count && i < rows; n++) {
let q = at, b, raw;
${readFraming('length')}
const next = q + (raw >>> 1);
if ((raw & 1) !== 0 || next > limit) break;
q++;
while (u8[q++] > 127);
${readFraming('offset delta')}
if (raw !== n << 1) break;
${readFraming('key')}
if ((raw & 1) === 0) q += raw >>> 1; else if (raw !== 1) break;
${readFraming('value')}
const end = q + (raw >>> 1);
if ((raw & 1) !== 0 || raw < 10 || end > next || u8[q] !== 0) break;
let p = q + 5, empty = 0;
switch (dv.getInt32(q + 1)) {
${cases.join('\n')}
default: break records;
}
${slots.all.map(commit).join('')}
at = next;
i++;
}
} finally {
X.at = at; X.index = n; C.row = i;
${slots.all.map(markNulls).join('\n')}
}
};`,
  );
}

/** The raw bits of a varint of a record's framing in `raw`; one of more than three bytes is not plain. */
function readFraming(field: string): string {
  return `// ${field}
b = u8[q++]; raw = b & 127;
if (b > 127) { b = u8[q++]; raw |= (b & 127) << 7; if (b > 127) { b = u8[q++]; raw |= (b & 127) << 14; if (b > 127) break; } }`;
}

/** Code that reads the value between `p` and `end` into row `i`, and the constant of the schema id. */
function compileRecord(schemaId: number, steps: readonly Step[]): { code: Code; id: string } {
  const code = new Code(isCompact(steps));
  const id = code.constant(schemaId);
  addRecord(code, steps);
  return { code, id };
}

/** Up to the last column that is read. */
function walkedSteps(steps: readonly Step[]): readonly Step[] {
  return steps.slice(0, steps.findLastIndex((step) => 'read' in step) + 1);
}

const isCompact = (steps: readonly Step[]): boolean => walkedSteps(steps).length > COMPACT_FROM_STEPS;

function addRecord(code: Code, steps: readonly Step[]): void {
  const walked = walkedSteps(steps);
  new Reader(code).steps(walked, 'i');
  // What follows the last column that is read is not looked at.
  code.add(
    walked.length === steps.length
      ? 'if (p !== end) fail(p > end ? truncated : trailing);'
      : 'if (p > end) fail(truncated);',
  );
}

function build<T>(code: Code, loop: string): T {
  const source = `'use strict';
${code.constants.map((_, n) => `const k${n} = K[${n}];`).join(' ')}
${VARINT_HELPERS}
${code.functions.join('\n')}
${loop}`;
  const names = Object.keys(REASONS);
  const factory = new Function('K', 'fail', ...names, source) as (...args: unknown[]) => T;
  return factory(code.constants, fail, ...Object.values(REASONS));
}

function declare(slot: Slot): string {
  const { id } = slot;
  const arrays = slotArrays(slot).map(([name, property]) => `${name} = S[${id}].${property}`);
  const counters =
    slot.layout === 'list' || slot.layout === 'map'
      ? [`x${id} = S[${id}].count`, `m${id} = S[${id}].elementCapacity`]
      : [];
  return `let ${[...arrays, ...counters, `f${id} = false`].join(', ')};`;
}

/** Elements count once their record is complete. */
function commit(slot: Slot): string {
  return slot.layout === 'list' || slot.layout === 'map' ? `S[${slot.id}].count = x${slot.id};\n` : '';
}

function markNulls(slot: Slot): string {
  return `if (f${slot.id}) S[${slot.id}].hasNulls = true;`;
}
