import { BIGINT, notNull, nullable, type Schema, STRING, timestamp, type SqlType } from '../../src/data/types.ts';
import type { AggregateCall, AggregateName, InputRef } from '../../src/expressions/typed.ts';
import type { GroupAggregateNode, WindowAggregateNode, WindowSpec } from '../../src/planner/physical.ts';

export function schema(...fields: readonly (readonly [string, SqlType])[]): Schema {
  return fields.map(([name, type]) => ({ name, type }));
}

/** An aggregate call over columns of `input`, by name: `call(input, 'SUM', 'v', { distinct: true })`. */
export function call(
  input: Schema,
  fn: AggregateName,
  argument?: string,
  options: { distinct?: boolean; filter?: string; separator?: string } = {},
): AggregateCall {
  const arg = argument === undefined ? undefined : ref(input, argument);
  return {
    fn,
    arg,
    distinct: options.distinct === true,
    filter: options.filter === undefined ? undefined : ref(input, options.filter),
    type: arg === undefined ? notNull(BIGINT) : resultType(fn, arg.type),
    ...(options.separator === undefined ? {} : { separator: options.separator }),
  };
}

function resultType(fn: AggregateName, argument: SqlType): SqlType {
  switch (fn) {
    case 'COUNT':
      return notNull(BIGINT);
    case 'LISTAGG':
      return STRING;
    case 'ARRAY_AGG':
      return { kind: 'ARRAY', element: argument, nullable: true };
    case 'COLLECT':
      return { kind: 'MULTISET', element: argument, nullable: false };
    default:
      return nullable(argument);
  }
}

function ref(input: Schema, name: string): InputRef {
  const index = input.findIndex((field) => field.name === name);
  return { kind: 'input', index, type: input[index].type };
}

const BASE = { index: 1, fingerprint: 'f', inputs: [0] } as const;

export function windowNode(
  input: Schema,
  parts: {
    size?: number;
    offset?: number;
    /** Instead of a tumbling window of `size` and `offset`. */
    window?: WindowSpec;
    time: string;
    keys: readonly string[];
    calls: readonly AggregateCall[];
    retract?: boolean;
    proctime?: boolean;
    twoPhase?: boolean;
  },
): WindowAggregateNode {
  const keys = parts.keys.map((name) => input.findIndex((field) => field.name === name));
  const time = notNull(timestamp(3));
  return {
    ...BASE,
    id: 't/window-aggregate/1',
    op: 'window-aggregate',
    mode: 'append',
    upsertKeys: [],
    window: parts.window ?? { kind: 'tumble', size: parts.size ?? 10, offset: parts.offset ?? 0 },
    timeColumn: input.findIndex((field) => field.name === parts.time),
    keys,
    aggregates: parts.calls,
    properties: ['window_start', 'window_end', 'window_time'],
    twoPhase: parts.twoPhase ?? false,
    adaptive: parts.twoPhase ?? false,
    retractInput: parts.retract,
    proctime: parts.proctime,
    schema: [
      ...keys.map((key) => input[key]),
      ...parts.calls.map((one, i) => ({ name: `a${i}`, type: one.type })),
      ...['window_start', 'window_end', 'window_time'].map((name) => ({ name, type: time })),
    ],
  };
}

export function groupNode(
  input: Schema,
  parts: {
    keys: readonly string[];
    calls: readonly AggregateCall[];
    retract?: boolean;
    updateBefore?: boolean;
    perBatch?: boolean;
    ttl?: number;
  },
): GroupAggregateNode {
  const keys = parts.keys.map((name) => input.findIndex((field) => field.name === name));
  const updateBefore = parts.updateBefore ?? true;
  return {
    ...BASE,
    id: 't/group-aggregate/1',
    op: 'group-aggregate',
    mode: updateBefore ? 'retract' : 'upsert',
    upsertKeys: [keys.map((_key, i) => i)],
    keys,
    aggregates: parts.calls,
    retractInput: parts.retract ?? false,
    emitUpdateBefore: updateBefore,
    emitPerBatch: parts.perBatch ?? false,
    ttl: parts.ttl ?? 0,
    schema: [...keys.map((key) => input[key]), ...parts.calls.map((one, i) => ({ name: `a${i}`, type: one.type }))],
  };
}
