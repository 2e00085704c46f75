import { type Batch, withSelection } from '../data/batch.ts';
import { BYTES_SLACK, type BytesColumn, type Column } from '../data/column.ts';
import { columnBytes, gatherColumn } from '../data/gather.ts';
import { selectedRows } from '../data/row-numbers.ts';
import type { Schema } from '../data/types.ts';
import { ChunkFormat } from './chunk.ts';
import { enforceNotNull, type NotNullEnforcer } from './not-null.ts';

interface Part {
  readonly columns: readonly Column[];
  readonly count: number;
}

const KEY_GROUPS = { lowest: 0, highest: 0 };

/**
 * The rows that one append-only sink was given since the last barrier, in order. They become chunks of the committed
 * log, one for each batch, of the form that net changes have: all are upserts, and their keys are empty.
 */
export class AppendBuffer {
  private readonly schema: Schema;
  private readonly enforcer: NotNullEnforcer;
  private readonly format: ChunkFormat;
  private parts: Part[] = [];
  private staged = 0;

  constructor(schema: Schema, enforcer: NotNullEnforcer = 'error') {
    this.schema = schema;
    this.enforcer = enforcer;
    this.format = new ChunkFormat(schema, []);
  }

  /** Takes in a batch. Throws `not-null-violation`. */
  add(batch: Batch): void {
    const { columns, kinds, selectedCount: given } = batch;
    const all = selectedRows(batch);
    const kept = enforceNotNull(this.schema, [], columns, kinds, all, given, this.enforcer);
    const { selectedCount: count } = kept === all ? batch : withSelection(batch, kept, kept.length);
    if (count === 0) return;
    const gathered = columns.map((column) => gatherColumn(column, kept, count));
    this.parts.push({ columns: gathered, count });
    this.staged += gathered.reduce((sum, column) => sum + columnBytes(column), 0);
  }

  /** About how many bytes `take` would return. */
  bytes(): number {
    return this.staged;
  }

  /** Everything as chunks of an epoch, and an empty buffer. */
  take(epoch: number): Uint8Array[] {
    let firstIndex = 0;
    const chunks = this.parts.map(({ columns, count }) => {
      const chunk = this.format.encode({
        kind: 'log',
        keyGroup: undefined,
        keyGroups: KEY_GROUPS,
        epoch,
        firstIndex,
        count,
        ops: new Int8Array(count),
        keys: emptyKeys(count),
        rowEpochs: undefined,
        columns,
      });
      firstIndex += count;
      return chunk;
    });
    this.parts = [];
    this.staged = 0;
    return chunks;
  }
}

function emptyKeys(count: number): BytesColumn {
  const bytes = new Uint8Array(BYTES_SLACK);
  return {
    layout: 'bytes',
    bytes,
    view: new DataView(bytes.buffer),
    starts: new Int32Array(count),
    ends: new Int32Array(count),
    nulls: undefined,
  };
}
