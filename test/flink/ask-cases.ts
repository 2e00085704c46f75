import type { Answer, Case, CaseError, ExpressionCase, QueryCase } from './case-types.ts';
import { digest } from './case-files.ts';
import type { JsonValue } from '../harness/json-values.ts';
import type { Question, Reply } from './judge.ts';

const EXPRESSIONS_AT_ONCE = 25;

export type Ask = (question: Question) => Promise<Reply>;

/** An expression's answer. */
export type ExpressionReply =
  { readonly error: CaseError } | { readonly error?: undefined; readonly type: string; readonly values: JsonValue[] };

/** Asks Flink for the answers of the cases; many expressions of one table and zone share a statement. */
export async function answerCases(cases: readonly Case[], ask: Ask): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  const queries = cases.filter((one) => one.kind === 'query');
  const expressions = cases.filter((one) => one.kind === 'expression');
  await Promise.all([
    ...queries.map(async (one) => answers.set(one.id, await answerQuery(one, ask))),
    ...expressionGroups(expressions, EXPRESSIONS_AT_ONCE).map(async (group) => {
      const replies = await askExpressions(group, ask);
      group.forEach((one, i) => answers.set(one.id, { input: digest(one), ...replies[i] }));
    }),
  ]);
  return answers;
}

async function answerQuery(one: QueryCase, ask: Ask): Promise<Answer> {
  const reply = await ask(one);
  if (reply.error !== undefined) return { input: digest(one), error: reply.error };
  if (one.late && reply.late === 0) throw new Error(`${one.topic}/${one.id} is about late rows, but none was dropped`);
  return { input: digest(one), types: reply.types, rows: reply.rows, late: reply.late };
}

/** Expressions over one table in one zone, at most `most` together. */
export function expressionGroups(cases: readonly ExpressionCase[], most: number): ExpressionCase[][] {
  const groups = new Map<string, ExpressionCase[][]>();
  for (const one of cases) {
    const key = `${one.table} ${one.zone}`;
    const lists = groups.get(key) ?? [];
    groups.set(key, lists);
    const last = lists[lists.length - 1];
    if (last !== undefined && last.length < most) last.push(one);
    else lists.push([one]);
  }
  return [...groups.values()].flat();
}

/** One SELECT of all; where it fails, each half by itself, until the expressions that fail stand alone. */
export async function askExpressions(group: readonly ExpressionCase[], ask: Ask): Promise<ExpressionReply[]> {
  const reply = await ask(questionOf(group));
  if (reply.error === undefined) {
    return group.map((_, i) => ({ type: reply.types[i], values: reply.rows.map((row) => row[i + 1]) }));
  }
  if (group.length === 1) return [{ error: reply.error }];
  const half = group.length >> 1;
  const halves = [group.slice(0, half), group.slice(half)];
  return (await Promise.all(halves.map((part) => askExpressions(part, ask)))).flat();
}

/** One SELECT of all the expressions. */
export function questionOf(group: readonly ExpressionCase[]): Question {
  const { zone, options, tables, table } = group[0];
  const sql = `SELECT ${group.map((one) => one.expression).join(', ')} FROM ${table}`;
  return { zone, options, tables, statements: [], sql };
}
