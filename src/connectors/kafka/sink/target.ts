/** Where a writer has come in its table's committed log: everything up to this epoch of this history is in the topic. */
export interface SinkProgress {
  readonly lineage: string;
  readonly epoch: number;
}

/** A topic that one table is written to. */
export interface TopicTarget {
  readonly partitions: number;
  /** Where the topic's own note of it says the writer is; undefined: it has none, or keeps none. */
  readonly progress: SinkProgress | undefined;
  /** Takes a record in. `timestamp` in epoch milliseconds; a null value is a tombstone. */
  append(partition: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void;
  /** Resolves when few enough bytes are held to append more. Throws what made it impossible to write. */
  room(): Promise<void>;
  /** What was appended is there, as far as the guarantee goes: `exactly-once` all at once, with the progress. */
  commit(progress: SinkProgress): Promise<void>;
  /** What was not committed is not seen by anybody who reads committed records only. */
  close(): Promise<void>;
}

export function formatProgress({ lineage, epoch }: SinkProgress): string {
  return `${epoch}:${lineage}`;
}

/** Undefined for what no writer of ours has noted. */
export function parseProgress(text: string | undefined): SinkProgress | undefined {
  const match = /^(\d{1,15}):(.+)$/.exec(text ?? '');
  return match === null ? undefined : { epoch: Number(match[1]), lineage: match[2] };
}
