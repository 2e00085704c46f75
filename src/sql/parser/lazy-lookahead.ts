import { type ILookaheadStrategy, LLkLookaheadStrategy } from 'chevrotain';

/**
 * Chevrotain's LL(k) decisions, each computed when it is first taken: a script uses few of the grammar's several hundred,
 * and computing all of them is felt at every start of the command.
 */
export class LazyLookahead implements ILookaheadStrategy {
  private readonly eager: ILookaheadStrategy;

  constructor(maxLookahead: number) {
    this.eager = new LLkLookaheadStrategy({ maxLookahead });
  }

  validate(...args: Parameters<ILookaheadStrategy['validate']>): ReturnType<ILookaheadStrategy['validate']> {
    return this.eager.validate(...args);
  }

  buildLookaheadForAlternation(
    ...args: Parameters<ILookaheadStrategy['buildLookaheadForAlternation']>
  ): ReturnType<ILookaheadStrategy['buildLookaheadForAlternation']> {
    return lazily(() => this.eager.buildLookaheadForAlternation(...args));
  }

  buildLookaheadForOptional(
    ...args: Parameters<ILookaheadStrategy['buildLookaheadForOptional']>
  ): ReturnType<ILookaheadStrategy['buildLookaheadForOptional']> {
    return lazily(() => this.eager.buildLookaheadForOptional(...args));
  }
}

/** Decisions are called on the parser. */
function lazily<A extends unknown[], R>(build: () => (...args: A) => R): (...args: A) => R {
  let decision: ((...args: A) => R) | undefined;
  return function (this: unknown, ...args) {
    decision ??= build();
    return decision.apply(this, args);
  };
}
