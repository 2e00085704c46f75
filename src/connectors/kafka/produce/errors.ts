import { type HeadwaterError, runtimeError } from '../../../data/errors.ts';
import { errorName } from '../errors.ts';

const DUPLICATE_SEQUENCE_NUMBER = 46;
/** Another producer with the same transactional id came later. */
const FENCED = [47, 90];
const COORDINATOR_MOVED = [14, 15, 16];
/** The previous transaction of this id is not finished yet, or its outcome is not visible yet. */
const BUSY = [51, 88];
/** The broker has ended the transaction (it took too long) or no longer knows the producer: a new one can begin. */
const LOST = [45, 48, 49, 59];
const TEMPORARY = [-1, 3, 5, 6, 7, 9, 13, 19, 20, 56, 74, 75];

/** What an error code of the protocol means to a producer; `again` is after a look for who is in charge now. */
export type Outcome = 'done' | 'again' | 'busy' | 'fenced' | 'refused';

export function outcomeOf(code: number): Outcome {
  // The broker has the batch already: an answer to an earlier attempt was lost.
  if (code === 0 || code === DUPLICATE_SEQUENCE_NUMBER) return 'done';
  if (FENCED.includes(code)) return 'fenced';
  if (BUSY.includes(code)) return 'busy';
  return TEMPORARY.includes(code) || COORDINATOR_MOVED.includes(code) ? 'again' : 'refused';
}

export function refused(what: string, code: number): HeadwaterError {
  const errorType = LOST.includes(code) ? 'producer-lost' : 'kafka-refused';
  return runtimeError(errorType, `${what}: the broker refused it: ${errorName(code)}`);
}

export function fenced(transactionalId: string): HeadwaterError {
  return runtimeError(
    'producer-fenced',
    `another producer with the transactional id ${transactionalId} was started later: this one may not write any more`,
  );
}
