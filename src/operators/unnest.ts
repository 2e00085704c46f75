import { type Batch, makeBatch, MIN_WATERMARK } from '../data/batch.ts';
import { type Column, isNull } from '../data/column.ts';
import { columnFromValues } from '../data/builder.ts';
import { assert } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import type { Schema, SqlType } from '../data/types.ts';
import { type Calc, compileCalc } from '../expressions/index.ts';
import type { UnnestNode } from '../planner/physical.ts';
import { isNullAt, rowAt } from './cells.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** What to give, in order: the input row, the element (-1: none), and its number in the collection. */
interface Places {
  readonly rows: Int32Array;
  readonly elements: Int32Array;
  readonly numbers: Int32Array;
}

type Collection = Column & { readonly layout: 'list' | 'map' };

/**
 * Each row once for every element of an ARRAY (a ROW element gives its fields), entry of a MAP, or element of a MULTISET
 * as often as it is in it; with a condition, for every one for which it is TRUE. A row without any is dropped, or kept
 * with NULLs.
 */
export class Unnest implements Operator {
  private readonly node: UnnestNode;
  private readonly type: SqlType;
  private readonly condition: Calc | undefined;
  private readonly output: Output;
  private time = MIN_WATERMARK;

  constructor(node: UnnestNode, inputSchema: Schema, context: OperatorContext) {
    const { zone, now } = context;
    this.node = node;
    this.type = inputSchema[node.column].type;
    this.condition = node.condition && compileCalc(node.condition, [], { zone, now, watermark: () => this.time });
    this.output = context.output;
  }

  process(_input: number, batch: Batch): void {
    const collection = batch.columns[this.node.column];
    const flat = collection.layout === 'list' || collection.layout === 'map' ? collection : flatten(collection, batch);
    assert(flat.layout === 'list' || flat.layout === 'map', `UNNEST of a column of layout ${flat.layout}`);
    const all = this.places(batch, flat);
    const counted = this.condition === undefined ? all : this.passing(this.condition, batch, flat, all);
    const places = this.node.outer ? withMissing(batch, counted) : counted;
    if (places.rows.length > 0) this.output.emit(this.joined(batch, flat, places));
  }

  watermark(time: number): void {
    this.time = time;
    this.output.watermark(time);
  }

  private joined(batch: Batch, flat: Collection, { rows, elements, numbers }: Places): Batch {
    const count = rows.length;
    const columns = batch.columns.map((column) => gatherColumn(column, rows, count));
    const parts = this.parts(flat).map((part) => gatherOrNull(part.type, part.column, elements, count));
    const ordinals: Column[] = this.node.ordinality ? [ordinalColumn(numbers, elements)] : [];
    const { kinds } = batch;
    return makeBatch([...columns, ...parts, ...ordinals], count, kinds && rows8(kinds, rows));
  }

  private passing(condition: Calc, batch: Batch, flat: Collection, places: Places): Places {
    if (places.rows.length === 0) return places;
    const passed = condition.run(this.joined(batch, flat, places));
    const kept = Int32Array.from({ length: passed?.selectedCount ?? 0 }, (_, i) => rowAt(passed as Batch, i));
    const pick = (list: Int32Array): Int32Array => kept.map((at) => list[at]);
    return { rows: pick(places.rows), elements: pick(places.elements), numbers: pick(places.numbers) };
  }

  /** Every element of every row. */
  private places(batch: Batch, flat: Collection): Places {
    const rows: number[] = [];
    const elements: number[] = [];
    const numbers: number[] = [];
    const repeat =
      this.type.kind === 'MULTISET' && flat.layout === 'map' && flat.value.layout === 'i32'
        ? flat.value.values
        : undefined;
    for (let i = 0; i < batch.selectedCount; i++) {
      const row = rowAt(batch, i);
      const before = rows.length;
      if (!isNull(flat.nulls, row)) {
        for (let at = flat.offsets[row]; at < flat.offsets[row + 1]; at++) {
          for (let times = repeat === undefined ? 1 : repeat[at]; times > 0; times--) {
            rows.push(row);
            elements.push(at);
            numbers.push(rows.length - before);
          }
        }
      }
    }
    return { rows: Int32Array.from(rows), elements: Int32Array.from(elements), numbers: Int32Array.from(numbers) };
  }

  /** The columns of an element. */
  private parts(flat: Collection): readonly { type: SqlType; column: Column }[] {
    const { type } = this;
    if (flat.layout === 'map') {
      if (type.kind === 'MAP') {
        return [
          { type: type.key, column: flat.key },
          { type: type.value, column: flat.value },
        ];
      }
      assert(type.kind === 'MULTISET', `UNNEST of ${type.kind}`);
      return fieldsOf(type.element, flat.key);
    }
    assert(type.kind === 'ARRAY', `UNNEST of ${type.kind}`);
    return fieldsOf(type.element, flat.element);
  }
}

/** With a place for each row of the batch that has none; places are in the order of the rows. */
function withMissing(batch: Batch, places: Places): Places {
  const rows: number[] = [];
  const elements: number[] = [];
  const numbers: number[] = [];
  let at = 0;
  for (let i = 0; i < batch.selectedCount; i++) {
    const row = rowAt(batch, i);
    const before = at;
    for (; at < places.rows.length && places.rows[at] === row; at++) {
      rows.push(row);
      elements.push(places.elements[at]);
      numbers.push(places.numbers[at]);
    }
    if (at > before) continue;
    rows.push(row);
    elements.push(-1);
    numbers.push(0);
  }
  return { rows: Int32Array.from(rows), elements: Int32Array.from(elements), numbers: Int32Array.from(numbers) };
}

/** A ROW gives its fields, NULL where it is NULL itself. */
function fieldsOf(type: SqlType, column: Column): readonly { type: SqlType; column: Column }[] {
  if (type.kind !== 'ROW') return [{ type, column }];
  assert(column.layout === 'row', `a ROW in a column of layout ${column.layout}`);
  return type.fields.map((field, i) => ({ type: field.type, column: masked(column.children[i], column.nulls) }));
}

function masked(column: Column, nulls: Uint8Array | undefined): Column {
  if (nulls === undefined || column.layout === 'const') return column;
  if (column.nulls === undefined) return { ...column, nulls };
  return { ...column, nulls: column.nulls.map((byte, i) => byte | nulls[i]) };
}

function flatten(column: Column, batch: Batch): Column {
  return gatherColumn(
    column,
    Int32Array.from({ length: batch.length }, (_, i) => i),
    batch.length,
  );
}

/** Elements at places, NULL at place -1. */
function gatherOrNull(type: SqlType, column: Column, places: Int32Array, count: number): Column {
  if (!places.includes(-1)) return gatherColumn(column, places, count);
  const missing = (i: number): boolean => places[i] < 0;
  if (places.every((place) => place < 0)) {
    return columnFromValues(
      type,
      Array.from(places, () => null),
    );
  }
  const known = places.map((place) => Math.max(0, place));
  const gathered = gatherColumn(column, known, count);
  assert(gathered.layout !== 'const', 'a gathered column is flat');
  const nulls = gathered.nulls?.slice() ?? new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) if (missing(i) || isNullAt(gathered, i)) nulls[i >> 3] |= 1 << (i & 7);
  return { ...gathered, nulls };
}

function ordinalColumn(numbers: Int32Array, places: Int32Array): Column {
  return gatherOrNull(
    { kind: 'INT', nullable: true },
    { layout: 'i32', values: numbers, nulls: undefined },
    places.map((place, i) => (place < 0 ? -1 : i)),
    numbers.length,
  );
}

function rows8(kinds: Uint8Array, rows: Int32Array): Uint8Array {
  const out = new Uint8Array(rows.length);
  for (let i = 0; i < out.length; i++) out[i] = kinds[rows[i]];
  return out;
}
