import { makeBatch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { SqlType } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import { sameKey } from './key-rows.ts';

/** Compares rows of results by value, as encoded keys: NULL equals NULL, numbers are compared by their bits. */
export class ResultComparer {
  /** One each: an encoder's bytes are valid until its next call only. */
  private readonly leftEncoder: KeyEncoder;
  private readonly rightEncoder: KeyEncoder;
  private readonly left = newKeyBatch(64);
  private readonly right = newKeyBatch(64);

  constructor(types: readonly SqlType[]) {
    this.leftEncoder = compileKeyEncoder(types);
    this.rightEncoder = compileKeyEncoder(types);
  }

  load(left: readonly Column[], right: readonly Column[], count: number): void {
    this.leftEncoder.encode(left, makeBatch(left, count), this.left);
    this.rightEncoder.encode(right, makeBatch(right, count), this.right);
  }

  equal(row: number): boolean {
    return sameKey(this.left, row, this.right, row);
  }
}
