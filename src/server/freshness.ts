import { MAX_WATERMARK } from '../data/batch.ts';

const MAX_DATE_MS = 8.64e15;

/** A watermark for people: `event_time` as ISO text, null before the first event and at the end of the input. */
export function eventTime(watermark: number): { event_time: string | null; end_of_input: boolean } {
  const isTime = Math.abs(watermark) <= MAX_DATE_MS;
  return { event_time: isTime ? new Date(watermark).toISOString() : null, end_of_input: watermark === MAX_WATERMARK };
}
