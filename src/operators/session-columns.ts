import type { Column } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { WindowProperty } from '../planner/physical.ts';
import type { ClosedSessions } from './session-list.ts';
import type { WindowClock } from './window-clock.ts';

/** The window columns of closed sessions, one row a slot. */
export function sessionColumns(
  properties: readonly WindowProperty[],
  { starts, ends }: Pick<ClosedSessions, 'starts' | 'ends'>,
  slots: Int32Array,
  count: number,
  clock: WindowClock,
): Column[] {
  const rows = slots.subarray(0, count);
  return properties.map((property) => {
    const values = propertyTimes(property);
    return { layout: 'ts', values, nanos: undefined, nulls: undefined };
  });

  function propertyTimes(property: WindowProperty): Float64Array {
    switch (property) {
      case 'window_start':
        return pick(starts, rows);
      case 'window_end':
        return pick(ends, rows);
      case 'window_time':
        return pick(ends, rows).map((end) => clock.closes(end));
      default:
        return unreachable(property);
    }
  }
}

function pick(times: Float64Array, slots: Int32Array): Float64Array {
  const values = new Float64Array(slots.length);
  for (let i = 0; i < slots.length; i++) values[i] = times[slots[i]];
  return values;
}
