import { type Batch, MIN_WATERMARK } from '../../src/data/batch.ts';
import { createOperator } from '../../src/operators/factory.ts';
import type { Operator, Output } from '../../src/operators/operator.ts';
import { WatermarkGenerator } from '../../src/operators/watermark.ts';
import { planScript } from '../../src/planner/index.ts';
import type { PhysicalNode, WatermarkNode } from '../../src/planner/physical.ts';
import { parseScript } from '../../src/sql/index.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { StateBackend } from '../../src/state/contracts.ts';

const CONTEXT = { zone: 'UTC', now: () => 0, watermark: () => MIN_WATERMARK };

/** The operators of a query behind its source: watermarks, then everything up to the sink, whose rows are counted. */
export class Chain {
  emitted = 0;
  readonly columns: readonly number[];
  readonly backends: StateBackend[] = [];
  private readonly generator: WatermarkGenerator;
  private readonly first: Operator;

  constructor(sql: string) {
    const nodes = planNodes(sql);
    const [source] = nodes;
    if (source.op !== 'source') throw new Error('a plan begins with its source');
    this.columns = source.columns;
    const at = nodes.findIndex((node) => node.op === 'watermark');
    const watermark = nodes[at];
    if (watermark.op !== 'watermark') throw new Error('the table declares a watermark');
    this.generator = new WatermarkGenerator(watermark satisfies WatermarkNode, CONTEXT);
    let output: Output = { emit: (batch) => void (this.emitted += batch.selectedCount), watermark: () => undefined };
    let first: Operator | undefined;
    for (const node of nodes.slice(at + 1, -1).reverse()) {
      first = this.operator(node, nodes[node.inputs[0]], output);
      const next = first;
      output = { emit: (batch) => next.process(0, batch), watermark: (time) => next.watermark(time) };
    }
    if (first === undefined) throw new Error('the query has no operator');
    this.first = first;
  }

  rows(batch: Batch): void {
    const { first } = this;
    this.generator.process(
      'events',
      batch,
      { rows: (part) => first.process(0, part), watermark: (_split, time) => first.watermark(time) },
      (row) => `row ${row}`,
    );
  }

  /** As at a barrier; the blobs are thrown away. */
  snapshot(): void {
    for (const backend of this.backends) backend.snapshot(false);
  }

  bytes(): number {
    return this.backends.reduce((sum, backend) => sum + backend.bytes(), 0);
  }

  private operator(node: PhysicalNode, input: PhysicalNode, output: Output): Operator {
    const state = createStateBackend();
    this.backends.push(state);
    const context = { operatorId: node.id, state, output, now: () => 0, zone: 'UTC', count: () => undefined };
    return createOperator(node, [input.schema], context);
  }
}

function planNodes(sql: string): readonly PhysicalNode[] {
  const memory = {
    name: 'memory',
    source: { formats: [], mode: 'append', projectionPushDown: true, filterPushDown: false, bounded: () => false },
    sink: undefined,
    options: {},
  } as const;
  const { queries } = planScript(parseScript(sql), {
    registry: { connectors: new Map([['memory', memory]]), formats: new Map() },
    settings: new Map(),
    defaultName: 'bench',
  });
  return queries[0].nodes;
}
