import { MIN_WATERMARK } from '../data/batch.ts';
import { isNull, type TsColumn } from '../data/column.ts';

/**
 * The hot loop of a watermark generator; an object of its own so that the maximum needs no allocation. A row's watermark
 * is its value less `delay`, milliseconds.
 */
export class WatermarkScan {
  max = MIN_WATERMARK;
  private readonly delay: number;

  constructor(delay: number) {
    this.delay = delay;
  }

  /**
   * Raises `max` over positions [from, to) by the values of their rows. Stops after the first row that lifts it to the
   * boundary; returns the position after the last row seen. With `rowTimes` it stops also before a row whose time is not
   * after the watermark made by the rows before it, up to which sessions may have closed that it would touch.
   */
  run(
    { values, nulls }: TsColumn,
    rowTimes: Float64Array | undefined,
    selection: Int32Array | undefined,
    from: number,
    to: number,
    boundary: number,
  ): number {
    const { delay } = this;
    const bound = boundary + delay;
    const told = this.max + delay;
    let max = told;
    let i = from;
    if (selection === undefined && nulls === undefined && rowTimes === undefined) {
      for (; i < to; i++) {
        const value = values[i];
        if (value <= max) continue;
        max = value;
        if (value >= bound) {
          i += 1;
          break;
        }
      }
    } else {
      for (; i < to; i++) {
        const row = selection === undefined ? i : selection[i];
        if (rowTimes !== undefined && max > told && rowTimes[row] <= max - delay + 1) break;
        const value = values[row];
        if (value <= max || isNull(nulls, row)) continue;
        max = value;
        if (value >= bound) {
          i += 1;
          break;
        }
      }
    }
    this.max = max - delay;
    return i;
  }
}
