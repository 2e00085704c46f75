import { unreachable } from '../../src/data/errors.ts';
import type { Outcome } from './compare.ts';
import type { Listed } from './lists.ts';

/** What is wrong with an outcome in view of the list that the case is on; undefined when all is as it should be. */
export function verdict(id: string, outcome: Outcome, listed: Listed | undefined): string | undefined {
  if (listed === undefined) return outcome.status === 'same' ? undefined : `${id}\n  ${outcome.message}`;
  if (outcome.status === 'same') {
    return `${id}\n  answers as Flink does now: take it off ${listed.list}.yaml (npm run flink:lists)`;
  }
  switch (listed.list) {
    case 'differences':
      return undefined;
    case 'pending':
      return outcome.status === 'unsupported' ? undefined : `${id}\n  is pending, but differs: ${outcome.message}`;
    case 'wrong':
      return undefined;
    default:
      return unreachable(listed.list);
  }
}
