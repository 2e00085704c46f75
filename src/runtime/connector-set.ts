import type { SinkConnector, SourceConnector } from '../connectors/contracts.ts';
import type { ConnectorDescriptor, ConnectorRegistry, FormatDescriptor } from '../planner/connector.ts';

import { inlineConnector } from '../connectors/simple/inline.ts';

/** The connectors of a process, by name. Planner and runtime see the same set. */
export interface ConnectorSet {
  readonly sources: ReadonlyMap<string, SourceConnector>;
  readonly sinks: ReadonlyMap<string, SinkConnector>;
  readonly registry: ConnectorRegistry;
}

/** `builtinSinks` are sinks that the runtime writes itself (committed log, results): only their descriptors exist. */
export function connectorSet(
  sources: readonly SourceConnector[],
  sinks: readonly SinkConnector[],
  builtinSinks: readonly ConnectorDescriptor[],
  formats: ReadonlyMap<string, FormatDescriptor>,
): ConnectorSet {
  const descriptors = [...sources.map((s) => s.descriptor), ...sinks.map((s) => s.descriptor), ...builtinSinks];
  return {
    sources: new Map([...sources, inlineConnector].map((source) => [source.descriptor.name, source])),
    sinks: new Map(sinks.map((sink) => [sink.descriptor.name, sink])),
    registry: { connectors: new Map(descriptors.map((d) => [d.name, d])), formats },
  };
}
