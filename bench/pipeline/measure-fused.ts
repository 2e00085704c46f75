import { performance } from 'node:perf_hooks';
import { FusedLoop } from '../limit/fused.ts';
import { LoopedLog } from '../looped-log.ts';
import { RUN_BATCHES } from '../memory-source.ts';
import { type Measurement, Stretch } from './measurement.ts';

export interface FusedSpec {
  readonly peer: 'fused';
  readonly path: string;
  readonly warmSeconds: number;
  readonly seconds: number;
}

/** The limit: the hand-fused loop over the same bytes, in pieces of the same size. */
export function measureFused(spec: FusedSpec): Measurement {
  const log = new LoopedLog(`${spec.path}0`);
  const loop = new FusedLoop();
  let events = 0;
  const counts = () => ({ events, patchMs: log.patch.ms, patchCpuMs: log.patch.cpuMs, epochs: 0, bytesWritten: 0 });
  const runFor = (seconds: number, sample: () => void): void => {
    const until = performance.now() + seconds * 1000;
    const patchedBefore = log.patch.ms;
    while (performance.now() - (log.patch.ms - patchedBefore) < until) {
      for (let i = 0; i < 25; i++) {
        if (log.atEnd) log.nextPass();
        const { at, end } = log.take(RUN_BATCHES);
        events += loop.run(log.bytes, log.view, at, end);
      }
      sample();
    }
  };
  runFor(spec.warmSeconds, () => undefined);
  const stretch = new Stretch(counts());
  let nextSample = 0;
  runFor(spec.seconds, () => {
    if (performance.now() < nextSample) return;
    nextSample = performance.now() + 100;
    stretch.sample();
  });
  const result = stretch.end(counts(), log.memory);
  return { ...result, emitted: loop.emitted + (Number.isNaN(loop.checksum) ? 1 : 0) };
}
