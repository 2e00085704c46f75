import { describe, expect, test } from 'vitest';
import { HeadwaterError, unreachable } from '../../src/data/errors.ts';
import { formatType, sameType, type Schema } from '../../src/data/types.ts';
import type { Expr } from '../../src/expressions/typed.ts';
import { visitInputs } from '../../src/planner/expression-tools.ts';
import { explainPlan } from '../../src/planner/index.ts';
import type { PhysicalPlan } from '../../src/planner/physical.ts';
import { plan } from './harness.ts';

const SEED = 20241125;

function generator(seed: number): (n: number) => number {
  let state = seed | 0;
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % n;
  };
}

/** Random queries over `events`; most are right, some are refused. */
function randomQuery(next: (n: number) => number): string {
  const pick = <T>(...of: readonly T[]): T => of[next(of.length)];
  const column = (): string =>
    pick('user_id', 'kind', 'amount', 'clicks', 'big', 'ratio', 'ok', 'birth', 'ts', 'plain');
  const expr = (depth: number): string => {
    if (depth === 0) return pick(column(), column(), '1', '2.5', "'x'", '1e2', 'CAST(NULL AS INT)');
    const e = (): string => expr(depth - 1);
    return pick(
      () => `(${e()} ${pick('+', '-', '*', '/')} ${e()})`,
      () => `COALESCE(${e()}, ${e()})`,
      () => `CASE WHEN ${e()} ${pick('=', '<', '<>')} ${e()} THEN ${e()} ELSE ${e()} END`,
      () => `CAST(${e()} AS ${pick('STRING', 'BIGINT', 'DOUBLE', 'DECIMAL(12, 3)')})`,
      column,
    )();
  };
  const condition = (): string => pick(`clicks > ${next(9)}`, 'ok', `kind IN ('a', 'b')`, `${expr(1)} IS NOT NULL`);
  const where = next(2) === 0 ? '' : ` WHERE ${condition()}`;
  const inner = pick('events', `(SELECT *, ${expr(1)} AS extra FROM events${where})`);
  if (next(3) === 0) return `SELECT ${expr(2)} AS a, ${column()}, ${expr(1)} AS b FROM ${inner} AS t${where};`;
  const aggregate = (): string =>
    `${pick('SUM', 'MIN', 'MAX', 'AVG', 'COUNT', 'COUNT')}(${pick('', 'DISTINCT ')}${pick(expr(1), 'clicks', 'big')})${pick('', ` FILTER (WHERE ${condition()})`)}`;
  const keys = [...new Set([column(), column()])].slice(0, 1 + next(2));
  const having = next(3) === 0 ? ' HAVING COUNT(*) > 1' : '';
  if (next(2) === 0) {
    return `SELECT ${keys.join(', ')}, ${aggregate()} AS a, ${aggregate()} AS b FROM ${inner} AS t${where} GROUP BY ${keys.join(', ')}${having};`;
  }
  const minutes = 1 + next(9);
  const window = [
    `TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '${minutes}' MINUTE))`,
    `TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '${minutes}' MINUTE, INTERVAL '${2 * minutes}' MINUTE))`,
    `TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '${minutes}' MINUTE, INTERVAL '${3 * minutes}' MINUTE))`,
    `TABLE(SESSION(TABLE events PARTITION BY kind, DESCRIPTOR(ts), INTERVAL '${minutes}' MINUTE))`,
  ][next(4)];
  return `SELECT window_end, ${keys[0]}, ${aggregate()} + 1 AS a FROM ${window} ${where} GROUP BY window_start, window_end, ${keys[0]}${having};`;
}

/** Every reference points at a column of that type; every node's output fits what it is made of. */
function check(found: PhysicalPlan): void {
  for (const node of found.nodes) {
    const inputs = node.inputs.map((i) => found.nodes[i]);
    const below: Schema = inputs[0]?.schema ?? [];
    const refersTo = (schema: Schema, expr: Expr | undefined): void => {
      if (expr === undefined) return;
      visitInputs(expr, (ref) => {
        expect(ref.index, `${node.id} refers to a column`).toBeLessThan(schema.length);
        expect(sameType(ref.type, schema[ref.index].type), `${node.id}: ${formatType(ref.type)}`).toBe(true);
      });
    };
    switch (node.op) {
      case 'source':
        expect(node.schema).toEqual(node.columns.map((i) => node.table.columns[i]));
        refersTo(node.schema, node.filter);
        break;
      case 'calc':
        refersTo(below, node.filter);
        expect(node.schema).toHaveLength(node.projections.length);
        node.projections.forEach((expr, i) => {
          refersTo(below, expr);
          expect(sameType(expr.type, node.schema[i].type), `${node.id} column ${i}`).toBe(true);
          expect(expr.type.nullable && !node.schema[i].type.nullable, `${node.id} column ${i} is nullable`).toBe(false);
        });
        break;
      case 'watermark':
        refersTo(below, node.expr);
        expect(node.schema[node.column].type).toMatchObject({ attribute: 'rowtime' });
        break;
      case 'window-table':
        expect(node.schema).toHaveLength(below.length + node.properties.length);
        break;
      case 'window-aggregate':
      case 'group-aggregate': {
        const properties = node.op === 'window-aggregate' ? node.properties.length : 0;
        expect(node.schema).toHaveLength(node.keys.length + node.aggregates.length + properties);
        for (const call of node.aggregates) [call.arg, call.filter].forEach((ref) => refersTo(below, ref));
        node.keys.forEach((key, i) => expect(sameType(below[key].type, node.schema[i].type)).toBe(true));
        break;
      }
      case 'limit':
      case 'sort':
      case 'set-operation':
      case 'union':
      case 'sink':
        for (const input of inputs) {
          expect(input.schema).toHaveLength(node.schema.length);
          input.schema.forEach((field, i) => expect(sameType(field.type, node.schema[i].type)).toBe(true));
        }
        break;
      case 'expand':
      case 'unnest':
        expect(node.schema.length).toBeGreaterThan(below.length);
        break;
      default:
        unreachable(node);
    }
  }
}

describe(`random queries, seed ${SEED}`, () => {
  test('are planned consistently or refused with a code and a position', () => {
    const next = generator(SEED);
    let planned = 0;
    const refused = new Map<string, number>();
    for (let i = 0; i < 400; i++) {
      const sql = randomQuery(next);
      try {
        const found = plan(sql);
        check(found);
        expect(explainPlan(found)).toContain('events/source/1');
        planned++;
      } catch (error) {
        if (!(error instanceof HeadwaterError)) throw new Error(`query ${i}: ${sql}`, { cause: error });
        expect(error.position, `${sql}: ${error.message}`).toBeDefined();
        refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
      }
    }
    expect(planned, JSON.stringify([...refused])).toBeGreaterThan(100);
    expect(
      [...refused.keys()].filter((code) => !['type-mismatch', 'invalid-cast', 'unsupported'].includes(code)),
    ).toEqual([]);
  });
});
