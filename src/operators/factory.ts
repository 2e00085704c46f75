import { unreachable } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import type { PhysicalNode, WindowAggregateNode, WindowTableNode } from '../planner/physical.ts';
import { CalcOperator } from './calc.ts';
import { Expand } from './expand.ts';
import { GroupAggregate } from './group-aggregate.ts';
import { Limit } from './limit.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { type ClosingWindows, ProcessingTimeWindows } from './processing-time.ts';
import { SessionAggregate } from './session-aggregate.ts';
import { SessionTableFunction } from './session-table.ts';
import { SetOperation } from './set-operation.ts';
import { RetractableLimit } from './retractable-limit.ts';
import { Sort } from './sort.ts';
import { UnionOperator } from './union.ts';
import { Unnest } from './unnest.ts';
import { WindowAggregate } from './window-aggregate.ts';
import { GlobalWindowAggregate } from './window-global.ts';
import { LocalWindowAggregate } from './window-local.ts';
import { WindowTableFunction } from './window-table.ts';

export { partialSchema } from './partial-schema.ts';

/** `single`: the whole operator. `local` and `global`: the halves of a two-phase window aggregate, before and after
 *  the exchange; `global` has the partial schema as its input schema. Only `single` and `global` have state. */
export type OperatorPhase = 'single' | 'local' | 'global';

/** The operator of a plan node. State tables are named here, before the state is restored. */
export function createOperator(
  node: PhysicalNode,
  inputSchemas: readonly Schema[],
  context: OperatorContext,
  phase: OperatorPhase = 'single',
): Operator {
  switch (node.op) {
    case 'calc':
      return new CalcOperator(node, context);
    case 'union':
      return new UnionOperator(node.mode, context);
    case 'window-table':
      return windowTable(node, inputSchemas[0], context);
    case 'window-aggregate':
      return windowAggregate(node, inputSchemas[0], context, phase);
    case 'group-aggregate':
      return new GroupAggregate(node, inputSchemas[0], context);
    case 'set-operation':
      return new SetOperation(node, context);
    case 'limit':
      return node.retractInput ? new RetractableLimit(node, context) : new Limit(node, context);
    case 'sort':
      return new Sort(node, context);
    case 'expand':
      return new Expand(node, context);
    case 'unnest':
      return new Unnest(node, inputSchemas[0], context);
    case 'source':
    case 'watermark':
    case 'sink':
      throw new Error(
        `internal invariant broken: ${node.op} ${node.id} runs in the source or sink, not as an operator`,
      );
    default:
      return unreachable(node);
  }
}

function windowAggregate(
  node: WindowAggregateNode,
  inputSchema: Schema,
  context: OperatorContext,
  phase: OperatorPhase,
): Operator {
  switch (phase) {
    case 'single': {
      const windows = (inner: OperatorContext): ClosingWindows => singleWindowAggregate(node, inputSchema, inner);
      return node.proctime === true ? new ProcessingTimeWindows(node.timeColumn, windows, context) : windows(context);
    }
    case 'local':
      return new LocalWindowAggregate(node, inputSchema, context);
    case 'global':
      return new GlobalWindowAggregate(node, inputSchema, context);
    default:
      return unreachable(phase);
  }
}

function singleWindowAggregate(
  node: WindowAggregateNode,
  inputSchema: Schema,
  context: OperatorContext,
): ClosingWindows {
  const { window, attached } = node;
  return window.kind === 'session' && attached !== true
    ? new SessionAggregate(node, window, inputSchema, context)
    : new WindowAggregate(node, inputSchema, context);
}

function windowTable(node: WindowTableNode, inputSchema: Schema, context: OperatorContext): Operator {
  const { window } = node;
  const windows = (inner: OperatorContext): ClosingWindows =>
    window.kind === 'session'
      ? new SessionTableFunction(node, window, inputSchema, inner)
      : new WindowTableFunction(node, window, inner);
  return node.proctime === true ? new ProcessingTimeWindows(node.timeColumn, windows, context) : windows(context);
}
