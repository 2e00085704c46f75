import type { ExpressionReply } from '../ask-cases.ts';
import type { Tree } from './expressions.ts';

/** The smallest part of an expression whose answers differ. */
export interface Differing {
  readonly tree: Tree;
  readonly sql: string;
  readonly zone: string;
  readonly flink: ExpressionReply;
  readonly ours: ExpressionReply;
}

/** A cause of differences that are by choice; docs/flink-differences.md has each. */
interface Cause {
  readonly reason: string;
  /** True for a difference that has this cause and no other. */
  readonly explains: (found: Differing) => boolean;
}

const CAUSES: readonly Cause[] = [];

/** Why the answers differ, if it is by choice. */
export function explanation(found: Differing): string | undefined {
  return CAUSES.find((cause) => cause.explains(found))?.reason;
}
