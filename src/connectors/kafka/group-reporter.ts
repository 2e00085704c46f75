import type { ConnectorContext, ProgressReporter } from '../contracts.ts';
import { decodeOffsetCommit, encodeOffsetCommit, groupCoordinator } from './group-offsets.ts';
import type { BrokerSettings } from './options.ts';
import { offsetOf } from './position.ts';
import { KafkaSession } from './session.ts';

/** Commits the offsets of checkpoints to a consumer group of a cluster, as somebody who is no member of it. */
export function reportToGroup(
  broker: BrokerSettings,
  group: string,
  host: Pick<ConnectorContext, 'now' | 'random'>,
): ProgressReporter {
  const session = new KafkaSession(broker);
  const coordinator = groupCoordinator(session, group, host);
  return {
    report: async (splits) => {
      const request = encodeOffsetCommit(group, splits.map(offsetOf));
      await coordinator.call(`the offsets of group ${group}`, request, decodeOffsetCommit);
    },
    close: () => session.close(),
  };
}
