import { readValue } from '../data/read.ts';
import { layoutOf } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';
import type { SlotTable } from '../state/slot-table.ts';

const ONE = new Int32Array(1);

/** One value of a slot as a plain value (data/read.ts), without copying a column. */
export function readSlot(type: SqlType, table: SlotTable, column: number, slot: number): unknown {
  const stored = table.columns[column];
  if (stored.nulls !== undefined && stored.nulls[slot] !== 0) return null;
  switch (stored.layout) {
    case 'i8':
      return type.kind === 'BOOLEAN' ? stored.values[slot] !== 0 : stored.values[slot];
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return stored.values[slot];
    case 'ts':
      return { ms: stored.values[slot], nanos: stored.nanos === undefined ? 0 : stored.nanos[slot] };
    case 'dec128':
      return (stored.high[slot] << 64n) | BigInt.asUintN(64, stored.low[slot]);
    case 'bytes': {
      if (layoutOf(type) !== 'bytes') {
        ONE[0] = slot;
        return readValue(type, table.gather(column, ONE, 1), 0);
      }
      const start = stored.starts[slot];
      const bytes = stored.bytes.subarray(start, start + stored.lengths[slot]);
      if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return Uint8Array.from(bytes);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    }
    default:
      return unreachable(stored);
  }
}
