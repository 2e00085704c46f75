export { EmbeddedProducer } from './producer.ts';
export { EmbeddedLog } from './log.ts';
export { EmbeddedRegistry, type SubjectVersion } from './registry.ts';
