import { unreachable } from '../data/errors.ts';
import { formatType, type Schema } from '../data/types.ts';
import { formatDuration } from './duration.ts';
import { formatAggregate, formatExpr } from './format-expression.ts';
import { INLINE } from './connector.ts';
import type { LimitNode, PhysicalNode, PhysicalPlan, WindowSpec } from './physical.ts';

export { formatExpr } from './format-expression.ts';

/**
 * The plan as text: one tree for each sink, its inputs below it, with the changelog mode, the types of the output, the
 * columns and the filter that the source takes over, and what is kept as state. A node with several users is shown
 * once; later it is only named.
 */
export function explainPlan(plan: PhysicalPlan): string {
  const lines = [`== Job ${plan.jobName} ==`];
  const shown = new Set<number>();
  for (const node of plan.nodes) if (node.op === 'sink') lines.push(...tree(plan, node, '', '', shown));
  for (const [key, value] of Object.entries(plan.config)) lines.push(`SET '${key}' = '${value}'`);
  for (const warning of plan.warnings) lines.push(`Warning: ${warning}`);
  return lines.join('\n');
}

/** An operator of a plan as `explain --json` shows it. */
export interface ExplainedOperator {
  readonly id: string;
  readonly op: PhysicalNode['op'];
  /** Ids of the operators whose rows it reads. */
  readonly inputs: readonly string[];
  /** What it emits: rows that stay (append), changes by key (upsert) or with what they take back (retract). */
  readonly changelog: PhysicalNode['mode'];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly upsert_keys: readonly (readonly string[])[];
  readonly details: Details;
}

export interface ExplainedPlan {
  readonly job: string;
  readonly operators: readonly ExplainedOperator[];
  readonly config: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** The plan in a form for programs: operators, inputs before users. Its members only grow. */
export function explainJson(plan: PhysicalPlan): ExplainedPlan {
  return {
    job: plan.jobName,
    operators: plan.nodes.map((node) => ({
      id: node.id,
      op: node.op,
      inputs: node.inputs.map((input) => plan.nodes[input].id),
      changelog: node.mode,
      columns: node.schema.map(({ name, type }) => ({ name, type: formatType(type) })),
      upsert_keys:
        node.op === 'sink' ? [] : node.upsertKeys.map((key) => key.map((column) => node.schema[column].name)),
      details: describe(node, node.inputs.map((input) => plan.nodes[input].schema)[0] ?? []),
    })),
    config: plan.config,
    warnings: plan.warnings,
  };
}

function tree(
  plan: PhysicalPlan,
  node: PhysicalNode,
  first: string,
  rest: string,
  shown: Set<number>,
): readonly string[] {
  if (shown.has(node.index)) return [`${first}(shared) ${node.id}`];
  shown.add(node.index);
  const inputs = node.inputs.map((input) => plan.nodes[input]);
  const below = inputs.map((input) => input.schema)[0] ?? [];
  const details = Object.entries(describe(node, below))
    .map(([key, value]) => `${key}: ${value}`)
    .join('; ');
  const lines = [`${first}${node.id} [${node.mode}]${details === '' ? '' : ` ${details}`}`];
  const bar = inputs.length > 1 ? '|  ' : '   ';
  lines.push(`${rest}${inputs.length > 0 ? bar : '   '}-> ${columns(node.schema)}${keysOf(node)}`);
  inputs.forEach((input, i) => {
    const last = i === inputs.length - 1;
    lines.push(...tree(plan, input, `${rest}+- `, `${rest}${last ? '   ' : '|  '}`, shown));
  });
  return lines;
}

function describe(node: PhysicalNode, input: Schema): Details {
  switch (node.op) {
    case 'source': {
      const { format } = node.table.options;
      const connector = node.table.options.connector === INLINE ? 'rows of the query' : node.table.options.connector;
      const names = node.columns.map((column) => node.table.columns[column].name).join(', ');
      const all =
        node.columns.length === node.table.columns.length
          ? 'all'
          : `${node.columns.length} of ${node.table.columns.length}`;
      return list({
        connector,
        format,
        reads: `${all} columns (${names})`,
        filter: node.filter === undefined ? undefined : formatExpr(node.filter, node.schema),
        bounded: node.bounded ? 'yes' : undefined,
      });
    }
    case 'calc':
      return list({
        where: node.filter === undefined ? undefined : formatExpr(node.filter, input),
        select: node.projections.map((expr, i) => renamed(formatExpr(expr, input), node.schema[i].name)).join(', '),
      });
    case 'watermark':
      return list({
        column: node.schema[node.column].name,
        watermark: formatExpr(node.expr, input),
        'cut at': node.panes.map(({ size, offset }) => pane(size, offset)).join(', '),
        'idle after': node.idleTimeout === 0 ? undefined : formatDuration(node.idleTimeout),
      });
    case 'window-table':
      return list({
        window: windowText(node.window, input[node.timeColumn].name),
        by: names(node.partition, input),
        state: node.window.kind === 'session' ? 'rows until the session closes' : undefined,
      });
    case 'window-aggregate':
      return list({
        window: windowText(node.window, input[node.timeColumn].name),
        windows: node.attached === true ? 'those of the rows' : undefined,
        by: names(node.keys, input),
        aggregates: node.aggregates.map((call) => formatAggregate(call, input)).join(', '),
        input: node.retractInput === true ? 'retracting' : undefined,
        phases: node.twoPhase ? 'local + global' : 'one',
        state: 'until the window closes',
      });
    case 'group-aggregate':
      return list({
        by: names(node.keys, input),
        aggregates: node.aggregates.map((call) => formatAggregate(call, input)).join(', '),
        input: node.retractInput ? 'retracting' : undefined,
        emits: node.emitPerBatch ? 'per batch' : 'per row',
        state:
          node.keys.length === 0
            ? 'one group'
            : node.ttl === 0
              ? 'kept for ever'
              : `${formatDuration(node.ttl)} after the last change`,
      });
    case 'union':
      return {};
    case 'set-operation':
      return list({
        rows: `${node.operation}${node.all ? ' ALL' : ''}`,
        state: node.ttl === 0 ? 'kept for ever' : `${formatDuration(node.ttl)} after the last change`,
      });
    case 'limit':
      return list({
        offset: node.offset === 0 ? undefined : String(node.offset),
        rows: String(node.count),
        input: node.retractInput ? 'retracting' : undefined,
        state: limitState(node),
      });
    case 'sort':
      return list({
        by: node.keys.map((key) => `${input[key.column].name}${key.descending ? ' DESC' : ''}`).join(', '),
        state: 'until the watermark passes',
      });
    case 'expand':
      return list({
        sets: node.sets
          .map(
            (set) =>
              `(${names(
                set.map((i) => node.groups[i]),
                input,
              )})`,
          )
          .join(', '),
      });
    case 'unnest':
      return list({
        of: input[node.column].name,
        ordinality: node.ordinality ? 'yes' : undefined,
        on:
          node.condition === undefined
            ? undefined
            : formatExpr(node.condition, [...input, ...node.schema.slice(input.length)]),
        'without elements': node.outer ? 'one row of NULLs' : undefined,
      });
    case 'sink':
      return list({
        connector: node.table.options.connector,
        'primary key': names(node.primaryKey, node.schema),
        exchange: node.exchangeByKey ? 'by primary key' : undefined,
      });
    default:
      return unreachable(node);
  }
}

function limitState({ retractInput, count, ttl }: LimitNode): string {
  if (!retractInput) return 'how many rows came';
  if (count === 0) return 'none';
  return ttl === 0 ? 'kept for ever' : `rows that wait: ${formatDuration(ttl)}; others kept for ever`;
}

/** What is particular to an operator, in the order in which it is shown. */
export type Details = Readonly<Record<string, string>>;

function list(parts: Readonly<Record<string, string | undefined>>): Details {
  return Object.fromEntries(
    Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined && part[1] !== ''),
  );
}

function names(columns: readonly number[], schema: Schema): string {
  return columns.map((column) => schema[column].name).join(', ');
}

function renamed(text: string, name: string): string {
  return text === name ? text : `${text} AS ${name}`;
}

function windowText(window: WindowSpec, column: string): string {
  const name = window.kind.toUpperCase();
  switch (window.kind) {
    case 'tumble':
      return `${name}(${column}, ${pane(window.size, window.offset)})`;
    case 'hop':
      return `${name}(${column}, ${formatDuration(window.slide)}, ${pane(window.size, window.offset)})`;
    case 'cumulate':
      return `${name}(${column}, ${formatDuration(window.step)}, ${pane(window.size, window.offset)})`;
    case 'session':
      return `${name}(${column}, ${formatDuration(window.gap)})`;
    default:
      return unreachable(window);
  }
}

function pane(size: number, offset: number): string {
  if (offset === 0) return formatDuration(size);
  return `${formatDuration(size)} ${offset < 0 ? '-' : '+'} ${formatDuration(Math.abs(offset))}`;
}

function columns(schema: Schema): string {
  return `(${schema.map((field) => `${field.name} ${formatType(field.type)}`).join(', ')})`;
}

function keysOf(node: PhysicalNode): string {
  if (node.op === 'sink' || node.upsertKeys.length === 0) return '';
  return ` unique by ${node.upsertKeys.map((key) => `(${names(key, node.schema)})`).join(', ')}`;
}
