import { makeBatch } from '../../data/batch.ts';
import { columnFromValues } from '../../data/builder.ts';
import type { SqlType } from '../../data/types.ts';
import type { Literal } from '../../expressions/typed.ts';
import { INLINE } from '../../planner/connector.ts';
import type { SourceConnector, SourcePoll, SourceReader, SourceSpec } from '../contracts.ts';

/** The rows of VALUES, and the one row of a SELECT without FROM. */
export const inlineConnector: SourceConnector = {
  descriptor: {
    name: INLINE,
    source: { formats: [], mode: 'append', projectionPushDown: true, filterPushDown: false, bounded: () => true },
    sink: undefined,
    options: {},
  },
  discover: () => Promise.resolve([{ split: { id: '0' }, start: { next: 0 } }]),
  open: (spec, splits) =>
    Promise.resolve(new InlineReader(spec, splits.length === 0 ? undefined : Number(splits[0].position.next))),
};

type Cell = Literal['value'];

class InlineReader implements SourceReader {
  private readonly spec: SourceSpec;
  private readonly rows: readonly (readonly Cell[])[];
  /** The next row; undefined when this task reads none. */
  private next: number | undefined;

  constructor(spec: SourceSpec, next: number | undefined) {
    this.spec = spec;
    this.rows = JSON.parse(spec.table.options.rows);
    this.next = next;
  }

  poll(maxRows: number): SourcePoll {
    if (this.next === undefined || this.next >= this.rows.length) return { type: 'finished' };
    const rows = this.rows.slice(this.next, this.next + maxRows);
    const first = this.next;
    this.next += rows.length;
    const columns = this.spec.columns.map((index) => {
      const { type } = this.spec.schema[index];
      return columnFromValues(
        type,
        rows.map((row) => plainValue(type, row[index])),
      );
    });
    return {
      type: 'rows',
      splitId: '0',
      batch: makeBatch(columns, rows.length),
      position: { next: this.next },
      bytes: 0,
      describeRow: (row) => `row ${first + row + 1} of VALUES`,
    };
  }

  onReady(): void {
    // It never waits.
  }
  bytes(): number {
    return 0;
  }
  lag(): number {
    return this.next === undefined ? 0 : this.rows.length - this.next;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A literal's value in the form of data/read.ts. */
function plainValue(type: SqlType, value: Cell): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'BIGINT':
    case 'DECIMAL':
    case 'INTERVAL_DAY_TIME':
      return BigInt(String(value));
    case 'BINARY':
    case 'VARBINARY':
      return Uint8Array.from(Buffer.from(String(value), 'hex'));
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const [ms, nanos] = value as readonly [number, number];
      return { ms, nanos };
    }
    case 'FLOAT':
    case 'DOUBLE':
      return Number(value);
    default:
      return value;
  }
}
