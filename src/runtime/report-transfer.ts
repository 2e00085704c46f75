import type { EngineReport } from './messages.ts';

/**
 * The buffers that a report gives away: state, outputs and rows of a snapshot are made for it and not kept, so they
 * change threads without a copy. Only bytes that have a buffer to themselves are given away; the rest is copied.
 */
export function transferOf(report: EngineReport): ArrayBuffer[] {
  if (report.type !== 'snapshot') return [];
  const { state, outputs, collected } = report.snapshot;
  const buffers = new Set<ArrayBuffer>();
  for (const { bytes } of [...state, ...outputs, ...collected]) {
    const { buffer } = bytes;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength && bytes.byteLength > 0) {
      buffers.add(buffer);
    }
  }
  return [...buffers];
}
