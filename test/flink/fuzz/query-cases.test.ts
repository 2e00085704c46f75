import { expect, it } from 'vitest';
import { Random } from '../../expressions/random.ts';
import { compareQuery } from '../compare.ts';
import { askHeadwater } from '../headwater.ts';
import { eachOf } from '../replay.ts';
import { type Asked, comparisonOf, questionOf, randomCase } from './query-cases.ts';

const SEED = 20241126;
const QUERIES = 50;

it(`${QUERIES} random queries give one result however they run, seed ${SEED}`, async () => {
  const random = new Random(SEED);
  const problems: string[] = [];
  const check = async ({ given, variants: [one, other] }: Asked): Promise<void> => {
    const question = questionOf(given);
    const reply = await askHeadwater(question, one);
    const answer = reply.error === undefined ? { input: '', ...reply } : { input: '', error: reply.error };
    const outcome = compareQuery(answer, await askHeadwater(question, other), comparisonOf(given, other));
    if (reply.error !== undefined || outcome.status !== 'same')
      problems.push(`${question.sql}\n${JSON.stringify(reply.error ?? outcome)}`);
  };
  await eachOf(
    Array.from({ length: QUERIES }, () => randomCase(random)),
    check,
  );
  expect(problems.join('\n')).toBe('');
}, 120_000);
