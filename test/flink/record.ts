import { readAnswers, writeAnswers } from './answers.ts';
import { answerCases } from './ask-cases.ts';
import { digest, readTopic, topics } from './case-files.ts';
import type { Answer } from './case-types.ts';
import { Judge } from './judge.ts';

/**
 * `npm run flink:record [-- [--all] TOPIC...]`: asks Flink for the answers of new and changed cases (with --all: of
 * every case) and writes them to answers/.
 */
const words = process.argv.slice(2);
const all = words.includes('--all');
const named = words.filter((word) => !word.startsWith('--'));
let judge: Judge | undefined;
try {
  for (const topic of named.length > 0 ? named : topics()) {
    const cases = readTopic(topic);
    const known = all ? new Map<string, Answer>() : readAnswers(topic);
    const missing = cases.filter((one) => known.get(one.id)?.input !== digest(one));
    if (missing.length > 0) judge ??= await Judge.start();
    const started = Date.now();
    const fresh = await answerCases(missing, (question) => (judge as Judge).ask(question));
    const answers = new Map<string, Answer>();
    for (const { id } of cases) answers.set(id, fresh.get(id) ?? (known.get(id) as Answer));
    writeAnswers(topic, answers);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${topic}: ${cases.length} cases, ${missing.length} recorded in ${seconds} s\n`);
  }
} finally {
  judge?.stop();
}
