import type { SchemaRow } from '../checkpoint/epoch-commit.ts';
import type { ConnectorContext, SchemaCache } from '../connectors/contracts.ts';
import type { TaskSpec } from './messages.ts';
import type { GraphContext } from './task-graph.ts';

/** What a connector of a task may use. */
export function connectorContext(id: string, spec: TaskSpec, context: GraphContext): ConnectorContext {
  return {
    dataDir: spec.dataDir,
    now: context.now,
    random: seededRandom(spec.seed + spec.task),
    log: context.log,
    count: (counter, by) => context.count(`${id}/${counter}`, by),
    schemas: schemaCache(spec.schemas, context.onSchema),
    resuming: false,
    task: spec.task,
    ...ownersOf(id, spec.owners),
  };
}

function ownersOf(id: string, owners: TaskSpec['owners']): Pick<ConnectorContext, 'knownSplits' | 'readers'> {
  const own = owners.filter(({ source }) => source === id);
  const readers = [...new Set(own.map(({ task }) => task))].sort((a, b) => a - b);
  return { knownSplits: own.map(({ split }) => split), readers: readers.length > 0 ? readers : [0] };
}

/** Writer schemas known from the checkpoint; new ones are recorded for the next. */
export function schemaCache(known: readonly SchemaRow[], onNew: (row: SchemaRow) => void): SchemaCache {
  const texts = new Map(known.map((row) => [`${row.id}@${row.registry}`, row.text]));
  return {
    get: (registry, id) => texts.get(`${id}@${registry}`),
    put: (registry, id, text) => {
      const key = `${id}@${registry}`;
      if (texts.get(key) === text) return;
      texts.set(key, text);
      onNew({ registry, id, text });
    },
  };
}

/** mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
