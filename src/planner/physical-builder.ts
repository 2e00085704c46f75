import { unreachable } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import type { BoundInsert } from './bind-insert.ts';
import { inferChangelog, sinkDemand, type Changelog, distinctKeys } from './changelog.ts';
import { traitsOf, type TraitsOf } from './changelog-traits.ts';
import { durationSetting, type Config } from './config.ts';
import { formatDuration } from './duration.ts';
import { isProctime } from './expression-tools.ts';
import { formatAggregate } from './format-expression.ts';
import {
  aggregateMeaning,
  calcMeaning,
  digest,
  extendedMeaning,
  setOperationMeaning,
  unionMeaning,
  unnestMeaning,
  windowTableMeaning,
} from './fingerprint.ts';
import type { AggregateName } from '../expressions/typed.ts';
import type {
  Calc,
  Expand,
  GroupAggregate,
  Limit,
  LogicalNode,
  SetOperation,
  Sort,
  Union,
  Unnest,
  WindowAggregate,
  WindowTable,
} from './logical.ts';
import type { PhysicalPlan } from './physical.ts';
import { NodeList } from './physical-nodes.ts';
import { isIdentity, mergeCalcs } from './rewrite-merge.ts';
import { pruneColumns } from './rewrite-prune.ts';
import { buildScan, overScan, type BuiltScan } from './scan-builder.ts';
import { collectUsage, isScanCalc, type TableUsage } from './scan-usage.ts';
import type { UsedTable } from './used-table.ts';

/** An INSERT (or a collected SELECT) with the configuration that was set when it came. */
export interface PlanRoot {
  readonly insert: BoundInsert;
  readonly config: Config;
}

/** Logical trees of one job to its physical plan: rewrites, changelog modes, shared scans, ids and fingerprints. */
export function buildPlan(jobName: string, roots: readonly PlanRoot[], config: Config): PhysicalPlan {
  const rewritten = roots.map((root) => mergeCalcs(pruneColumns(root.insert.query)));
  const builder = new Builder(collectUsage(rewritten), config['table.local-time-zone'] ?? 'UTC');
  roots.forEach((root, i) => builder.addRoot(root, rewritten[i]));
  return { jobName, nodes: builder.list.finish(), config, warnings: builder.warnings };
}

/** What all nodes of one INSERT have in common. */
interface RootContext {
  readonly target: string;
  readonly config: Config;
  readonly changelog: Changelog;
  readonly traits: TraitsOf;
}

class Builder {
  readonly list: NodeList;
  readonly warnings: string[] = [];
  private readonly usage: ReadonlyMap<UsedTable, TableUsage>;
  private readonly scans = new Map<UsedTable, BuiltScan>();

  constructor(usage: ReadonlyMap<UsedTable, TableUsage>, zone: string) {
    this.list = new NodeList(zone);
    this.usage = usage;
  }

  addRoot({ insert, config }: PlanRoot, query: LogicalNode): void {
    const traits = traitsOf();
    const { upsertKeys, partition } = traits(query);
    const demand = sinkDemand(insert.side, query, traits(query));
    const perBatch = demand.perBatch && config['table.exec.mini-batch.enabled']?.toLowerCase() !== 'false';
    const changelog = inferChangelog(query, { ...demand, perBatch }, traits);
    const input = this.build(query, { target: insert.target, config, changelog, traits });
    const { primaryKey } = insert.side;
    const together = partition !== undefined && partition.every((column) => primaryKey.includes(column));
    const schema: Schema = insert.table.columns;
    const meaning = this.list.meaning(input);
    this.list.add(
      insert.target,
      {
        op: 'sink',
        inputs: [input],
        table: insert.table,
        primaryKey,
        exchangeByKey: primaryKey.length > 0 && !together,
        distinct: distinctKeys(primaryKey, traits(query)),
        schema,
        mode: changelog.mode(query),
        upsertKeys,
      },
      { rows: digest({ table: insert.table.name, primaryKey, schema, input: meaning }), columns: [] },
    );
  }

  private build(node: LogicalNode, context: RootContext): number {
    switch (node.kind) {
      case 'scan':
        throw new Error('a scan does not stand alone after the rewrites');
      case 'calc':
        return this.buildCalc(node, context);
      case 'window-table':
        return this.buildWindowTable(node, context);
      case 'window-aggregate':
        return this.buildWindowAggregate(node, context);
      case 'group-aggregate':
        return this.buildGroupAggregate(node, context);
      case 'union':
        return this.buildUnion(node, context);
      case 'set-operation':
        return this.buildSetOperation(node, context);
      case 'limit':
      case 'sort':
      case 'expand':
      case 'unnest':
        return this.buildSimple(node, context);
      default:
        return unreachable(node);
    }
  }

  private buildCalc(node: Calc, context: RootContext): number {
    let input: number;
    let { filter, projections } = node;
    if (isScanCalc(node)) {
      const scan = this.scan(node.input.table, context.config);
      input = scan.index;
      ({ filter, projections } = overScan(node, scan));
    } else input = this.build(node.input, context);
    if (isIdentity({ filter, projections }, this.list.nodes[input].schema.length)) return input;
    return this.list.add(
      context.target,
      { op: 'calc', inputs: [input], filter, projections, ...output(node, context) },
      calcMeaning(this.list.meaning(input), filter, projections),
    );
  }

  private scan(table: UsedTable, config: Config): BuiltScan {
    const known = this.scans.get(table);
    if (known !== undefined) return known;
    const usage = this.usage.get(table);
    if (usage === undefined) throw new Error('the uses of every table were collected');
    const scan = buildScan(this.list, table, usage, config);
    this.scans.set(table, scan);
    return scan;
  }

  private buildWindowTable(node: WindowTable, context: RootContext): number {
    const input = this.build(node.input, context);
    const { window, timeColumn, properties } = node;
    const partition = node.partition === 'groups' ? [] : node.partition;
    const timeType = node.input.schema[timeColumn].type;
    const times = { local: timeType.kind === 'TIMESTAMP_LTZ', proctime: isProctime(timeType) };
    return this.list.add(
      context.target,
      {
        op: 'window-table',
        inputs: [input],
        window,
        timeColumn,
        partition,
        properties,
        ...times,
        ...output(node, context),
      },
      windowTableMeaning(this.list.meaning(input), window, timeColumn, partition, properties),
    );
  }

  private buildWindowAggregate(node: WindowAggregate, context: RootContext): number {
    const input = this.build(node.input, context);
    const { window, timeColumn, attached, keys, aggregates, properties } = node;
    const retractInput = context.traits(node.input).updating;
    const mergeable = !aggregates.some(({ fn, distinct }) => distinct || (retractInput && NEEDS_ALL_ROWS.has(fn)));
    // Sessions are known only where all rows of a key are together.
    const twoPhase = mergeable && window.kind !== 'session' && !isProctime(node.timeType);
    const proctime = isProctime(node.timeType);
    const local = node.timeType.kind === 'TIMESTAMP_LTZ';
    const below = this.list.meaning(input);
    return this.list.add(
      context.target,
      {
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
        retractInput,
        ...output(node, context),
      },
      aggregateMeaning(
        below,
        { window, time: below.columns[timeColumn], attached, retractInput },
        keys,
        aggregates,
        properties,
      ),
    );
  }

  private buildGroupAggregate(node: GroupAggregate, context: RootContext): number {
    const input = this.build(node.input, context);
    const { keys, aggregates } = node;
    const { updateBefore, perBatch } = context.changelog.demandOf(node);
    const ttl = durationSetting(context.config, 'table.exec.state.ttl', 0);
    const retractInput = context.traits(node.input).updating;
    const index = this.list.add(
      context.target,
      {
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
      aggregateMeaning(this.list.meaning(input), { group: retractInput }, keys, aggregates, []),
    );
    const collected = aggregates.filter((call) => call.distinct || COLLECTS.has(call.fn));
    if (ttl === 0 && keys.length === 0 && collected.length > 0) {
      const calls = collected.map((call) => formatAggregate(call, node.input.schema)).join(', ');
      this.warnings.push(
        `Operator '${this.list.nodes[index].id}' has no key and keeps the values of ${calls} for ever; ` +
          `SET 'table.exec.state.ttl' lets it forget them when no row has come for that time`,
      );
    }
    if (ttl === 0 && keys.length > 0)
      this.warnUnbounded(
        index,
        keys.map((key) => node.input.schema[key].name),
      );
    return index;
  }

  private buildUnion(node: Union, context: RootContext): number {
    const inputs = node.inputs.map((input) => this.build(input, context));
    return this.list.add(
      context.target,
      { op: 'union', inputs, ...output(node, context) },
      unionMeaning(inputs.map((input) => this.list.meaning(input))),
    );
  }

  private buildSetOperation(node: SetOperation, context: RootContext): number {
    const inputs = node.inputs.map((input) => this.build(input, context));
    const { op: operation, all } = node;
    const ttl = durationSetting(context.config, 'table.exec.state.ttl', 0);
    const index = this.list.add(
      context.target,
      { op: 'set-operation', inputs, operation, all, ttl, ...output(node, context) },
      setOperationMeaning(
        inputs.map((input) => this.list.meaning(input)),
        { operation, all },
      ),
    );
    if (ttl === 0) {
      this.warnUnbounded(
        index,
        node.schema.map((field) => field.name),
      );
    }
    return index;
  }

  private buildSimple(node: Limit | Sort | Expand | Unnest, context: RootContext): number {
    const input = this.build(node.input, context);
    const below = this.list.meaning(input);
    const common = { inputs: [input], ...output(node, context) };
    switch (node.kind) {
      case 'limit': {
        const { offset, count } = node;
        const meaning = extendedMeaning(below, { limit: [offset, count] });
        return this.list.add(context.target, { op: 'limit', offset, count, ...common }, meaning);
      }
      case 'sort': {
        const { keys } = node;
        const meaning = extendedMeaning(below, { sort: keys.map((key) => [below.columns[key.column], key]) });
        return this.list.add(context.target, { op: 'sort', keys, ...common }, meaning);
      }
      case 'expand': {
        const { groups, sets } = node;
        const names = groups.map((group) => below.columns[group]);
        const meaning = extendedMeaning(below, { expand: [names, sets] }, [...names.map((n) => `set ${n}`), '$e']);
        return this.list.add(context.target, { op: 'expand', groups, sets, ...common }, meaning);
      }
      case 'unnest': {
        const { column, ordinality, outer, condition } = node;
        const meaning = unnestMeaning(below, node, node.schema.length - node.input.schema.length);
        const draft = { op: 'unnest', column, ordinality, outer, condition, ...common } as const;
        return this.list.add(context.target, draft, meaning);
      }
      default:
        return unreachable(node);
    }
  }

  private warnUnbounded(index: number, keys: readonly string[]): void {
    this.warnings.push(
      `Operator '${this.list.nodes[index].id}' keeps state for every value of (${keys.join(', ')}) for ever; ` +
        `SET 'table.exec.state.ttl' = '${formatDuration(86_400_000)}' (or another time) lets it forget groups without changes`,
    );
  }
}

/** Their state grows with every value. */
const COLLECTS: ReadonlySet<AggregateName> = new Set<AggregateName>([
  'LISTAGG',
  'ARRAY_AGG',
  'COLLECT',
  'JSON_ARRAYAGG',
  'JSON_OBJECTAGG',
  'PERCENTILE',
]);

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

function output(node: LogicalNode, context: RootContext) {
  return { schema: node.schema, mode: context.changelog.mode(node), upsertKeys: context.traits(node).upsertKeys };
}
