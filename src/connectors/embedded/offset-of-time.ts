import { BYTES_SLACK } from '../../data/column.ts';
import { FrameAssembler } from '../record-batch/assembler.ts';
import { BatchWalker } from '../record-batch/walker.ts';
import type { OpenTopic } from './topic-file.ts';

/** The offset of the first record of a partition that is not older than a time; undefined when there is none. */
export function offsetOfTime(open: OpenTopic, topic: string, partition: number, time: number): number | undefined {
  const row = open.db
    .prepare<[number, number], { base_offset: number; last_offset: number; bytes: Buffer }>(
      'SELECT base_offset, last_offset, bytes FROM batches WHERE partition = ? AND max_timestamp >= ? ORDER BY last_offset LIMIT 1',
    )
    .get(partition, time);
  if (row === undefined) return undefined;
  const bytes = new Uint8Array(row.bytes.length + BYTES_SLACK);
  bytes.set(row.bytes);
  const run = {
    topic,
    partition,
    bytes,
    view: new DataView(bytes.buffer),
    at: 0,
    end: row.bytes.length,
    nextOffset: row.base_offset,
    toOffset: row.last_offset + 1,
    leaderEpoch: 0,
    whole: true,
    taken: false,
    aborted: undefined,
  };
  const frames = new FrameAssembler(new BatchWalker()).next(run, row.last_offset - row.base_offset + 1);
  for (let i = 0; i < frames.count; i++) if (frames.timestamps[i] >= time) return frames.offsets[i];
  return row.last_offset + 1;
}
