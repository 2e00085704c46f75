/** Where a split goes on: plain JSON, kept in the checkpoint (Kafka: next offset as decimal text, leader epoch, ...). */
export type SplitPosition = Readonly<Record<string, string | number | null>>;
