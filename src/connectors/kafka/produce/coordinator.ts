import { HeadwaterError } from '../../../data/errors.ts';
import { backOffMs } from '../back-off.ts';
import type { ApiCall } from '../protocol.ts';
import type { ResponseBytes } from '../response-buffers.ts';
import type { KafkaSession } from '../session.ts';
import { fenced, outcomeOf, refused } from './errors.ts';
import { type CoordinatorOf, decodeFindCoordinator, encodeFindCoordinator } from './protocol.ts';

const BUSY_WAIT_MS = 20;

export interface CoordinatorSettings {
  /** `any`: what every broker can answer. */
  readonly of: CoordinatorOf | 'any';
  /** The transactional id, or the group. */
  readonly key: string;
  /** After so long without an answer the last error is thrown. */
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly random: () => number;
}

/** Asks the broker in charge of a transactional id or a group, again and again while it moves or is not ready. */
export class CoordinatorClient {
  private readonly session: KafkaSession;
  private readonly settings: CoordinatorSettings;
  private node: number | undefined;

  constructor(session: KafkaSession, settings: CoordinatorSettings) {
    this.session = session;
    this.settings = settings;
  }

  /**
   * `decode` gives the answer's error code and what it says. Errors: `producer-fenced`, `kafka-refused`; at the deadline
   * the error of the connection.
   */
  async call<T>(
    what: string,
    request: ApiCall,
    decode: (response: ResponseBytes) => { readonly errorCode: number; readonly answer: T },
  ): Promise<T> {
    const { now, deadlineMs, random } = this.settings;
    const until = now() + deadlineMs;
    for (let failures = 0; ;) {
      const attempt = await this.attempt(what, request, decode, now() > until);
      if (attempt.type === 'answered') return attempt.answer;
      await sleep(attempt.type === 'busy' ? BUSY_WAIT_MS : backOffMs(++failures, random));
    }
  }

  private async attempt<T>(
    what: string,
    request: ApiCall,
    decode: (response: ResponseBytes) => { readonly errorCode: number; readonly answer: T },
    last: boolean,
  ): Promise<{ type: 'answered'; answer: T } | { type: 'again' | 'busy' }> {
    try {
      this.node ??= await this.find();
      const { errorCode, answer } = decode(await this.session.request(this.node, request));
      const outcome = outcomeOf(errorCode);
      if (outcome === 'done') return { type: 'answered', answer };
      if (outcome === 'fenced') throw fenced(this.settings.key);
      if (outcome === 'refused' || last) throw refused(what, errorCode);
      if (outcome === 'again') this.node = undefined;
      return { type: outcome };
    } catch (error) {
      this.node = undefined;
      if (error instanceof HeadwaterError || last) throw error;
      return { type: 'again' };
    }
  }

  private async find(): Promise<number> {
    const { of, key } = this.settings;
    const any = await this.session.anyNode();
    if (of === 'any') return any;
    const { errorCode, nodeId } = decodeFindCoordinator(
      await this.session.request(any, encodeFindCoordinator(of, key)),
    );
    const outcome = outcomeOf(errorCode);
    if (outcome === 'done') return nodeId;
    if (outcome === 'refused') throw refused(`the coordinator of ${of} ${key}`, errorCode);
    throw new Error(`the coordinator of ${of} ${key} is not known yet`);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
