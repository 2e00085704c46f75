import type { Batch } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';
import type { ChangelogMode } from '../planner/connector.ts';
import type { PhysicalNode } from '../planner/physical.ts';
import { EdgeChecker, type EdgeSpec } from './edge-checker.ts';
import { createOperator, type OperatorPhase, partialSchema } from './factory.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** An output that checks what goes through it and throws, naming the operator, when it breaks the edge's contract. */
export class CheckedOutput implements Output {
  private readonly inner: Output;
  private readonly checker: EdgeChecker;

  constructor(inner: Output, spec: EdgeSpec) {
    this.inner = inner;
    this.checker = new EdgeChecker(spec);
  }

  emit(batch: Batch): void {
    this.checker.batch(batch);
    this.inner.emit(batch);
  }

  watermark(time: number): void {
    this.checker.watermark(time);
    this.inner.watermark(time);
  }
}

/** An operator whose inputs are checked. */
export class CheckedOperator implements Operator {
  private readonly inner: Operator;
  private readonly checkers: readonly EdgeChecker[];

  constructor(inner: Operator, inputs: readonly EdgeSpec[]) {
    this.inner = inner;
    this.checkers = inputs.map((spec) => new EdgeChecker(spec));
  }

  process(input: number, batch: Batch): void {
    this.checkers[input].batch(batch);
    this.inner.process(input, batch);
  }

  watermark(time: number): void {
    for (const checker of this.checkers) checker.watermark(time);
    this.inner.watermark(time);
  }

  flush(): void {
    this.inner.flush?.();
  }

  heldBytes(): number {
    return this.inner.heldBytes?.() ?? 0;
  }

  nextTimer(): number {
    return this.inner.nextTimer?.() ?? Infinity;
  }

  onTimer(now: number): void {
    this.inner.onTimer?.(now);
  }
}

/** As `createOperator`, with all of its edges checked. `inputModes`: changelog modes of the inputs; undefined: any kinds. */
export function createCheckedOperator(
  node: PhysicalNode,
  inputSchemas: readonly Schema[],
  context: OperatorContext,
  phase: OperatorPhase = 'single',
  inputModes: readonly (ChangelogMode | undefined)[] = [],
): Operator {
  const output: EdgeSpec =
    phase === 'local'
      ? { operatorId: context.operatorId, schema: partialSchemaOf(node, inputSchemas[0]), mode: 'append' }
      : outputSpec(node, context.operatorId);
  const inputs = inputSchemas.map((schema, i): EdgeSpec => ({
    operatorId: `${context.operatorId} (input ${i})`,
    schema,
    mode: phase === 'global' ? 'append' : inputModes[i],
  }));
  const checked = { ...context, output: new CheckedOutput(context.output, output) };
  return new CheckedOperator(createOperator(node, inputSchemas, checked, phase), inputs);
}

/** What an operator's output must keep to, by its plan node. */
export function outputSpec(node: PhysicalNode, operatorId: string): EdgeSpec {
  // A filter judges -U and +U by themselves, so pairs are kept only where they are made.
  const pairedBy = node.op === 'group-aggregate' && node.mode === 'retract' ? node.keys.map((_key, i) => i) : undefined;
  return { operatorId, schema: node.schema, mode: node.mode, pairedBy };
}

function partialSchemaOf(node: PhysicalNode, inputSchema: Schema): Schema {
  if (node.op !== 'window-aggregate') throw new Error(`${node.op} has no local phase`);
  return partialSchema(node, inputSchema);
}
