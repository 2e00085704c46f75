import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

/**
 * `differences`: Headwater answers otherwise by choice (docs/flink-differences.md says why). `pending`: the feature is
 * not there yet and the run must say so. `wrong`: a fault that is known and not yet mended.
 */
export type ListName = 'differences' | 'pending' | 'wrong';
export const LISTS: readonly ListName[] = ['differences', 'pending', 'wrong'];

export interface ListEntry {
  readonly reason: string;
  readonly topic: string;
  /** Ids of cases. */
  readonly cases: readonly string[];
}

export function readList(list: ListName): ListEntry[] {
  if (!existsSync(fileOf(list))) return [];
  const entries = (parse(readFileSync(fileOf(list), 'utf8')) ?? []) as {
    reason: string;
    topic: string;
    cases: string;
  }[];
  return entries.map(({ reason, topic, cases }) => ({ reason, topic, cases: cases.trim().split('\n') }));
}

export function writeList(list: ListName, entries: readonly ListEntry[]): void {
  const plain = entries.map(({ reason, topic, cases }) => ({ reason, topic, cases: `${cases.join('\n')}\n` }));
  writeFileSync(fileOf(list), plain.length === 0 ? '[]\n' : stringify(plain, { lineWidth: 0, blockQuote: 'literal' }));
}

export interface Listed {
  readonly list: ListName;
  readonly reason: string;
}

/** Which list a case of the topic is on, by its id. Throws when it is on two. */
export function listedCases(topic: string): Map<string, Listed> {
  const listed = new Map<string, Listed>();
  for (const list of LISTS) {
    for (const entry of readList(list).filter((one) => one.topic === topic)) {
      for (const id of entry.cases) {
        if (listed.has(id)) throw new Error(`'${id}' of ${topic} is listed twice`);
        listed.set(id, { list, reason: entry.reason });
      }
    }
  }
  return listed;
}

function fileOf(list: ListName): string {
  return `test/flink/${list}.yaml`;
}
