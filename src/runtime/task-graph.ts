import type { SchemaRow } from '../checkpoint/epoch-commit.ts';
import { keyGroupsOfTask } from '../data/hash.ts';
import type { SlabPool } from '../data/slab-pool.ts';
import type { Schema } from '../data/types.ts';
import { createCheckedOperator } from '../operators/checked.ts';
import { createOperator, partialSchema } from '../operators/factory.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import {
  type PhysicalNode,
  sessionZone,
  type SinkNode as SinkPlan,
  type WindowAggregateNode,
} from '../planner/physical.ts';
import { createStateBackend } from '../state/backend.ts';
import type { StateBackend } from '../state/contracts.ts';
import type { ConnectorSet } from './connector-set.ts';
import { ChannelMemory } from './channel-memory.ts';
import { type ChannelSender, Exchange } from './exchange.ts';
import { DirectEdge, ExchangeEdge, Fanout } from './fanout.ts';
import { InputGate, type Receiver } from './input-gate.ts';
import type { TaskSpec } from './messages.ts';
import { type OnBarrier, OperatorNode } from './operator-node.ts';
import { LocalSender, type PeerLink } from './peer-channel.ts';
import { RateLimit } from './rate-limit.ts';
import { openSinkTarget } from './sink-target.ts';
import { SinkNode, type SinkOutput } from './sink-node.ts';
import { openSource, type SourceNode, sourceChains } from './source-node.ts';
import { TaskGraph } from './task-work.ts';

export { TaskGraph };

export interface GraphContext {
  readonly connectors: ConnectorSet;
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Wrap operators with operators/checked.ts. */
  readonly checked: boolean;
  readonly wake: () => void;
  readonly count: (name: string, by: number) => void;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly onSchema: (row: SchemaRow) => void;
  readonly isFull: (epoch: number) => boolean;
  /** Memory for what one node hands to epochs; it is told when they are released. */
  readonly newSlabs: () => SlabPool;
  readonly onOperatorBarrier: OnBarrier;
  readonly onSinkBarrier: (epoch: number, output: SinkOutput) => void;
}

/** Builds this task's share of the plan: operators with restored state, edges, open readers. */
export async function buildTaskGraph(
  spec: TaskSpec,
  links: readonly (PeerLink | undefined)[],
  context: GraphContext,
): Promise<TaskGraph> {
  const builder = new GraphBuilder(spec, links, context);
  builder.build();
  const sources = await builder.openSources();
  return new TaskGraph({
    sources,
    operators: builder.operators,
    sinks: builder.sinks,
    gates: builder.gates,
    memories: builder.memories,
    maxRows: spec.maxRows,
    rateLimit: spec.rateLimit && new RateLimit(spec.rateLimit),
    monotonic: context.monotonic,
    now: context.now,
  });
}

class GraphBuilder {
  readonly operators: OperatorNode[] = [];
  readonly sinks: SinkNode[] = [];
  readonly gates: { readonly gate: InputGate; readonly output: Fanout | undefined }[] = [];
  /** Of the channels in which this task sends. */
  readonly memories: ChannelMemory[] = [];
  private readonly outputs: Fanout[];
  private readonly spec: TaskSpec;
  private readonly links: readonly (PeerLink | undefined)[];
  private readonly context: GraphContext;
  /** Nodes that run inside a source (decode, computed columns, watermark). */
  private readonly insideSource: ReadonlySet<number>;

  constructor(spec: TaskSpec, links: readonly (PeerLink | undefined)[], context: GraphContext) {
    this.spec = spec;
    this.links = links;
    this.context = context;
    this.outputs = spec.plan.nodes.map(() => new Fanout());
    this.insideSource = new Set(sourceChains(spec.plan).flatMap((chain) => chain.nodes.map((node) => node.index)));
  }

  build(): void {
    for (const node of this.spec.plan.nodes) {
      if (this.insideSource.has(node.index)) continue;
      if (node.op === 'sink') this.addSink(node);
      else this.addOperator(node);
    }
  }

  openSources(): Promise<SourceNode[]> {
    const chains = sourceChains(this.spec.plan);
    return Promise.all(
      chains.map((chain) => openSource(chain, this.spec, this.outputs[chain.last.index], this.context)),
    );
  }

  private addSink(node: SinkPlan): void {
    const target = openSinkTarget(node, this.spec, this.context);
    const sink = new SinkNode(node.id, target, this.context.onSinkBarrier);
    this.sinks.push(sink);
    const keys = node.exchangeByKey ? node.primaryKey : undefined;
    this.connect(node, sink, undefined, keys);
  }

  private addOperator(node: PhysicalNode): void {
    const output = this.outputs[node.index];
    const twoPhase = this.spec.parallelism > 1 && node.op === 'window-aggregate' && node.twoPhase;
    const schemas = twoPhase
      ? [partialSchema(node, this.schemaOf(node.inputs[0]))]
      : node.inputs.map((i) => this.schemaOf(i));
    const receiver = this.operatorNode(node, node.id, schemas, output, twoPhase ? 'global' : 'single', true);
    if (twoPhase) this.connectTwoPhase(node, receiver, output);
    else this.connect(node, receiver, output, exchangeKeys(node));
  }

  /** Raw rows -> local pre-aggregate (same thread) -> exchange of partials -> global. */
  private connectTwoPhase(node: WindowAggregateNode, global: Receiver, output: Fanout): void {
    const localOutput = new Fanout();
    const inputSchema = this.schemaOf(node.inputs[0]);
    const local = this.operatorNode(node, `${node.id}/local`, [inputSchema], localOutput, 'local', false);
    this.outputs[node.inputs[0]].edges.push(new DirectEdge(local));
    const gate = this.newGate(global, output);
    const keys = node.keys.map((_key, i) => i);
    localOutput.edges.push(this.exchangeEdge(partialSchema(node, inputSchema), keys, node.index, 0, gate));
  }

  private operatorNode(
    node: PhysicalNode,
    id: string,
    schemas: readonly Schema[],
    output: Fanout,
    phase: 'single' | 'local' | 'global',
    restore: boolean,
  ): OperatorNode {
    const backend = createStateBackend();
    const operatorContext: OperatorContext = {
      operatorId: id,
      state: backend,
      output,
      now: this.context.now,
      zone: sessionZone(this.spec.plan),
      count: (counter, by) => this.context.count(`${id}/${counter}`, by),
      // Both ways of a local phase, however few rows a test has.
      judgedRows: this.context.checked ? 4 : undefined,
    };
    const operator: Operator = this.context.checked
      ? createCheckedOperator(
          node,
          schemas,
          operatorContext,
          phase,
          node.inputs.map((i) => this.spec.plan.nodes[i].mode),
        )
      : createOperator(node, schemas, operatorContext, phase);
    if (restore) this.restoreState(id, backend);
    const wrapped = new OperatorNode({
      id,
      task: this.spec.task,
      operator,
      backend,
      output,
      slabs: this.context.newSlabs(),
      isFull: this.context.isFull,
      onBarrier: this.context.onOperatorBarrier,
    });
    this.operators.push(wrapped);
    return wrapped;
  }

  private restoreState(id: string, backend: StateBackend): void {
    const rows = this.spec.state.filter((row) => row.operator === id);
    if (rows.length === 0) return;
    backend.restore(rows, keyGroupsOfTask(this.spec.task, this.spec.parallelism));
  }

  private connect(
    node: PhysicalNode,
    receiver: Receiver,
    output: Fanout | undefined,
    keys: readonly number[] | undefined,
  ): void {
    const exchange = keys !== undefined && this.spec.parallelism > 1;
    if (node.inputs.length === 1 && !exchange) {
      this.outputs[node.inputs[0]].edges.push(new DirectEdge(receiver));
      return;
    }
    const gate = this.newGate(receiver, output);
    node.inputs.forEach((input, i) => {
      const schema = this.schemaOf(input);
      const edge = exchange
        ? this.exchangeEdge(keySchema(node, schema), keys, node.index, i, gate)
        : new ExchangeEdge(new Exchange(schema, [], [new LocalSender(gate, i, this.newMemory())]));
      this.outputs[input].edges.push(edge);
    });
  }

  private newGate(receiver: Receiver, output: Fanout | undefined): InputGate {
    const gate = new InputGate(receiver);
    this.gates.push({ gate, output });
    return gate;
  }

  private exchangeEdge(
    schema: Schema,
    keys: readonly number[],
    node: number,
    input: number,
    gate: InputGate,
  ): ExchangeEdge {
    const edgeId = node * 16 + input;
    const senders: ChannelSender[] = [];
    for (let peer = 0; peer < this.spec.parallelism; peer++) {
      const link = this.links[peer];
      if (peer === this.spec.task) senders.push(new LocalSender(gate, input, this.newMemory()));
      else if (link === undefined) throw new Error(`no link from task ${this.spec.task} to task ${peer}`);
      else {
        link.receive(edgeId, gate, input);
        senders.push(link.sender(edgeId, this.newMemory()));
      }
    }
    return new ExchangeEdge(new Exchange(schema, keys, senders));
  }

  private newMemory(): ChannelMemory {
    const memory = new ChannelMemory(this.context.checked);
    this.memories.push(memory);
    return memory;
  }

  private schemaOf(index: number): Schema {
    return this.spec.plan.nodes[index].schema;
  }
}

/**
 * The types with which keys are hashed: those of the state behind the exchange. The inputs of a set operation may be NOT
 * NULL where its rows are not.
 */
function keySchema(node: PhysicalNode, input: Schema): Schema {
  return node.op === 'set-operation' ? node.schema : input;
}

/** The columns by which an operator's input is distributed; undefined: rows stay where they are. */
function exchangeKeys(node: PhysicalNode): readonly number[] | undefined {
  switch (node.op) {
    case 'window-table':
      return node.window.kind === 'session' ? node.partition : undefined;
    case 'window-aggregate':
    case 'group-aggregate':
      return node.keys;
    case 'set-operation':
      return node.schema.map((_field, i) => i);
    case 'limit':
    case 'sort':
      return [];
    case 'sink':
      return node.exchangeByKey ? node.primaryKey : undefined;
    case 'expand':
    case 'unnest':
    case 'source':
    case 'calc':
    case 'watermark':
    case 'union':
      return undefined;
  }
}
