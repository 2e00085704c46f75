import { HeadwaterError } from '../data/errors.ts';

/** How far a subscriber of a table's committed log got. */
export interface FeedPosition {
  /** Name of the log's history. */
  readonly lineage: string;
  /** All changes up to and with this epoch were told. */
  readonly reached: number;
  /** The last chunk of which something was told; undefined: of none. */
  readonly chunk: ChunkMark | undefined;
}

export interface ChunkMark {
  readonly epoch: number;
  readonly index: number;
  /** Rows of it that were told. */
  readonly rows: number;
  /** The chunk's checksum: in another history there is another chunk in its place. */
  readonly check: string;
}

/** What there is of the log. */
export interface LogExtent {
  readonly lineage: string;
  readonly committedEpoch: number;
  /** Everything up to this epoch was folded: its chunks are gone. */
  readonly baseEpoch: number;
}

export type Resume = 'go-on' | 'history-pruned' | 'other-history';

const VERSION = '1';
const NO_CHUNK = '-';

/** `1.<lineage>.<epoch reached>.<epoch>.<chunk>.<rows>.<checksum>`, for subscribers to keep and to give back. */
export function formatPosition({ lineage, reached, chunk }: FeedPosition): string {
  const { epoch, index, rows, check } = chunk ?? { epoch: 0, index: 0, rows: 0, check: NO_CHUNK };
  return [VERSION, lineage, reached, epoch, index, rows, check].join('.');
}

const FORM = /^1\.([0-9a-z]+)\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([0-9a-f]{16}|-)$/;

/** Throws `bad-position`. */
export function parsePosition(text: string): FeedPosition {
  const match = FORM.exec(text);
  if (match === null) {
    throw new HeadwaterError(
      'bad-position',
      `'${text}' is no position: expected one that an earlier message had, or 'latest'`,
    );
  }
  const [, lineage, reached, epoch, index, rows, check] = match;
  const chunk =
    check === NO_CHUNK ? undefined : { epoch: Number(epoch), index: Number(index), rows: Number(rows), check };
  return { lineage, reached: Number(reached), chunk };
}

/**
 * Whether the log can be followed from a position on without a gap. `check`: the checksum of the chunk that the log has in
 * the place of the position's, undefined when it has none there. What cannot be told for sure is answered with a snapshot.
 */
export function decideResume(position: FeedPosition, log: LogExtent, check: string | undefined): Resume {
  const { lineage, reached, chunk } = position;
  if (lineage !== log.lineage || reached > log.committedEpoch) return 'other-history';
  if (chunk === undefined) return log.baseEpoch > reached ? 'history-pruned' : 'go-on';
  if (chunk.epoch > log.committedEpoch) return 'other-history';
  if (check !== undefined) return check === chunk.check ? 'go-on' : 'other-history';
  return chunk.epoch <= log.baseEpoch ? 'history-pruned' : 'other-history';
}
