import type { SqlType } from '../data/types.ts';
import { unreachable } from '../data/errors.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import type { StateContext } from '../state/contracts.ts';
import type { AggregateSet } from './aggregate-set.ts';
import type { OperatorContext } from './operator.ts';
import { CumulateStore, HopStore } from './pane-store.ts';
import { TumbleStore } from './tumble-store.ts';
import { type WindowClock, windowClock } from './window-clock.ts';
import { WindowEmitter } from './window-emitter.ts';
import type { WindowStore } from './window-store.ts';

/** The windows of an aggregate and their state. `aggregatesOver` makes the aggregates of the node over some state. */
export function createWindowStore(
  node: WindowAggregateNode,
  keyTypes: readonly SqlType[],
  aggregatesOver: (state: StateContext) => AggregateSet,
  context: OperatorContext,
): { readonly store: WindowStore; readonly aggregates: AggregateSet } {
  const aggregates = aggregatesOver(context.state);
  const clock = windowClock(node.local === true, context.zone);
  const emitter = new WindowEmitter(node, keyTypes, aggregates, clock, context.output);
  return { aggregates, store: storeOf(node, aggregates, aggregatesOver, emitter, clock, context.state) };
}

function storeOf(
  { window, attached }: WindowAggregateNode,
  aggregates: AggregateSet,
  aggregatesOver: (state: StateContext) => AggregateSet,
  emitter: WindowEmitter,
  clock: WindowClock,
  state: StateContext,
): WindowStore {
  if (attached === true) return new TumbleStore(aggregates, emitter, clock, state);
  switch (window.kind) {
    case 'tumble':
      return new TumbleStore(aggregates, emitter, clock, state);
    case 'hop':
      return new HopStore(window, { aggregates, aggregatesOver, emitter, clock, state });
    case 'cumulate':
      return new CumulateStore(window, { aggregates, emitter, clock, state });
    case 'session':
      throw new Error('sessions are merged by an operator of their own');
    default:
      return unreachable(window);
  }
}
