import { createDecoder } from '../../formats/index.ts';
import { createKafkaConnector } from './kafka-source.ts';

export const kafkaConnector = createKafkaConnector(createDecoder);
