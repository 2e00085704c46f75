import { chunkExpiry } from './expiry.ts';
import { decideCatchUp } from './protocol.ts';
import { rebuildTable } from './rebuild.ts';
import { SCRIPTS, type Scripts } from './scripts.ts';

/** The parts of the protocol, so that tests can put wrong ones in their place and stop at its points. */
export interface FollowerProtocol {
  readonly scripts: Scripts;
  readonly decide: typeof decideCatchUp;
  readonly rebuild: typeof rebuildTable;
  readonly expiry: typeof chunkExpiry;
  readonly at: (point: FollowerPoint) => void | Promise<void>;
  /** How long an idle follower waits before it looks whether Redis still has what it acknowledged, milliseconds. */
  readonly checkMs: number;
}

export type FollowerPoint =
  | 'connected'
  | 'acquired'
  | 'decided'
  | 'chunk-read'
  | 'part-sent'
  | 'part-acknowledged'
  | 'epoch-acknowledged'
  | 'idle'
  | 'rebuild-begins'
  | 'rebuild-part'
  | 'rebuild-done';

export const PROTOCOL: FollowerProtocol = {
  scripts: SCRIPTS,
  decide: decideCatchUp,
  rebuild: rebuildTable,
  expiry: chunkExpiry,
  at: () => undefined,
  checkMs: 1000,
};
