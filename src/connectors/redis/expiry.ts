import type { LogChunk, LogImage } from '../../checkpoint/log-reader.ts';
import type { ExpiryOf } from './chunk-encoder.ts';

const NEVER: ExpiryOf = () => undefined;
/** A time that is over. */
const LONG_AGO = 1;

/**
 * A key expires `ttl` after the commit of the epoch that wrote it: a time that is fixed once, so that a replay sets
 * the same. Rows from before the table had a ttl, whose time is not known, stay until they change.
 */
export function chunkExpiry(chunk: LogChunk, ttlMs: number | undefined): ExpiryOf {
  const { committedAt } = chunk;
  if (ttlMs === undefined || committedAt === undefined) return NEVER;
  return () => committedAt + ttlMs;
}

/** The same for the rows of an image. */
export function imageExpiry(image: LogImage, ttlMs: number | undefined): ExpiryOf {
  if (ttlMs === undefined) return NEVER;
  return (epoch) => {
    const committedAt = image.times.get(epoch);
    if (committedAt !== undefined) return committedAt + ttlMs;
    return epoch <= image.expiredUpTo ? LONG_AGO : undefined;
  };
}
