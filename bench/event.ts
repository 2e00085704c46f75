import avsc from 'avsc';
import { RecordBatchWriter } from '../src/connectors/record-batch/index.ts';

/**
 * The benchmark event: user_id (12 bytes), item_id, enum, double, int, timestamp-millis, [null, string], map with two
 * entries; about 96 bytes a record in batches of 1000. Seeded; event time advances by 1 / perSecond an event, with
 * 200 ms of disorder.
 */
export const EVENT_SCHEMA: avsc.Schema = {
  type: 'record',
  name: 'Event',
  namespace: 'bench',
  fields: [
    { name: 'user_id', type: 'string' },
    { name: 'item_id', type: 'string' },
    { name: 'event_type', type: { type: 'enum', name: 'EventType', symbols: ['VIEW', 'CLICK', 'CART', 'PURCHASE'] } },
    { name: 'price', type: 'double' },
    { name: 'quantity', type: 'int' },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'coupon', type: ['null', 'string'], default: null },
    { name: 'attrs', type: { type: 'map', values: 'string' } },
  ],
};

export const START = 1_760_000_000_000;
/** The writer schema's id in logs that are read from memory. */
export const SCHEMA_ID = 7;
const TYPES = ['VIEW', 'CLICK', 'CART', 'PURCHASE'];
const COUNTRIES = ['US', 'DE', 'FR', 'GB', 'IN', 'BR', 'JP', 'RU'];
const DEVICES = ['ios', 'android', 'web', 'tv'];
const PER_BATCH = 1000;

export interface EventLog {
  readonly batches: readonly Uint8Array[];
  readonly events: number;
  /** Event time covered, milliseconds. */
  readonly span: number;
}

export function random(seed: number): () => number {
  let s = seed | 0 || 88675123;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) / 4294967296;
  };
}

/** Events with indexes from `first` on, as record batches with the given schema id. */
export function buildEvents(options: {
  events: number;
  keys: number;
  perSecond: number;
  schemaId: number;
  seed?: number;
  startAt?: number;
}): EventLog {
  const type = avsc.Type.forSchema(EVENT_SCHEMA);
  const next = random(options.seed ?? 42);
  const writer = new RecordBatchWriter();
  const value = Buffer.alloc(512);
  value.writeInt32BE(options.schemaId, 1);
  const batches: Uint8Array[] = [];
  const start = options.startAt ?? START;
  for (let i = 0; i < options.events; i++) {
    const event = makeEvent(next, options.keys, start + Math.floor((i * 1000) / options.perSecond));
    const end = type.encode(event, value, 5);
    writer.append(Buffer.from(event.user_id, 'latin1'), value.subarray(0, end), event.ts);
    if (writer.count === PER_BATCH) batches.push(writer.finish());
  }
  if (writer.count > 0) batches.push(writer.finish());
  return { batches, events: options.events, span: Math.floor((options.events * 1000) / options.perSecond) };
}

function makeEvent(next: () => number, keys: number, now: number) {
  return {
    user_id: `user_${String((next() * keys) | 0).padStart(7, '0')}`,
    item_id: `item_${String((next() * 50000) | 0).padStart(6, '0')}`,
    event_type: TYPES[(next() * 4) | 0],
    price: Math.round(next() * 1e5) / 100,
    quantity: (1 + next() * 5) | 0,
    ts: now - ((next() * 200) | 0),
    coupon: next() < 0.3 ? `SAVE${(next() * 100) | 0}` : null,
    attrs: { country: COUNTRIES[(next() * 8) | 0], device: DEVICES[(next() * 4) | 0] },
  };
}

/** Encodes one event at a time, of a given user and time. */
export class EventEncoder {
  private readonly type = avsc.Type.forSchema(EVENT_SCHEMA);
  private readonly buffer = Buffer.alloc(512);

  constructor(schemaId: number) {
    this.buffer.writeInt32BE(schemaId, 1);
  }

  /** Valid until the next call. */
  encode(user: string, price: number, ts: number): Buffer {
    const event = {
      user_id: user,
      item_id: 'item_000001',
      event_type: 'VIEW',
      price,
      quantity: 1,
      ts,
      coupon: null,
      attrs: { country: 'DE', device: 'web' },
    };
    return this.buffer.subarray(0, this.type.encode(event, this.buffer, 5));
  }
}
