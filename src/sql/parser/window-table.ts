import type { SourcePosition } from '../../data/errors.ts';
import type { Expression, Identifier, TableExpression, WindowTable } from '../ast.ts';

export type WindowFunction = WindowTable['function'];

/** An argument as written: `SIZE => INTERVAL '1' DAY` has the name SIZE. */
export interface WindowArg {
  readonly name: string | undefined;
  readonly position: SourcePosition;
  readonly value:
    | { readonly kind: 'table'; readonly input: TableExpression; readonly partitionBy: readonly Identifier[] }
    | { readonly kind: 'descriptor'; readonly columns: readonly Identifier[] }
    | { readonly kind: 'expression'; readonly expr: Expression };
}

/** Parameters in the order of Flink's signatures. */
const SIGNATURES: Readonly<Record<WindowFunction, readonly string[]>> = {
  TUMBLE: ['DATA', 'TIMECOL', 'SIZE', 'OFFSET'],
  HOP: ['DATA', 'TIMECOL', 'SLIDE', 'SIZE', 'OFFSET'],
  CUMULATE: ['DATA', 'TIMECOL', 'STEP', 'SIZE', 'OFFSET'],
  SESSION: ['DATA', 'TIMECOL', 'GAP'],
};

export interface WindowProblem {
  readonly summary: string;
  readonly position: SourcePosition;
}

/** Puts the arguments in the places of the signature; a problem instead when they do not fit it. */
export function assembleWindow(
  fn: WindowFunction,
  args: readonly WindowArg[],
  position: SourcePosition,
): Pick<WindowTable, 'input' | 'partitionBy' | 'timeColumn' | 'args'> | WindowProblem {
  const signature = SIGNATURES[fn];
  const shape = `${fn}(TABLE t, DESCRIPTOR(time_column), ${signature.slice(2).map(describe).join(', ')})`;
  const wrong = (what: string, at: SourcePosition): WindowProblem => ({
    summary: `${what}; expected ${shape}`,
    position: at,
  });

  const placed = new Map<string, WindowArg>();
  for (const [i, arg] of args.entries()) {
    const name = arg.name?.toUpperCase() ?? signature[i];
    if (name === undefined) return wrong(`${fn} takes at most ${signature.length} arguments`, arg.position);
    if (!signature.includes(name)) return wrong(`${fn} has no argument ${name}`, arg.position);
    if (placed.has(name)) return wrong(`the argument ${name} is given twice`, arg.position);
    placed.set(name, arg);
  }
  const missing = signature.find((name) => name !== 'OFFSET' && !placed.has(name));
  if (missing !== undefined) return wrong(`${fn} lacks its argument ${missing}`, position);

  const [data, time, ...rest] = signature.flatMap((name) => placed.get(name) ?? []);
  if (data.value.kind !== 'table') return wrong(`the first argument of ${fn} is a table`, data.position);
  if (time.value.kind !== 'descriptor')
    return wrong(`the second argument of ${fn} is DESCRIPTOR(time_column)`, time.position);
  if (time.value.columns.length !== 1) return wrong('DESCRIPTOR names one time column', time.position);
  const exprs: Expression[] = [];
  for (const arg of rest) {
    if (arg.value.kind !== 'expression') return wrong(`${fn} takes intervals after the descriptor`, arg.position);
    exprs.push(arg.value.expr);
  }
  return {
    input: data.value.input,
    partitionBy: data.value.partitionBy,
    timeColumn: time.value.columns[0],
    args: exprs,
  };
}

function describe(name: string): string {
  return name === 'OFFSET' ? '[offset]' : name.toLowerCase();
}
