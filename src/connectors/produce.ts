/** Writes records to the partitions of one topic: of a Kafka cluster or of the embedded log. */
export interface RecordProducer {
  readonly partitions: number;
  /** How many milliseconds records are worth waiting for others before they are pushed together. */
  readonly linger: number;
  /** Takes a record in; call `push` after some. `timestamp` in epoch milliseconds; a null value is a tombstone. */
  append(partition: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void;
  /** Sends what was appended, as far as the other side is free. Throws what made the producer fail. */
  push(): void;
  /** Resolves when few enough bytes are held to append more. */
  room(): Promise<void>;
  /** Resolves when everything that was appended is durable. */
  flush(): Promise<void>;
  /** Makes everything since the last commit visible at once, where the producer is transactional; else `flush`. */
  commit(): Promise<void>;
  /** Durable records by partition. */
  acknowledged(): number[];
  close(): Promise<void>;
}
