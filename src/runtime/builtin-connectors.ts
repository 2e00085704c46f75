import { datagenConnector } from '../connectors/datagen/connector.ts';
import { filesystemConnector } from '../connectors/filesystem/connector.ts';
import { kafkaConnector } from '../connectors/kafka/connector.ts';
import { upsertKafkaDescriptor } from '../connectors/kafka/upsert-descriptor.ts';
import { redisDescriptor } from '../connectors/redis/descriptor.ts';
import { blackholeConnector } from '../connectors/simple/blackhole.ts';
import { featureDescriptor } from '../connectors/simple/feature.ts';
import { collectDescriptor, printDescriptor } from '../connectors/simple/print.ts';
import { formatDescriptors } from '../formats/index.ts';
import { type ConnectorSet, connectorSet } from './connector-set.ts';

/** Every connector and format that comes with Headwater. */
export function builtinConnectors(): ConnectorSet {
  return connectorSet(
    [kafkaConnector, datagenConnector, filesystemConnector],
    [blackholeConnector],
    [featureDescriptor, redisDescriptor, upsertKafkaDescriptor, printDescriptor, collectDescriptor],
    formatDescriptors,
  );
}
