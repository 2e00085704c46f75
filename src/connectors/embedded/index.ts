export { EmbeddedProducer } from './producer.ts';
export { EmbeddedLog, type LogRead } from './log.ts';
export { EmbeddedRegistry, type SubjectVersion } from './registry.ts';
