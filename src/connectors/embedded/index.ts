export { EmbeddedLog, type LogRead } from './log.ts';
export { EmbeddedRegistry, type SubjectVersion } from './registry.ts';
