import { unreachable } from '../data/errors.ts';
import { formatAggregate } from './format-expression.ts';
import type { LogicalNode } from './logical.ts';

/** One line about a logical node, for messages: `GroupAggregate(groupBy=[k], select=[k, COUNT(*)])`. */
export function describeLogical(node: LogicalNode): string {
  switch (node.kind) {
    case 'scan':
      return `TableSourceScan(table=[${node.table.table.name}])`;
    case 'calc':
      return `Calc(select=[${node.schema.map((field) => field.name).join(', ')}])`;
    case 'window-table':
      return `WindowTableFunction(window=[${node.window.kind.toUpperCase()}])`;
    case 'window-aggregate':
    case 'group-aggregate': {
      const keys = node.keys.map((key) => node.input.schema[key].name);
      const calls = node.aggregates.map((call) => formatAggregate(call, node.input.schema));
      const name = node.kind === 'group-aggregate' ? 'GroupAggregate' : 'WindowAggregate';
      const groupBy = keys.length === 0 ? '' : `groupBy=[${keys.join(', ')}], `;
      return `${name}(${groupBy}select=[${[...keys, ...calls].join(', ')}])`;
    }
    case 'union':
      return 'Union(all=[true])';
    case 'set-operation':
      return `${node.op === 'INTERSECT' ? 'Intersect' : 'Minus'}(all=[${node.all}])`;
    case 'limit':
      return `Limit(offset=[${node.offset}], fetch=[${node.count}])`;
    case 'sort':
      return `Sort(orderBy=[${node.keys.map((key) => node.schema[key.column].name).join(', ')}])`;
    case 'expand':
      return 'Expand()';
    case 'unnest':
      return `Unnest(${node.input.schema[node.column].name})`;
    default:
      return unreachable(node);
  }
}
