import { readAnswers } from './answers.ts';
import { readTopic, topics } from './case-files.ts';
import type { Answer, Case } from './case-types.ts';
import type { Outcome } from './compare.ts';
import { listedCases, type ListEntry, type ListName, readList, writeList } from './lists.ts';
import { eachOf, replayExpressions, replayQuery } from './replay.ts';

/**
 * `npm run flink:lists [-- [--accept-wrong] TOPIC...]`: replays, takes cases that answer as Flink does off the lists,
 * puts cases that say `unsupported` on pending.yaml under what they say, and prints the ones that differ (with
 * --accept-wrong they go on wrong.yaml). differences.yaml is written by hand.
 */
const words = process.argv.slice(2);
const acceptWrong = words.includes('--accept-wrong');
const named = words.filter((word) => !word.startsWith('--'));
const chosen = named.length > 0 ? named : topics();

const found: { list: ListName; reason: string; topic: string; id: string }[] = [];
for (const topic of chosen) {
  const listed = listedCases(topic);
  const outcomes = await outcomesOf(topic);
  const counts = { same: 0, unsupported: 0, different: 0 };
  for (const [id, outcome] of outcomes) {
    const known = listed.get(id);
    counts[outcome.status] += 1;
    if (known?.list === 'differences') {
      if (outcome.status === 'same') process.stdout.write(`no difference any more: ${topic} ${id}\n`);
      continue;
    }
    if (outcome.status === 'unsupported') {
      found.push({ list: 'pending', reason: reasonOf(outcome), topic, id });
    } else if (outcome.status === 'different') {
      process.stdout.write(`${topic}\t${id}\n  ${outcome.message}\n`);
      if (known?.list === 'wrong' || acceptWrong) {
        found.push({
          list: 'wrong',
          reason: known?.list === 'wrong' ? known.reason : 'not looked into yet',
          topic,
          id,
        });
      }
    }
  }
  process.stdout.write(
    `${topic}: ${counts.same} as Flink, ${counts.unsupported} not supported yet, ${counts.different} different\n`,
  );
}
for (const list of ['pending', 'wrong'] as const) {
  const others = readList(list).filter((entry) => !chosen.includes(entry.topic) && topics().includes(entry.topic));
  writeList(
    list,
    [...others, ...entries(list)].sort((a, b) => compare(a.topic, b.topic) || compare(a.reason, b.reason)),
  );
}

async function outcomesOf(topic: string): Promise<Map<string, Outcome>> {
  const cases: readonly Case[] = readTopic(topic);
  const answers = readAnswers(topic);
  const outcomes = await replayExpressions(
    cases.filter((one) => one.kind === 'expression'),
    answers,
  );
  const queries = cases.filter((each) => each.kind === 'query');
  await eachOf(queries, async (one) => {
    outcomes.set(one.id, await replayQuery(one, answers.get(one.id) as Answer));
  });
  return outcomes;
}

function entries(list: ListName): ListEntry[] {
  const byReason = new Map<string, ListEntry & { cases: string[] }>();
  for (const { reason, topic, id } of found.filter((one) => one.list === list)) {
    const key = `${topic} ${reason}`;
    const entry = byReason.get(key) ?? { reason, topic, cases: [] };
    byReason.set(key, entry);
    entry.cases.push(id);
  }
  return [...byReason.values()];
}

/** The message without the way of running and without what differs from case to case. */
function reasonOf(outcome: Outcome & { message: string }): string {
  return outcome.message.split('\n')[0].replace(/ at \d+:\d+/, '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
