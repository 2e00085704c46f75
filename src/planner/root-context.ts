import type { Changelog } from './changelog.ts';
import type { TraitsOf } from './changelog-traits.ts';
import type { Config } from './config.ts';
import type { LogicalNode } from './logical.ts';

/** What all nodes of one INSERT have in common. */
export interface RootContext {
  readonly target: string;
  readonly config: Config;
  readonly changelog: Changelog;
  readonly traits: TraitsOf;
}

/** What every physical node says of the rows that it gives. */
export function output(node: LogicalNode, context: RootContext) {
  return { schema: node.schema, mode: context.changelog.mode(node), upsertKeys: context.traits(node).upsertKeys };
}
