import type { Random } from '../../expressions/random.ts';
import type { Answer } from '../case-types.ts';
import { compareQuery, type Outcome } from '../compare.ts';
import { askHeadwater } from '../headwater.ts';
import type { Judge, Question, Reply } from '../judge.ts';
import { eachOf } from '../replay.ts';
import { type Asked, comparisonOf, questionOf, randomCase } from './query-cases.ts';
import { knownDifference } from './known-differences.ts';
import { caseText } from './query-report.ts';
import { type FuzzCase, shrink } from './shrink-query.ts';

const AT_ONCE = 40;
const LOST = /Failed to fetch job execution result/;
const CANDIDATES_AT_ONCE = 6;

/** Random queries over random tables until the time is over; prints each difference as a case, shrunk if wanted. */
export async function searchQueries(
  judge: Judge,
  random: Random,
  { until, isShrinking }: { readonly until: number; readonly isShrinking: boolean },
): Promise<void> {
  const counts = { same: 0, unsupported: 0, different: 0, known: 0, refused: 0 };
  while (Date.now() < until) {
    const batch = Array.from({ length: AT_ONCE }, () => randomCase(random));
    const outcomes = await outcomesOf(judge, batch);
    for (const [i, { outcome, isRefused, known }] of outcomes.entries()) {
      counts[known === undefined ? outcome.status : 'known'] += 1;
      if (isRefused) counts.refused += 1;
      if (outcome.status === 'same' || known !== undefined) continue;
      if (isShrinking) await report(judge, batch[i], outcome);
      else process.stdout.write(written(batch[i].given, outcome.message));
    }
    process.stdout.write(`# ${JSON.stringify(counts)}\n`);
  }
}

/** `isRefused`: neither engine answers. */
interface Found {
  readonly outcome: Outcome;
  readonly isRefused: boolean;
  /** Why they differ by choice. */
  readonly known?: string;
}

async function outcomesOf(judge: Judge, batch: readonly Asked[]): Promise<Found[]> {
  const found: Found[] = [];
  await eachOf(
    batch.map((asked, i) => ({ asked, i })),
    async ({ asked, i }) => {
      found[i] = await compared(judge, asked);
    },
  );
  return found;
}

async function compared(judge: Judge, { given, variants }: Asked): Promise<Found> {
  const question = questionOf(given);
  const reply = await replyOf(judge, question);
  const answer: Answer =
    reply.error === undefined
      ? { input: '', types: reply.types, rows: reply.rows, late: reply.late }
      : { input: '', error: reply.error };
  let outcome: Outcome = { status: 'same' };
  for (const variant of variants) {
    const ours = await askHeadwater(question, variant);
    const comparison = comparisonOf(given, variant);
    outcome = compareQuery(answer, ours, comparison);
    if (outcome.status !== 'same') {
      const known = knownDifference(given.query, answer, ours, comparison);
      return {
        outcome: { ...outcome, message: `${outcome.message}\n  (${variant.name})` },
        isRefused: false,
        known,
      };
    }
    if (reply.error !== undefined) break;
  }
  return { outcome, isRefused: reply.error !== undefined };
}

/** On a busy machine Flink may lose the result of a job, which says nothing about the query. */
async function replyOf(judge: Judge, question: Question): Promise<Reply> {
  const reply = await judge.ask(question);
  return reply.error !== undefined && LOST.test(reply.error.message) ? judge.ask(question) : reply;
}

async function report(judge: Judge, { given, variants }: Asked, outcome: Outcome): Promise<void> {
  if (outcome.status === 'same') return;
  // An error is a difference of another kind than other rows, and so is one by choice: the cut must show the same kind.
  const kind = kindOf(outcome);
  let last = outcome;
  const smallest = await shrink(given, async (candidates) => {
    for (let from = 0; from < candidates.length; from += CANDIDATES_AT_ONCE) {
      const part = candidates.slice(from, from + CANDIDATES_AT_ONCE);
      const found = await outcomesOf(
        judge,
        part.map((one) => ({ given: one, variants })),
      );
      const at = found.findIndex(
        (one) => one.outcome.status !== 'same' && one.known === undefined && kindOf(one.outcome) === kind,
      );
      if (at < 0) continue;
      last = found[at].outcome as typeof last;
      return part[at];
    }
    return undefined;
  });
  process.stdout.write(written(smallest, last.message));
}

function written(given: FuzzCase, message: string): string {
  return `${caseText(given)}# ${message.replaceAll('\n', '\n# ')}\n`;
}

function kindOf(outcome: Outcome): string {
  if (outcome.status !== 'different') return outcome.status;
  return /^Flink: (error)/.exec(outcome.message)?.[1] ?? /Headwater: (error \S+)/.exec(outcome.message)?.[1] ?? 'rows';
}
