import { builtinConnectors } from '../src/runtime/builtin-connectors.ts';
import type { ConnectorSet } from '../src/runtime/connector-set.ts';
import { memoryConnector } from './memory-source.ts';

/** What comes with Headwater, and the memory source. */
export function benchConnectors(): ConnectorSet {
  const { sources, sinks, registry } = builtinConnectors();
  const { descriptor } = memoryConnector;
  return {
    sources: new Map([...sources, [descriptor.name, memoryConnector]]),
    sinks,
    registry: {
      connectors: new Map([...registry.connectors, [descriptor.name, descriptor]]),
      formats: registry.formats,
    },
  };
}
