import { BYTES_SLACK } from '../../data/column.ts';
import { deletedOffset, startOf } from './retention.ts';
import { checkOffsets, type OpenTopic } from './topic-file.ts';

/** Record batches of one partition in one buffer, as a fetch would bring them; BYTES_SLACK bytes follow `length`. */
export interface LogRead {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Batches from the one that holds `offset` on: at least one whole batch, then as many as fit into `maxBytes`. */
export function readBatches(
  open: OpenTopic,
  topic: string,
  partition: number,
  offset: number,
  maxBytes: number,
): LogRead | undefined {
  const parts: Buffer[] = [];
  let length = 0;
  let next = offset;
  for (const row of open.select.iterate(partition, offset)) {
    if (parts.length > 0 && length + row.bytes.length > maxBytes) break;
    if (parts.length === 0 && row.base_offset > offset) checkStart(open, topic, partition, offset);
    next = checkOffsets(topic, partition, row, next, parts.length === 0);
    parts.push(row.bytes);
    length += row.bytes.length;
    if (length >= maxBytes) break;
  }
  if (parts.length === 0) return undefined;
  const bytes = new Uint8Array(length + BYTES_SLACK);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, length };
}

/** A batch that is missing at the front was deleted, if it is before the start. */
function checkStart({ db }: OpenTopic, topic: string, partition: number, offset: number): void {
  const start = startOf(db, partition);
  if (offset < start) throw deletedOffset(topic, partition, offset, start);
}
