/** kafkajs' own decoding of record batches, which its consumer runs on every fetch. */
declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(buffer: Buffer);
    canReadBytes(length: number): boolean;
  }
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';
  export interface DecodedBatch {
    readonly records: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[];
  }
  export default function decodeRecordBatch(decoder: Decoder): Promise<DecodedBatch>;
}
