import { type EngineSpec, measureEngine } from './measure-engine.ts';
import { type FusedSpec, measureFused } from './measure-fused.ts';
import { type HandmadeSpec, measureHandmade } from './measure-handmade.ts';
import { measureBroker, type BrokerPeerSpec } from './measure-broker-peer.ts';
import type { Measurement } from './measurement.ts';

export type MeasureSpec = EngineSpec | FusedSpec | HandmadeSpec | BrokerPeerSpec;

/** Entry of the fresh process that measures one thing: the specification comes as its argument, the result as its last line. */
function measure(spec: MeasureSpec): Measurement | Promise<Measurement> {
  switch (spec.peer) {
    case 'engine':
      return measureEngine(spec);
    case 'fused':
      return measureFused(spec);
    case 'handmade':
      return measureHandmade(spec);
    case 'fused-broker':
    case 'handmade-broker':
      return measureBroker(spec);
  }
}

const result = await measure(JSON.parse(process.argv[2]) as MeasureSpec);
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
