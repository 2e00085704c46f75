import { unreachable } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import { draftGroupAggregate, draftWindowAggregate } from './aggregate-drafts.ts';
import type { BoundInsert } from './bind-insert.ts';
import { distinctKeys, inferChangelog, sinkDemand } from './changelog.ts';
import { traitsOf } from './changelog-traits.ts';
import { durationSetting, type Config } from './config.ts';
import { isProctime } from './expression-tools.ts';
import {
  calcMeaning,
  digest,
  extendedMeaning,
  setOperationMeaning,
  unionMeaning,
  unnestMeaning,
  windowTableMeaning,
} from './fingerprint.ts';
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
import { output, type RootContext } from './root-context.ts';
import { buildScan, overScan, type BuiltScan } from './scan-builder.ts';
import { collectUsage, isScanCalc, type TableUsage } from './scan-usage.ts';
import { unboundedAggregate, unboundedLimit, unboundedSetOperation } from './state-warnings.ts';
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
        return this.buildLimit(node, context);
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
    const { draft, meaning } = draftWindowAggregate(node, input, this.list.meaning(input), context);
    return this.list.add(context.target, draft, meaning);
  }

  private buildGroupAggregate(node: GroupAggregate, context: RootContext): number {
    const input = this.build(node.input, context);
    const { draft, meaning } = draftGroupAggregate(node, input, this.list.meaning(input), context);
    const index = this.list.add(context.target, draft, meaning);
    const warning = draft.ttl === 0 ? unboundedAggregate(this.list.nodes[index].id, node) : undefined;
    if (warning !== undefined) this.warnings.push(warning);
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
    if (ttl === 0) this.warnings.push(unboundedSetOperation(this.list.nodes[index].id, node));
    return index;
  }

  private buildLimit(node: Limit, context: RootContext): number {
    const input = this.build(node.input, context);
    const { offset, count } = node;
    const { updating: retractInput, upsertKeys } = context.traits(node.input);
    const ttl = durationSetting(context.config, 'table.exec.state.ttl', 0);
    const index = this.list.add(
      context.target,
      { op: 'limit', inputs: [input], offset, count, retractInput, ttl, ...output(node, context) },
      extendedMeaning(this.list.meaning(input), { limit: [offset, count], ...(retractInput ? { retractInput } : {}) }),
    );
    // A row that is unique by no column is alone.
    const many = count > 0 && !upsertKeys.some((key) => key.length === 0);
    if (retractInput && many && ttl === 0) this.warnings.push(unboundedLimit(this.list.nodes[index].id));
    return index;
  }

  private buildSimple(node: Sort | Expand | Unnest, context: RootContext): number {
    const input = this.build(node.input, context);
    const below = this.list.meaning(input);
    const common = { inputs: [input], ...output(node, context) };
    switch (node.kind) {
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
}
