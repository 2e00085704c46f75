import { decodeValues, encodeValue } from '../../data/codec.ts';
import { columnFromValues } from '../../data/builder.ts';
import { BYTES_SLACK, type BytesColumn, type Column, isNull, layoutOf } from '../../data/column.ts';
import { notNull, nullable, type SqlType } from '../../data/types.ts';
import { NEVER, type Operand, valueOf } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import { KeyDecoder } from '../key-decoder.ts';
import { fixedWidth, writeKey } from '../key-writing.ts';
import { isNested } from '../types/common-type.ts';

/** Where generated code writes one element before it goes into the state. */
export class ElementBuffer {
  bytes = new Uint8Array(64);
  view = new DataView(this.bytes.buffer);

  grow(used: number, size: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, used + size + BYTES_SLACK));
    bytes.set(this.bytes.subarray(0, used));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/** An element in generated code: bytes [0, end) of a buffer. */
export interface WrittenElement {
  readonly bytes: string;
  readonly start: string;
  readonly end: string;
}

/**
 * Writes code that encodes a value (not NULL) as a key of one NOT NULL column is: strings and bytes are themselves,
 * other values have the fixed width of their type or the encoding of data/codec.ts. Equal values have equal bytes.
 */
export function writeElement(source: Source, argType: SqlType, value: Operand): WrittenElement {
  const type = notNull(argType);
  if (value.cls === 'bytes') return { bytes: value.bytes, start: value.start, end: value.end };
  if (isNested(type)) {
    const encoded = source.local('x', `${source.constant(encodePlain)}(${source.constant(type)}, ${valueOf(value)})`);
    return { bytes: encoded, start: '0', end: `${encoded}.length` };
  }
  const buffer = source.constant(new ElementBuffer());
  if (value.cls === 'bigint') {
    const wide = layoutOf(type) === 'dec128';
    source.line(
      wide
        ? `${buffer}.view.setBigInt64(0, ${value.value} >> 64n, true); ${buffer}.view.setBigInt64(8, BigInt.asIntN(64, ${value.value}), true);`
        : `${buffer}.view.setBigInt64(0, ${value.value}, true);`,
    );
    return { bytes: `${buffer}.bytes`, start: '0', end: wide ? '16' : '8' };
  }
  const end = source.name('e');
  source.line(`let ${end} = 0;`);
  source.block('', () => {
    source.line(`const bytes = ${buffer}.bytes, view = ${buffer}.view; let at = 0;`);
    writeKey(source, type, { ...value, isNull: NEVER }, () => '', fixedWidth(type));
    source.line(`${end} = at;`);
  });
  return { bytes: `${buffer}.bytes`, start: '0', end };
}

function encodePlain(type: SqlType, value: unknown): Uint8Array {
  return encodeValue(type, columnFromValues(type, [value]), 0);
}

/** Reads elements back: rows of `elements` as a column of the type, NULL where the bitmap says so. */
export class ElementReader {
  private readonly type: SqlType;
  private readonly decoder: KeyDecoder;

  constructor(argType: SqlType) {
    this.type = notNull(argType);
    this.decoder = new KeyDecoder([this.type]);
  }

  read(elements: BytesColumn, count: number): Column {
    const { nulls } = elements;
    if (isNested(this.type)) {
      const starts = elements.starts.slice(0, count);
      for (let i = 0; i < count; i++) if (isNull(nulls, i)) starts[i] = -1;
      return decodeValues(nullable(this.type), elements, starts, count);
    }
    const [column] = this.decoder.decode({ ...elements, nulls: undefined }, count);
    return nulls === undefined || column.layout === 'const' ? column : { ...column, nulls };
  }
}
