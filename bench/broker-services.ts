import { registerSchema } from '../src/connectors/registry/index.ts';
import { startApicurio, startKafka } from '../test/services/index.ts';
import { EVENT_SCHEMA } from './event.ts';

export interface BrokerServices {
  readonly bootstrap: string;
  readonly registry: string;
  readonly schemaId: number;
}

/** Starts Kafka and a registry that knows the bench's events, and stops them after use. `folder` is for temporary files. */
export async function withBroker(folder: string, use: (services: BrokerServices) => Promise<void>): Promise<void> {
  const kafka = await startKafka();
  try {
    const registry = await startApicurio();
    try {
      const schemaId = await registerSchema(registry.url, 'events-value', JSON.stringify(EVENT_SCHEMA), folder);
      await use({ bootstrap: kafka.bootstrap, registry: registry.url, schemaId });
    } finally {
      await registry.stop();
    }
  } finally {
    await kafka.stop();
  }
}
