import type { CalcNode, PhysicalNode, PhysicalPlan, SourceNode, WatermarkNode } from '../planner/physical.ts';

/** A source and what runs inside its loop, split by split: computed columns and the watermark. */
export interface SourceChain {
  readonly source: SourceNode;
  readonly calc: CalcNode | undefined;
  readonly watermark: WatermarkNode | undefined;
  readonly nodes: readonly PhysicalNode[];
  /** The node whose output the loop produces. */
  readonly last: PhysicalNode;
}

export function sourceChains(plan: PhysicalPlan): SourceChain[] {
  return plan.nodes.filter((node) => node.op === 'source').map((source) => chainOf(plan, source));
}

function chainOf(plan: PhysicalPlan, source: SourceNode): SourceChain {
  const next = onlyUser(plan, source);
  const afterCalc = next?.op === 'calc' ? onlyUser(plan, next) : undefined;
  if (next?.op === 'watermark') return { source, calc: undefined, watermark: next, nodes: [source, next], last: next };
  if (next?.op === 'calc' && afterCalc?.op === 'watermark') {
    return { source, calc: next, watermark: afterCalc, nodes: [source, next, afterCalc], last: afterCalc };
  }
  return { source, calc: undefined, watermark: undefined, nodes: [source], last: source };
}

function onlyUser(plan: PhysicalPlan, node: PhysicalNode): PhysicalNode | undefined {
  const users = plan.nodes.filter((other) => other.inputs.includes(node.index));
  return users.length === 1 ? users[0] : undefined;
}
