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
    let decision: ReturnType<ILookaheadStrategy['buildLookaheadForAlternation']> | undefined;
    const { eager } = this;
    return function (this: unknown, ...alternatives) {
      decision ??= eager.buildLookaheadForAlternation(...args);
      return decision.apply(this, alternatives);
    };
  }

  buildLookaheadForOptional(
    ...args: Parameters<ILookaheadStrategy['buildLookaheadForOptional']>
  ): ReturnType<ILookaheadStrategy['buildLookaheadForOptional']> {
    let decision: ReturnType<ILookaheadStrategy['buildLookaheadForOptional']> | undefined;
    const { eager } = this;
    return function (this: unknown, ...nothing) {
      decision ??= eager.buildLookaheadForOptional(...args);
      return decision.apply(this, nothing);
    };
  }
}
