import { StageWriter } from '../connectors/filesystem/stage.ts';
import type { SinkNode } from '../planner/physical.ts';
import type { ConnectorContext } from '../connectors/contracts.ts';
import { FileTarget } from './file-target.ts';
import { stageFolder } from './file-tables.ts';
import { unknownConnector } from './connector-errors.ts';
import type { TaskSpec } from './messages.ts';
import { AppendTarget, CollectTarget, FeatureTarget, type SinkTarget, WriterTarget } from './sink-node.ts';
import type { GraphContext } from './task-graph.ts';
import { connectorContext } from './connector-context.ts';

/** Where a sink node's rows go: the committed log, whoever asked, or a connector of its own. */
export function openSinkTarget(node: SinkNode, spec: TaskSpec, context: GraphContext): SinkTarget {
  const connector = node.table.options.connector;
  switch (connector) {
    case 'feature':
    case 'redis':
    case 'upsert-kafka':
      return new FeatureTarget(node, spec.task, notNullEnforcer(spec), context.newSlabs());
    case 'filesystem':
      return new FileTarget(openStage(node, spec, context));
    case 'kafka':
      return new AppendTarget(node.table.name, node.schema, spec.task, notNullEnforcer(spec));
    case 'collect':
    case 'print':
      return new CollectTarget(node.index, node.schema);
    default: {
      const sink = context.connectors.sinks.get(connector);
      if (sink === undefined) throw unknownConnector(connector, 'sink');
      const forConnector: ConnectorContext = connectorContext(node.id, spec, context);
      return new WriterTarget(sink.open(node.table, forConnector));
    }
  }
}

function openStage({ table }: SinkNode, spec: TaskSpec, context: GraphContext): StageWriter {
  return new StageWriter(table, stageFolder(spec.jobDir, table.name), context.now, notNullEnforcer(spec));
}

function notNullEnforcer(spec: TaskSpec): 'error' | 'drop' {
  return spec.plan.config['table.exec.sink.not-null-enforcer']?.toLowerCase() === 'drop' ? 'drop' : 'error';
}
