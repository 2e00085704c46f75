import type { RecordFrames } from '../../formats/contracts.ts';

/** What a record section says of itself in the batch header. */
export interface RecordSection {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** Set when the broker stamped the records: one time for all. */
  readonly appendTime: number | undefined;
  readonly count: number;
  /** Offsets at or after this one are outside the batch: corruption. */
  readonly nextOffset: number;
  /** Records before this offset are left out (a fetch may begin inside a batch). */
  readonly fromOffset: number;
  /** Records at or after this offset are left out (the end of a bounded read). */
  readonly toOffset: number;
}

/**
 * Appends the records in bytes [at, limit) of `frames.bytes` to the frames, which have room for them. Returns undefined
 * or what is wrong; then the frames hold what they held before. Varints are read in line: a call per field costs more
 * than the whole record.
 */
export function parseRecords(
  frames: RecordFrames,
  at: number,
  limit: number,
  section: RecordSection,
): string | undefined {
  const bytes = frames.bytes;
  const { offsets, timestamps, keyStarts, keyEnds, valueStarts, valueEnds } = frames;
  const { baseOffset, baseTimestamp, appendTime, count, nextOffset, fromOffset, toOffset } = section;
  let out = frames.count;
  let previous = baseOffset - 1;
  for (let i = 0; i < count; i++) {
    // length
    let b = bytes[at++];
    let raw = b & 127;
    if (b > 127) {
      b = bytes[at++];
      raw |= (b & 127) << 7;
      if (b > 127) {
        b = bytes[at++];
        raw |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[at++];
          raw |= (b & 127) << 21;
          if (b > 127) raw |= bytes[at++] << 28;
        }
      }
    }
    const end = at + ((raw >>> 1) ^ -(raw & 1));
    if (!(end <= limit && end > at)) return `record ${i} has a length that leaves the batch`;
    at++; // attributes, unused in version 2

    // timestamp delta: beyond 28 bits by multiplication, since shifts end at 32
    let time: number;
    b = bytes[at++];
    raw = b & 127;
    if (b > 127) {
      b = bytes[at++];
      raw |= (b & 127) << 7;
      if (b > 127) {
        b = bytes[at++];
        raw |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[at++];
          raw |= (b & 127) << 21;
        }
      }
    }
    if (b > 127) {
      let high = 0;
      let unit = 1;
      do {
        b = bytes[at++];
        high += (b & 127) * unit;
        unit *= 128;
      } while (b > 127 && at < end);
      const magnitude = high * 134217728 + (raw >>> 1);
      time = baseTimestamp + (raw & 1 ? -magnitude - 1 : magnitude);
    } else {
      time = baseTimestamp + ((raw >>> 1) ^ -(raw & 1));
    }

    // offset delta
    b = bytes[at++];
    raw = b & 127;
    if (b > 127) {
      b = bytes[at++];
      raw |= (b & 127) << 7;
      if (b > 127) {
        b = bytes[at++];
        raw |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[at++];
          raw |= (b & 127) << 21;
          if (b > 127) raw |= bytes[at++] << 28;
        }
      }
    }
    const offset = baseOffset + ((raw >>> 1) ^ -(raw & 1));
    if (!(offset > previous && offset < nextOffset)) return `record ${i} has an offset outside of the batch`;
    previous = offset;

    // key
    b = bytes[at++];
    raw = b & 127;
    if (b > 127) {
      b = bytes[at++];
      raw |= (b & 127) << 7;
      if (b > 127) {
        b = bytes[at++];
        raw |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[at++];
          raw |= (b & 127) << 21;
          if (b > 127) raw |= bytes[at++] << 28;
        }
      }
    }
    let length = (raw >>> 1) ^ -(raw & 1);
    const keyStart = at;
    if (length > 0) at += length;
    const keyEnd = length < 0 ? -1 : at;
    if (!(at < end && length >= -1)) return `record ${i} has a key that leaves the record`;

    // value
    b = bytes[at++];
    raw = b & 127;
    if (b > 127) {
      b = bytes[at++];
      raw |= (b & 127) << 7;
      if (b > 127) {
        b = bytes[at++];
        raw |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[at++];
          raw |= (b & 127) << 21;
          if (b > 127) raw |= bytes[at++] << 28;
        }
      }
    }
    length = (raw >>> 1) ^ -(raw & 1);
    const valueStart = at;
    if (length > 0) at += length;
    if (!(at <= end && length >= -1)) return `record ${i} has a value that leaves the record`;

    if (offset >= fromOffset && offset < toOffset) {
      offsets[out] = offset;
      timestamps[out] = appendTime === undefined ? time : appendTime;
      keyStarts[out] = keyStart;
      keyEnds[out] = keyEnd;
      valueStarts[out] = valueStart;
      valueEnds[out] = length < 0 ? -1 : at;
      out++;
    }
    at = end; // headers are not used
  }
  if (at !== limit) return `${limit - at} bytes follow the last record`;
  frames.count = out;
  return undefined;
}
