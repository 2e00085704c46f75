import type { AggregateName } from '../expressions/typed.ts';
import { durationSetting } from './config.ts';
import { isProctime } from './expression-tools.ts';
import { aggregateMeaning, type Meaning } from './fingerprint.ts';
import type { GroupAggregate, WindowAggregate } from './logical.ts';
import type { NodeDraft } from './physical-nodes.ts';
import { output, type RootContext } from './root-context.ts';

interface Drafted<Op extends NodeDraft['op']> {
  readonly draft: Extract<NodeDraft, { op: Op }>;
  readonly meaning: Meaning;
}

/** The physical node of a window aggregation over `input`, whose meaning is `below`. */
export function draftWindowAggregate(
  node: WindowAggregate,
  input: number,
  below: Meaning,
  context: RootContext,
): Drafted<'window-aggregate'> {
  const { window, timeColumn, attached, keys, aggregates, properties } = node;
  const retractInput = context.traits(node.input).updating;
  const mergeable = !aggregates.some(({ fn, distinct }) => distinct || (retractInput && NEEDS_ALL_ROWS.has(fn)));
  const strategy = context.config['table.optimizer.agg-phase-strategy']?.toLowerCase();
  // Sessions are known only where all rows of a key are together.
  const twoPhase = strategy !== 'one_phase' && mergeable && window.kind !== 'session' && !isProctime(node.timeType);
  const proctime = isProctime(node.timeType);
  const local = node.timeType.kind === 'TIMESTAMP_LTZ';
  return {
    draft: {
      op: 'window-aggregate',
      inputs: [input],
      window,
      timeColumn,
      attached,
      local,
      proctime,
      keys,
      aggregates,
      properties,
      twoPhase,
      adaptive: twoPhase && strategy !== 'two_phase',
      retractInput,
      ...output(node, context),
    },
    meaning: aggregateMeaning(
      below,
      { window, time: below.columns[timeColumn], attached, retractInput },
      keys,
      aggregates,
      properties,
    ),
  };
}

/** The same for an aggregation without windows. */
export function draftGroupAggregate(
  node: GroupAggregate,
  input: number,
  below: Meaning,
  context: RootContext,
): Drafted<'group-aggregate'> {
  const { keys, aggregates } = node;
  const { updateBefore, perBatch } = context.changelog.demandOf(node);
  const ttl = durationSetting(context.config, 'table.exec.state.ttl', 0);
  const retractInput = context.traits(node.input).updating;
  return {
    draft: {
      op: 'group-aggregate',
      inputs: [input],
      keys,
      aggregates,
      retractInput,
      emitUpdateBefore: updateBefore,
      emitPerBatch: perBatch,
      ttl,
      ...output(node, context),
    },
    meaning: aggregateMeaning(below, { group: retractInput }, keys, aggregates, []),
  };
}

/** What is left when a row is taken back depends on the rows before it: parts of them do not do. */
const NEEDS_ALL_ROWS: ReadonlySet<AggregateName> = new Set<AggregateName>([
  'MIN',
  'MAX',
  'LISTAGG',
  'ARRAY_AGG',
  'FIRST_VALUE',
  'LAST_VALUE',
  'JSON_ARRAYAGG',
  'JSON_OBJECTAGG',
]);
