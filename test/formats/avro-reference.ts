import avsc from 'avsc';

interface LongMethods {
  fromBuffer(buffer: Buffer): bigint;
  toBuffer(value: bigint): Buffer;
  fromJSON(value: number): bigint;
  toJSON(value: bigint): number;
  isValid(value: unknown): boolean;
  compare(a: bigint, b: bigint): number;
}
type LongTypes = { __with(methods: LongMethods): avsc.Type };

const longType = (avsc.types.LongType as object as LongTypes).__with({
  fromBuffer: (buffer) => buffer.readBigInt64LE(),
  toBuffer: (value) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value) => typeof value === 'bigint',
  compare: (a, b) => (a === b ? 0 : a < b ? -1 : 1),
});

/** avsc with exact longs and wrapped unions. */
export function referenceType(schemaText: string): avsc.Type {
  return avsc.Type.forSchema(JSON.parse(schemaText) as avsc.Schema, {
    typeHook: (schema) => (isLong(schema) ? longType : undefined),
    wrapUnions: 'always',
  });
}

function isLong(schema: unknown): boolean {
  return (
    schema === 'long' || (typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'long')
  );
}

/** A value with Confluent's header. */
export function framed(id: number, type: avsc.Type, value: unknown): Buffer {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, type.toBuffer(value)]);
}
