import { ensureI32, ensureU8 } from './rows.ts';

/** Output rows of an updating operator: the row whose group columns they have, the version of the result, the kind. */
export class ChangeList {
  count = 0;
  rows: Int32Array = new Int32Array(0);
  versions: Int32Array = new Int32Array(0);
  kinds: Uint8Array = new Uint8Array(0);

  clear(capacity: number): void {
    this.count = 0;
    this.rows = ensureI32(this.rows, capacity);
    this.versions = ensureI32(this.versions, capacity);
    this.kinds = ensureU8(this.kinds, capacity);
  }

  add(kind: number, row: number, version: number): void {
    this.rows[this.count] = row;
    this.versions[this.count] = version;
    this.kinds[this.count++] = kind;
  }
}
