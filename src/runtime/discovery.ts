import type { SchemaRow } from '../checkpoint/epoch-commit.ts';
import type { ConnectorContext, SourceSpec, Split, SplitPosition } from '../connectors/contracts.ts';
import type { PhysicalPlan, SourceNode } from '../planner/physical.ts';
import { schemaCache, seededRandom } from './connector-context.ts';
import { unknownConnector } from './connector-errors.ts';
import type { ConnectorSet } from './connector-set.ts';

export function sourceSpec(node: SourceNode): SourceSpec {
  return { table: node.table, columns: node.columns, filter: node.filter, schema: node.table.columns };
}

/** The ids of a plan's sources that find new splits while they run. */
export function growingSources(plan: PhysicalPlan, connectors: ConnectorSet): ReadonlySet<string> {
  const growing = plan.nodes
    .filter((node) => node.op === 'source')
    .filter(({ table }) => connectors.sources.get(table.options.connector)?.grows?.(table) === true);
  return new Set(growing.map((node) => node.id));
}

/** Asks a source's connector for its splits: fails within seconds, with a clear error, when the system does not answer. */
export function discoverSplits(
  node: SourceNode,
  connectors: ConnectorSet,
  env: { dataDir: string; now: () => number; log: ConnectorContext['log'] },
  schemas: readonly SchemaRow[],
  resuming: boolean,
): Promise<readonly { split: Split; start: SplitPosition }[]> {
  const connector = connectors.sources.get(node.table.options.connector);
  if (connector === undefined) throw unknownConnector(node.table.options.connector, 'source');
  return connector.discover(sourceSpec(node), {
    dataDir: env.dataDir,
    now: env.now,
    random: seededRandom(1),
    log: env.log,
    count: () => undefined,
    schemas: schemaCache(schemas, () => undefined),
    resuming,
    task: 0,
    knownSplits: [],
    readers: [0],
  });
}
