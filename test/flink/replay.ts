import { VARIANTS, type Variant } from '../harness/variants.ts';
import { askExpressions, expressionGroups, type ExpressionReply, questionOf } from './ask-cases.ts';
import { digest } from './case-files.ts';
import type { Answer, Case, ExpressionCase, QueryCase } from './case-types.ts';
import { compareExpression, compareQuery, type Outcome } from './compare.ts';
import { askHeadwater, planningProblem } from './headwater.ts';
import type { Question } from './judge.ts';

const EXPRESSIONS_AT_ONCE = 100;
const RUNS_AT_ONCE = 8;
const BATCH_SIZES = VARIANTS.filter((variant) => isSerial(variant) && variant.then === undefined);

/** Cases whose recorded answer is missing or belongs to an earlier form of the case. */
export function unrecorded(cases: readonly Case[], answers: ReadonlyMap<string, Answer>): string[] {
  return cases.filter((one) => answers.get(one.id)?.input !== digest(one)).map((one) => one.id);
}

export type Outcomes = Map<string, Outcome>;

/** Expressions run with each batch size. The first outcome that is not `same` counts. */
export async function replayExpressions(
  cases: readonly ExpressionCase[],
  answers: ReadonlyMap<string, Answer>,
  variants: readonly Variant[] = BATCH_SIZES,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const note = (one: ExpressionCase, reply: ExpressionReply) =>
    outcomes.set(one.id, compareExpression(answers.get(one.id) as Answer, reply));
  const planned = cases.filter((one) => {
    const error = planningProblem(questionOf([one]));
    if (error !== undefined) note(one, { error });
    return error === undefined;
  });
  let left = planned.filter((one) => 'values' in (answers.get(one.id) as Answer));
  for (const variant of variants) {
    const ask = (question: Question) => askHeadwater(question, variant);
    // An expression that is to fail would take the others of its statement with it.
    const alone = variant === variants[0] ? planned.filter((one) => !left.includes(one)).map((one) => [one]) : [];
    await eachOf([...alone, ...expressionGroups(left, EXPRESSIONS_AT_ONCE)], async (group) => {
      const replies = await askExpressions(group, ask);
      group.forEach((one, i) => note(one, replies[i]));
    });
    left = left.filter((one) => outcomes.get(one.id)?.status === 'same');
  }
  return outcomes;
}

/** Several at a time: a run mostly waits for the disk. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, worker));
}

/** A query runs in three ways out of all (see `waysOf`). The first outcome that is not `same` counts. */
export async function replayQuery(one: QueryCase, answer: Answer, variants = waysOf(one)): Promise<Outcome> {
  let outcome: Outcome = { status: 'same' };
  for (const variant of variants) {
    const ours = await askHeadwater(one, variant);
    // Between keys of two tasks the order is free, and an updating operator after them shows other steps.
    const final = one.final !== undefined || !isSerial(variant);
    // The run before a kill counted some of them.
    const late = variant.then === undefined;
    outcome = compareQuery(answer, ours, { final, unchanged: one.unchanged !== undefined, late });
    if (outcome.status !== 'same') return { ...outcome, message: `${outcome.message}\n  (${variant.name})` };
    if ('error' in answer) break;
  }
  return outcome;
}

/**
 * One batch size at parallelism 1, one at 2, and one kill: spread over the cases, so that each way has many. Where the
 * order of rows matters, those at parallelism 1.
 */
function waysOf(one: QueryCase): readonly Variant[] {
  const turn = parseInt(digest(one), 16);
  const pick = (list: readonly Variant[]) => list[turn % list.length];
  const killed = VARIANTS.filter(({ then }) => then !== undefined);
  if (one.order !== undefined) return [pick(BATCH_SIZES), pick(killed.filter(isSerial))];
  return [
    pick(BATCH_SIZES),
    pick(VARIANTS.filter(({ parallelism, then }) => parallelism === 2 && then === undefined)),
    pick(killed),
  ];
}

function isSerial({ parallelism, then }: Variant): boolean {
  return parallelism === 1 && (then ?? 1) === 1;
}
