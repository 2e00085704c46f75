import type { StateContext } from '../state/contracts.ts';

function refuse(): never {
  throw new Error('internal invariant broken: an aggregate that is merged keeps no state of its own');
}

/** For aggregates that are used without a backend: asking for any table is a mistake of the planner. */
export const NO_STATE: StateContext = {
  keyedColumns: refuse,
  keyedMap: refuse,
  orderedList: refuse,
  scalars: refuse,
  slotQueue: refuse,
};
