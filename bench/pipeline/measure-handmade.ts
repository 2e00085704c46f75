import { performance } from 'node:perf_hooks';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import { LoopedLog } from '../looped-log.ts';
import { RUN_BATCHES } from '../memory-source.ts';
import { HandmadeAggregation } from '../peers/handmade.ts';
import { type Measurement, Stretch } from './measurement.ts';

export interface HandmadeSpec {
  readonly peer: 'handmade';
  readonly path: string;
  readonly warmSeconds: number;
  readonly seconds: number;
}

const BATCH_HEADER_BYTES = 49;

/** kafkajs' record batch decoder, avsc and a Map by hand, over the same bytes. */
export async function measureHandmade(spec: HandmadeSpec): Promise<Measurement> {
  const log = new LoopedLog(`${spec.path}0`);
  const aggregation = new HandmadeAggregation();
  let events = 0;
  const counts = () => ({ events, patchMs: log.patch.ms, patchCpuMs: log.patch.cpuMs, epochs: 0, bytesWritten: 0 });
  const runFor = async (seconds: number, sample: () => void): Promise<void> => {
    const begun = performance.now();
    const patchedBefore = log.patch.ms;
    while (performance.now() - begun - (log.patch.ms - patchedBefore) < seconds * 1000) {
      if (log.atEnd) log.nextPass();
      const { at, end } = log.take(RUN_BATCHES);
      const decoder = new Decoder(Buffer.from(log.bytes.buffer, at, end - at));
      while (decoder.canReadBytes(BATCH_HEADER_BYTES)) {
        const { records } = await decodeRecordBatch(decoder);
        for (const { value } of records) if (value !== null) aggregation.add(value);
        events += records.length;
        aggregation.fire();
      }
      sample();
    }
  };
  await runFor(spec.warmSeconds, () => undefined);
  const stretch = new Stretch(counts());
  await runFor(spec.seconds, () => stretch.sample());
  const result = stretch.end(counts(), log.memory);
  return { ...result, emitted: aggregation.emitted };
}
