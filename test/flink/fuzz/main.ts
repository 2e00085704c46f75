import { Random } from '../../expressions/random.ts';
import { VARIANTS } from '../../harness/variants.ts';
import { askExpressions, type Ask } from '../ask-cases.ts';
import { readTopic } from '../case-files.ts';
import type { ExpressionCase } from '../case-types.ts';
import { compareExpression, type Outcome } from '../compare.ts';
import { askHeadwater } from '../headwater.ts';
import { Judge } from '../judge.ts';
import { partsOf, randomExpression } from './expressions.ts';
import { searchQueries } from './query-search.ts';

/**
 * `npm run flink:fuzz -- [--seed S] [--minutes M] [--queries]`: with --queries random queries (query-search.ts), else random expressions over the table `t`, asked of Flink and of
 * Headwater. Prints the smallest part of each that differs, as a line for a file of cases.
 */
const AT_ONCE = 100;
const DEPTH = 4;
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const seed = option('seed', Date.now() % 1_000_000);
const until = Date.now() + option('minutes', 1) * 60_000;
const random = new Random(seed);
const model = readTopic('casts')[0] as ExpressionCase;
const shown = new Set<string>();
let asked = 0;

const judge = await Judge.start();
const isOfQueries = process.argv.includes('--queries');
try {
  if (isOfQueries) await searchQueries(judge, random, { until, isShrinking: !process.argv.includes('--whole') });
  while (!isOfQueries && Date.now() < until) {
    const trees = Array.from({ length: AT_ONCE }, () => randomExpression(random, 1 + random.below(DEPTH)));
    const outcomes = await differences(trees.map((tree) => tree.sql));
    asked += trees.length;
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status !== 'same') await report(partsOf(trees[i]));
    }
  }
} finally {
  judge.stop();
}
if (isOfQueries) process.stdout.write(`seed ${seed}\n`);
else process.stdout.write(`seed ${seed}: ${asked} expressions, ${shown.size} differences\n`);

async function differences(expressions: readonly string[]): Promise<Outcome[]> {
  const cases = expressions.map((expression) => ({ ...model, topic: 'fuzz', id: expression, expression }));
  const ours: Ask = (question) => askHeadwater(question, VARIANTS[0]);
  const [flink, headwater] = await Promise.all([
    askExpressions(cases, (question) => judge.ask(question)),
    askExpressions(cases, ours),
  ]);
  return cases.map((_, i) => {
    const reply = flink[i];
    const answer = reply.error === undefined ? reply : { error: reply.error };
    return compareExpression({ input: '', ...answer }, headwater[i]);
  });
}

/** `parts`: of one expression, the smallest first. */
async function report(parts: readonly string[]): Promise<void> {
  const outcomes = await differences(parts);
  const at = outcomes.findIndex((outcome) => outcome.status !== 'same');
  const outcome = outcomes[at];
  if (at < 0 || outcome.status === 'same' || shown.has(parts[at])) return;
  shown.add(parts[at]);
  process.stdout.write(`      ${parts[at]}\n# ${outcome.message.replaceAll('\n', '\n# ')}\n`);
}
