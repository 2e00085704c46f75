import { HeadwaterError } from '../../data/errors.ts';
import type { ConnectorContext } from '../contracts.ts';
import type { RegistryClient } from '../registry/client.ts';
import { backOffMs } from './back-off.ts';
import { Sleepers } from './sleepers.ts';

/** Writer schemas for one reader: from the checkpoint when it has them, else from the registry, asked until it answers. */
export class WriterSchemas {
  /** Of the registry, without a login: it is kept in checkpoints. */
  private readonly address: string;
  private readonly registry: RegistryClient;
  private readonly context: ConnectorContext;
  private readonly sleepers = new Sleepers();
  private closed = false;

  constructor(address: string, registry: RegistryClient, context: ConnectorContext) {
    this.address = address;
    this.registry = registry;
    this.context = context;
  }

  known(id: number): string | undefined {
    return this.context.schemas.get(this.address, id);
  }

  /** Fetches and records a schema. An unreachable registry is waited for; an unknown id is an error. */
  async load(id: number): Promise<string> {
    for (let failures = 1; ; failures++) {
      try {
        const text = await this.registry.schemaById(id);
        this.context.schemas.put(this.address, id, text);
        if (failures > 1) this.context.log('info', `the schema registry at ${this.address} answers again`);
        return text;
      } catch (error) {
        const outage = error instanceof HeadwaterError && error.code === 'registry-unreachable';
        if (!outage || this.closed) throw error;
        const wait = backOffMs(failures, this.context.random);
        this.context.count('registry_retries', 1);
        this.context.log('warn', `${error.message}; the source waits and tries again in ${Math.round(wait)} ms`);
        await this.sleepers.sleep(wait);
      }
    }
  }

  close(): void {
    this.closed = true;
    this.sleepers.wake();
    this.registry.close();
  }
}
