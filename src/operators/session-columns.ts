import type { Column } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { WindowProperty } from '../planner/physical.ts';
import type { SessionList } from './session-list.ts';
import type { WindowClock } from './window-clock.ts';

/** The window columns of closed sessions, one row a slot. */
export function sessionColumns(
  properties: readonly WindowProperty[],
  sessions: SessionList,
  slots: Int32Array,
  count: number,
  clock: WindowClock,
): Column[] {
  return properties.map((property) => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = propertyTime(property, sessions, slots[i], clock);
    return { layout: 'ts', values, nanos: undefined, nulls: undefined };
  });
}

function propertyTime(property: WindowProperty, sessions: SessionList, slot: number, clock: WindowClock): number {
  switch (property) {
    case 'window_start':
      return sessions.start(slot);
    case 'window_end':
      return sessions.end(slot);
    case 'window_time':
      return clock.closes(sessions.end(slot));
    default:
      return unreachable(property);
  }
}
