import { describe, expect, it } from 'vitest';
import { readAnswers } from './answers.ts';
import { readTopic, topics } from './case-files.ts';
import type { Answer } from './case-types.ts';
import { listedCases, LISTS, readList } from './lists.ts';
import { replayExpressions, replayQuery, unrecorded } from './replay.ts';
import { verdict } from './verdict.ts';

describe.each(topics())('as Flink answers: %s', (topic) => {
  const cases = readTopic(topic);
  const answers = readAnswers(topic);
  const listed = listedCases(topic);

  it('every case is recorded, every listed case exists', () => {
    const ids = new Set(cases.map((one) => one.id));
    expect(unrecorded(cases, answers), `run: npm run flink:record -- ${topic}`).toEqual([]);
    expect([...listed.keys()].filter((id) => !ids.has(id))).toEqual([]);
  });

  const expressions = cases.filter((one) => one.kind === 'expression');
  const places = [...new Set(expressions.map((one) => `${one.table} in ${one.zone}`))];
  it.each(places)(
    'expressions over %s',
    async (place) => {
      const here = expressions.filter((one) => `${one.table} in ${one.zone}` === place);
      const outcomes = await replayExpressions(here, answers);
      const problems = [...outcomes].flatMap(([id, outcome]) => verdict(id, outcome, listed.get(id)) ?? []);
      expect(problems.join('\n')).toBe('');
    },
    120_000,
  );

  const queries = cases.filter((one) => one.kind === 'query');
  // Several at a time: a run mostly waits for the disk.
  it.concurrent.each(queries.map((one) => [one.id, one] as const))(
    '%s',
    async (id, one) => {
      const outcome = await replayQuery(one, answers.get(id) as Answer);
      expect(verdict(id, outcome, listed.get(id)) ?? '').toBe('');
    },
    120_000,
  );
});

it('lists name topics that exist', () => {
  const named = LISTS.flatMap((list) => readList(list)).map((entry) => entry.topic);
  expect(named.filter((topic) => !topics().includes(topic))).toEqual([]);
});
