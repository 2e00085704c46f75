import { Random } from '../../expressions/random.ts';
import { Judge } from '../judge.ts';
import { AnsweredExpressions } from './answered.ts';
import { searchExpressions } from './expression-search.ts';
import { searchQueries } from './query-search.ts';

/**
 * `npm run flink:fuzz -- [--seed S] [--minutes M] [--expressions N] [--queries [--whole]]`: random expressions, with
 * --queries random queries, asked of Flink and of Headwater until the time is over or the number reached.
 */
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const seed = option('seed', Date.now() % 1_000_000);
const until = Date.now() + option('minutes', 1) * 60_000;

let judge: Promise<Judge> | undefined;
const startJudge = (): Promise<Judge> => (judge ??= Judge.start());
try {
  if (process.argv.includes('--queries')) {
    const isShrinking = !process.argv.includes('--whole');
    await searchQueries(await startJudge(), new Random(seed), { until, isShrinking });
    process.stdout.write(`seed ${seed}\n`);
  } else {
    const limits = { seed, until, expressions: option('expressions', Infinity) };
    await searchExpressions(new AnsweredExpressions(startJudge), limits, (text) => process.stdout.write(text));
  }
} finally {
  (await judge)?.stop();
}
