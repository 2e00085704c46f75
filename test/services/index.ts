export { type RegistryService, startApicurio } from './apicurio.ts';
export { type KafkaService, startKafka } from './kafka.ts';
export { poll } from './poll.ts';
export { type Place } from './place.ts';
export { freePorts } from './ports.ts';
export { type PrometheusService, startPrometheus } from './prometheus.ts';
export { type RedisService, startRedis } from './redis.ts';
export { requireServices, type ServiceName } from './require.ts';
export { ServiceProcess } from './service-process.ts';
