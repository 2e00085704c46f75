/** Tasks number the chunks of an epoch from their own multiple of this on. */
export const CHUNKS_PER_TASK = 1_000_000;
