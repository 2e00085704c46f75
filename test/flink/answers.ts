import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Answer } from './case-types.ts';

/** Answers by case id; a file has one answer a line, in the order of the cases. */
export function readAnswers(topic: string): Map<string, Answer> {
  const file = fileOf(topic);
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Answer>));
}

export function writeAnswers(topic: string, answers: ReadonlyMap<string, Answer>): void {
  const lines = [...answers].map(([id, answer]) => `${JSON.stringify(id)}: ${JSON.stringify(answer)}`);
  writeFileSync(fileOf(topic), `{\n${lines.join(',\n')}\n}\n`);
}

function fileOf(topic: string): string {
  return `test/flink/answers/${topic}.json`;
}
