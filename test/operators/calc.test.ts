import { describe, expect, it } from 'vitest';
import { BOOLEAN, INT, notNull, type Schema, STRING } from '../../src/data/types.ts';
import type { Expr } from '../../src/expressions/typed.ts';
import { createOperator } from '../../src/operators/factory.ts';
import type { ChangelogMode } from '../../src/planner/connector.ts';
import type { CalcNode, UnionNode } from '../../src/planner/physical.ts';
import { Collector, contextFor, type Row, runOperator, VARIANTS } from './harness.ts';
import { schema } from './nodes.ts';

const INPUT = schema(['k', STRING], ['v', INT]);
const V: Expr = { kind: 'input', index: 1, type: INT };
const int = (value: number): Expr => ({ kind: 'literal', value, type: notNull(INT) });
const OVER_TWO: Expr = { kind: 'call', fn: '>', args: [V, int(2)], type: BOOLEAN };
const DOUBLED: Expr = { kind: 'call', fn: '*', args: [V, int(2)], type: INT };
const BASE = { index: 1, fingerprint: 'f', inputs: [0], upsertKeys: [] } as const;

function calcNode(mode: ChangelogMode, filter: Expr | undefined): CalcNode {
  const output: Schema = schema(['v2', INT], ['k', STRING]);
  const projections: Expr[] = [DOUBLED, { kind: 'input', index: 0, type: STRING }];
  return { ...BASE, op: 'calc', id: 't/calc/1', mode, filter, projections, schema: output };
}

function check(name: string, node: CalcNode, steps: readonly Row[], expected: readonly Row[]): void {
  describe(name, () => {
    for (const variant of VARIANTS) {
      it(JSON.stringify(variant), () => {
        expect(runOperator({ node, input: INPUT, inputMode: node.mode }, steps, variant).rows).toEqual(expected);
      });
    }
  });
}

check(
  'filter and projection; NULL does not pass',
  calcNode('append', OVER_TWO),
  [
    ['+I', 'a', 3],
    ['+I', 'b', 2],
    ['WM', 4],
    ['+I', 'c', null],
    ['+I', null, 9],
  ],
  [
    ['+I', 6, 'a'],
    ['WM', 4],
    ['+I', 18, null],
  ],
);

check(
  'projection alone',
  calcNode('append', undefined),
  [
    ['+I', 'a', null],
    ['+I', 'b', 1],
  ],
  [
    ['+I', null, 'a'],
    ['+I', 2, 'b'],
  ],
);

check(
  'both rows of an update are judged by themselves',
  calcNode('retract', OVER_TWO),
  [
    ['+I', 'a', 3],
    ['-U', 'a', 3],
    ['+U', 'a', 1],
    ['-U', 'a', 1],
    ['+U', 'a', 5],
    ['-D', 'a', 5],
  ],
  [
    ['+I', 6, 'a'],
    ['-U', 6, 'a'],
    ['+U', 10, 'a'],
    ['-D', 10, 'a'],
  ],
);

describe('factory', () => {
  const output = new Collector(INPUT);
  const context = contextFor(output);
  const union: UnionNode = { ...BASE, op: 'union', id: 't/union/1', mode: 'append', schema: INPUT };

  it('a union passes everything on', () => {
    const rows: Row[] = [
      ['+I', 'a', 1],
      ['WM', 3],
    ];
    expect(runOperator({ node: union, input: INPUT }, rows, VARIANTS[0]).rows).toEqual(rows);
  });

  it('refuses what is no operator', () => {
    const node = { ...BASE, op: 'sink', id: 't/sink/1', mode: 'append', schema: INPUT, primaryKey: [] } as const;
    const table = { name: 't', columns: INPUT, primaryKey: [], options: {} };
    expect(() =>
      createOperator({ ...node, table, exchangeByKey: false, distinct: undefined }, [INPUT], context),
    ).toThrowError(/sink t\/sink\/1 runs in the source or sink/);
  });
});
