import { unreachable } from '../data/errors.ts';
import type { SourcePosition } from '../data/errors.ts';
import type { Traits, TraitsOf } from './changelog-traits.ts';
import type { ChangelogMode } from './connector.ts';
import { describeLogical } from './describe-logical.ts';
import { inputsOf } from './expression-tools.ts';
import type { GroupAggregate, LogicalNode, Sort, WindowTable } from './logical.ts';
import type { DistinctKeys } from './physical.ts';
import { problem } from './problem.ts';

/** What is asked of a node by its consumer. */
export interface Demand {
  /** -U rows must come before their +U. */
  readonly updateBefore: boolean;
  /** One net change per batch and key is enough. */
  readonly perBatch: boolean;
}

export interface SinkSide {
  readonly name: string;
  readonly accepts: ChangelogMode;
  /** Places of the primary key in the rows written. */
  readonly primaryKey: readonly number[];
  readonly primaryKeyNames: readonly string[];
  readonly position: SourcePosition;
}

/**
 * What a sink asks of its query. Throws `changelog-mismatch` when it takes no updates and `upsert-key-mismatch` when
 * it writes by a key by which the query's changes cannot be found again.
 */
export function sinkDemand(sink: SinkSide, query: LogicalNode, traits: Traits): Demand {
  if (!traits.updating) return { updateBefore: false, perBatch: false };
  switch (sink.accepts) {
    case 'append':
      throw problem(
        'changelog-mismatch',
        `Table sink '${sink.name}' doesn't support consuming update changes which is produced by node ` +
          `${describeLogical(traits.changedBy ?? query)}`,
        sink.position,
      );
    case 'retract':
      return { updateBefore: true, perBatch: false };
    case 'upsert':
      return upsertDemand(sink, query, traits);
    default:
      return unreachable(sink.accepts);
  }
}

function upsertDemand(sink: SinkSide, query: LogicalNode, traits: Traits): Demand {
  // A sink that takes upserts without a key (blackhole) keeps nothing that could go stale.
  if (sink.primaryKey.length === 0) return { updateBefore: false, perBatch: true };
  const varying = sink.primaryKey.filter((column) => !traits.constants.has(column));
  const equal = traits.upsertKeys.some((key) => contains(key, varying) && contains(sink.primaryKey, key));
  if (equal) return { updateBefore: false, perBatch: true };
  // A key that moves within the rows of one upsert key: the old row must be taken back.
  if (traits.upsertKeys.some((key) => contains(sink.primaryKey, key))) return { updateBefore: true, perBatch: false };
  const keys = traits.upsertKeys.map((key) => `(${key.map((column) => query.schema[column].name).join(', ')})`);
  const known = keys.length === 0 ? 'has no upsert key' : `identifies its rows by ${keys.join(' or ')}`;
  const advice =
    keys.length === 0
      ? 'select the grouping columns unchanged into the key columns'
      : `declare PRIMARY KEY ${keys[0]} NOT ENFORCED with the columns that receive them`;
  throw problem(
    'upsert-key-mismatch',
    `Table '${sink.name}' is written by its primary key (${sink.primaryKeyNames.join(', ')}), but the updating query ${known}; ${advice}`,
    sink.position,
  );
}

/** Which rows of a query never share a primary key: told from what identifies a row of an append-only query. */
export function distinctKeys(primaryKey: readonly number[], traits: Traits): DistinctKeys | undefined {
  if (traits.updating || primaryKey.length === 0) return undefined;
  const besides = traits.upsertKeys.map((key) => key.filter((column) => !primaryKey.includes(column)));
  if (besides.some((columns) => columns.length === 0)) return { of: 'all' };
  const single = besides.find((columns) => columns.length === 1);
  return single === undefined ? undefined : { of: 'column', column: single[0] };
}

export interface Changelog {
  readonly mode: (node: LogicalNode) => ChangelogMode;
  readonly demandOf: (node: GroupAggregate) => Demand;
}

/** Decides, from the sink down, which kinds each node sends. */
export function inferChangelog(root: LogicalNode, demand: Demand, traits: TraitsOf): Changelog {
  const demands = new Map<LogicalNode, Demand>();
  const modes = new Map<LogicalNode, ChangelogMode>();
  const full: Demand = { updateBefore: true, perBatch: false };
  const visit = (node: LogicalNode, asked: Demand): ChangelogMode => {
    const mode = decide(node, asked);
    modes.set(node, mode);
    return mode;
  };
  const decide = (node: LogicalNode, asked: Demand): ChangelogMode => {
    switch (node.kind) {
      case 'scan':
        return node.table.ability.mode;
      case 'calc': {
        const updateBefore =
          asked.updateBefore ||
          filtersBesideKey(node.filter === undefined ? new Set() : inputsOf(node.filter), traits(node.input));
        return visit(node.input, { ...asked, updateBefore });
      }
      case 'window-table':
        if (node.window.kind !== 'session') {
          // A row that moves in time leaves windows in which nothing takes its place.
          const moves = node.window.kind !== 'tumble' && traits(node.input).updating;
          return visit(node.input, { ...asked, updateBefore: asked.updateBefore || moves });
        }
        refuseUpdates(node, traits(node.input));
        return visit(node.input, full);
      case 'window-aggregate':
        visit(node.input, full);
        return 'append';
      case 'group-aggregate':
        demands.set(node, asked);
        visit(node.input, full);
        return asked.updateBefore ? 'retract' : 'upsert';
      case 'union':
        return widest(node.inputs.map((input) => visit(input, { ...asked, perBatch: false })));
      case 'set-operation':
        for (const input of node.inputs) visit(input, full);
        return asked.updateBefore || node.all ? 'retract' : 'upsert';
      case 'limit':
        visit(node.input, full);
        return traits(node.input).updating ? 'retract' : 'append';
      case 'sort':
        refuseChanges(node, traits(node.input));
        visit(node.input, full);
        return 'append';
      case 'expand':
        return visit(node.input, { ...asked, perBatch: false });
      case 'unnest':
        return visit(node.input, traits(node.input).updating ? full : asked);
      default:
        return unreachable(node);
    }
  };
  visit(root, demand);
  return {
    mode: (node) => known(modes.get(node)),
    demandOf: (node) => known(demands.get(node)),
  };
}

/** Rows of a session wait for its end: one that is taken back later has no place in it. */
function refuseUpdates(node: WindowTable, input: Traits): void {
  if (!input.updating) return;
  throw problem(
    'changelog-mismatch',
    `SESSION without an aggregation by its window_start, window_end and PARTITION BY columns doesn't support consuming ` +
      `update changes which is produced by node ${describeLogical(input.changedBy ?? node.input)}`,
    node.position,
  );
}

function refuseChanges(node: Sort, input: Traits): void {
  if (!input.updating) return;
  throw problem(
    'unsupported',
    `ORDER BY a time attribute over a query whose rows change is not supported yet; the changes come from ${describeLogical(input.changedBy ?? node.input)}`,
    node.position,
  );
}

/** A row that stops passing a filter on other columns than the key must be taken back. */
function filtersBesideKey(filtered: ReadonlySet<number>, input: Traits): boolean {
  if (!input.updating || filtered.size === 0) return false;
  return !input.upsertKeys.some((key) => contains(key, [...filtered]));
}

function contains(all: readonly number[], some: readonly number[]): boolean {
  return some.every((column) => all.includes(column));
}

function widest(modes: readonly ChangelogMode[]): ChangelogMode {
  if (modes.includes('retract')) return 'retract';
  return modes.includes('upsert') ? 'upsert' : 'append';
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the changelog of every node was decided');
  return value;
}
