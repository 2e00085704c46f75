import type {
  BytesSlot,
  Dec128Slot,
  F32Slot,
  F64Slot,
  I16Slot,
  I32Slot,
  I64Slot,
  I8Slot,
  ListSlot,
  MapSlot,
  RowSlot,
  Slot,
  TsSlot,
} from '../slots/index.ts';
import type { AvroType } from './schema.ts';

/** How to read one value of the writer's schema into a slot: what the code generator turns into code. */
export type Plan =
  /** Reads nothing and stores NULL. */
  | { readonly op: 'null'; readonly slot: Slot }
  /** Reads nothing and stores the default of a field that the writer lacks. */
  | { readonly op: 'constant'; readonly value: Constant; readonly slot: Slot }
  /** A value that the slot cannot take: the record is undecodable. */
  | { readonly op: 'reject'; readonly reason: string }
  | { readonly op: 'boolean'; readonly slot: I8Slot }
  /** int, cut to the width of the slot as Flink does. */
  | { readonly op: 'int32'; readonly slot: I8Slot | I16Slot | I32Slot }
  | { readonly op: 'int64'; readonly from: 'int' | 'long'; readonly slot: I64Slot }
  | { readonly op: 'float32'; readonly from: 'int' | 'long' | 'float'; readonly slot: F32Slot }
  | { readonly op: 'float64'; readonly from: 'int' | 'long' | 'float' | 'double'; readonly slot: F64Slot }
  | { readonly op: 'time-micros'; readonly slot: I32Slot }
  | { readonly op: 'timestamp'; readonly unit: 'millis' | 'micros' | 'nanos'; readonly slot: TsSlot }
  /** string or bytes. */
  | { readonly op: 'bytes'; readonly slot: BytesSlot }
  | { readonly op: 'fixed'; readonly size: number; readonly slot: BytesSlot }
  | { readonly op: 'enum'; readonly symbols: readonly string[]; readonly slot: BytesSlot }
  /** Big-endian two's complement; `size` undefined where a length comes first. */
  | {
      readonly op: 'decimal';
      readonly size: number | undefined;
      readonly overflow: Plan;
      readonly slot: I64Slot | Dec128Slot;
    }
  | { readonly op: 'array'; readonly element: Plan; readonly minSize: number; readonly slot: ListSlot }
  | { readonly op: 'map'; readonly value: Plan; readonly slot: MapSlot }
  | { readonly op: 'row'; readonly steps: readonly Step[]; readonly slot: RowSlot }
  | { readonly op: 'union'; readonly branches: readonly Plan[] };

/** A default as the slot's arrays hold it. */
export type Constant =
  /** Layouts of one number: i8, i16, i32, f32, f64. */
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'timestamp'; readonly millis: number; readonly nanos: number }
  | { readonly kind: 'text'; readonly value: string }
  /** Big-endian two's complement, for DECIMAL. */
  | { readonly kind: 'decimal'; readonly bytes: Uint8Array }
  /** An array or map without items. */
  | { readonly kind: 'empty' };

/** A field of a writer's record, in the order of the bytes, or (`fill`) a column that the writer does not have. */
export type Step = { readonly skip: AvroType } | { readonly read: Plan };
