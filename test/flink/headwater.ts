import { HeadwaterError } from '../../src/data/errors.ts';
import { planWith, testConnectors } from '../harness/test-platform.ts';
import { runVariant, type Variant } from '../harness/variants.ts';
import type { JsonValue } from '../harness/json-values.ts';
import type { CaseError } from './case-types.ts';
import { createTable, type Question } from './judge.ts';

export type HeadwaterReply =
  | { readonly error: CaseError & { readonly code: string } }
  | { readonly error?: undefined; readonly types: string[]; readonly rows: JsonValue[][]; readonly late: number };

/** Runs a question through Headwater in one way. */
export async function askHeadwater(question: Question, variant: Variant): Promise<HeadwaterReply> {
  const problem = planningProblem(question);
  if (problem !== undefined) return { error: problem };
  const rows = Object.fromEntries(Object.entries(question.tables).map(([name, table]) => [name, table.rows]));
  const result = await runVariant({ ddl: ddlOf(question), rows, sql: question.sql }, variant);
  return result.error === undefined
    ? { types: result.types, rows: result.rows, late: result.late }
    : { error: { kind: 'runtime', code: result.error, message: result.errorMessage ?? '' } };
}

const CONNECTORS = testConnectors({ tables: {}, splits: 1, limit: 0, read: 0, wake: new Set() });

/** Why the question cannot be planned; quick, for nothing runs. */
export function planningProblem(question: Question): (CaseError & { readonly code: string }) | undefined {
  try {
    planWith(scriptOf(question), CONNECTORS);
    return undefined;
  } catch (error) {
    if (error instanceof HeadwaterError) return { kind: 'validation', code: error.code, message: error.message };
    // A fault of ours: it has no code, so it is never taken for "unsupported".
    return { kind: 'internal', code: 'internal', message: String(error) };
  }
}

/** The whole question as one script. */
export function scriptOf(question: Question): string {
  return `${ddlOf(question)};\n${question.sql}`;
}

function ddlOf(question: Question): string {
  return [
    ...(question.zone === 'UTC' ? [] : [`SET 'table.local-time-zone' = '${question.zone}'`]),
    ...Object.entries(question.options).map(([key, value]) => `SET '${key}' = '${value}'`),
    ...Object.entries(question.tables).map(([name, table]) => createTable(name, table)),
    ...question.statements,
  ].join(';\n');
}
