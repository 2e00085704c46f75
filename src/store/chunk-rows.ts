import { readValue } from '../data/read.ts';
import type { Schema } from '../data/types.ts';
import type { Features } from './change-feed.ts';
import { type Chunk, DELETED } from './chunk.ts';
import type { FeatureKeyFormat } from './feature-key.ts';
import { featuresOf } from './features.ts';

/** Keys that one call of `index` looks at: well under a millisecond. */
const INDEX_ROWS = 512;

/** The rows of a decoded chunk as those see them who follow its table: by feature key, with features. */
export class ChunkRows {
  private readonly schema: Schema;
  private readonly primaryKey: readonly number[];
  private readonly keys: FeatureKeyFormat;
  private readonly chunk: Chunk;
  private readonly rowOf = new Map<string, number>();
  private indexed = 0;

  constructor(schema: Schema, primaryKey: readonly number[], keys: FeatureKeyFormat, chunk: Chunk) {
    this.schema = schema;
    this.primaryKey = primaryKey;
    this.keys = keys;
    this.chunk = chunk;
  }

  get count(): number {
    return this.chunk.count;
  }

  key(row: number): string {
    return this.keys.format(
      this.primaryKey.map((column) => this.chunk.columns[column]),
      row,
    );
  }

  isDeleted(row: number): boolean {
    return this.chunk.ops[row] === DELETED;
  }

  /** The epoch of the row's last change. */
  epoch(row: number): number {
    return this.chunk.rowEpochs === undefined ? this.chunk.epoch : this.chunk.rowEpochs[row];
  }

  features(row: number, columns: readonly number[]): Features {
    return featuresOf(this.schema, columns, (column) =>
      readValue(this.schema[column].type, this.chunk.columns[column], row),
    );
  }

  /** Goes on making the index by key, a little; true when it is complete. */
  index(): boolean {
    const end = Math.min(this.count, this.indexed + INDEX_ROWS);
    for (let row = this.indexed; row < end; row++) this.rowOf.set(this.key(row), row);
    this.indexed = end;
    return end === this.count;
  }

  /** Rows of these keys, ascending; after `index` is complete. */
  rowsOf(keys: readonly string[]): number[] {
    return keys
      .map((key) => this.rowOf.get(key))
      .filter((row) => row !== undefined)
      .sort((a, b) => a - b);
  }
}
