import { makeBatch } from '../../data/batch.ts';
import { columnFromValues } from '../../data/builder.ts';
import type { Field, SqlType } from '../../data/types.ts';
import type {
  ConnectorContext,
  SourceConnector,
  SourcePoll,
  SourceReader,
  SourceSpec,
  Split,
  SplitPosition,
} from '../contracts.ts';
import { datagenOptions, type DatagenOptions, type FieldGenerator } from './options.ts';

const SPLIT: Split = { id: 'generator' };

/**
 * Flink's datagen. Random values are a function of the row number, so that a replay after a restart gives the same
 * rows (but for time stamps, which are "now", as in Flink).
 */
export const datagenConnector: SourceConnector = {
  descriptor: {
    name: 'datagen',
    source: {
      formats: [],
      mode: 'append',
      projectionPushDown: true,
      filterPushDown: false,
      bounded: (options) =>
        options['number-of-rows'] !== undefined ||
        Object.entries(options).some(([k, v]) => k.endsWith('.kind') && v === 'sequence'),
    },
    sink: undefined,
    options: {
      'rows-per-second': { default: '10000', description: 'rate of rows' },
      'number-of-rows': { description: 'total number of rows; unset: endless' },
      'fields.*': { description: 'fields.<column>.kind | min | max | max-past | length | start | end | null-rate' },
    },
    validate: (table) => void datagenOptions(table),
  },
  discover: (spec) => {
    datagenOptions(spec.table);
    return Promise.resolve([{ split: SPLIT, start: { row: 0 } }]);
  },
  open: (spec, splits, context) => Promise.resolve(new DatagenReader(spec, splits, context)),
};

class DatagenReader implements SourceReader {
  private readonly spec: SourceSpec;
  private readonly options: DatagenOptions;
  private readonly context: ConnectorContext;
  private readonly startedAt: number;
  private readonly firstRow: number;
  private row: number;
  private state: 'reading' | 'split-done' | 'done';
  private timer: NodeJS.Timeout | undefined;

  constructor(spec: SourceSpec, splits: readonly { position: SplitPosition }[], context: ConnectorContext) {
    this.spec = spec;
    this.options = datagenOptions(spec.table);
    this.context = context;
    this.startedAt = context.now();
    this.firstRow = Number(splits[0]?.position.row ?? 0);
    this.row = this.firstRow;
    this.state = splits.length === 0 ? 'done' : 'reading';
  }

  poll(maxRows: number): SourcePoll {
    if (this.state === 'done') return { type: 'finished' };
    if (this.row >= this.options.rows) {
      this.state = 'done';
      return { type: 'split-finished', splitId: SPLIT.id };
    }
    const due = Math.floor(((this.context.now() - this.startedAt) / 1000) * this.options.rowsPerSecond) + 1;
    const count = Math.min(maxRows, this.options.rows - this.row, this.firstRow + due - this.row);
    if (count <= 0) return { type: 'wait' };
    const first = this.row;
    this.row += count;
    const now = this.context.now();
    const columns = this.spec.columns.map((index) =>
      generateColumn(this.spec.table.columns[index], this.options.fields[index], index, first, count, now),
    );
    return {
      type: 'rows',
      splitId: SPLIT.id,
      batch: makeBatch(columns, count),
      position: { row: this.row },
      bytes: 0,
      describeRow: (i) => `generated row ${first + i}`,
    };
  }

  onReady(callback: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(callback, Math.max(1, Math.min(20, 1000 / this.options.rowsPerSecond)));
  }
  bytes(): number {
    return 0;
  }
  lag(): number | undefined {
    return this.options.rows === Infinity ? undefined : this.options.rows - this.row;
  }
  close(): Promise<void> {
    clearTimeout(this.timer);
    return Promise.resolve();
  }
}

function generateColumn(field: Field, how: FieldGenerator, index: number, first: number, count: number, now: number) {
  const values: unknown[] = [];
  for (let i = 0; i < count; i++) values.push(generate(field.type, how, index, first + i, now));
  return columnFromValues(field.type, values);
}

function generate(type: SqlType, how: FieldGenerator, field: number, row: number, now: number): unknown {
  if (how.kind === 'sequence') return fromNumber(type, how.start + row, now);
  if (how.nullRate > 0 && unit(row, field * 2 + 1) < how.nullRate) return null;
  const random = unit(row, field * 2);
  switch (type.kind) {
    case 'BOOLEAN':
      return random < 0.5;
    case 'CHAR':
    case 'VARCHAR':
      return hexText(row, field, type.kind === 'CHAR' ? type.length : Math.min(how.length, type.length));
    case 'DATE':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return fromNumber(type, 0, now - Math.floor(random * how.maxPast));
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
      return fromNumber(type, how.min + random * (how.max - how.min), now);
    default:
      return fromNumber(type, how.min + Math.floor(random * (how.max - how.min + 1)), now);
  }
}

function fromNumber(type: SqlType, value: number, now: number): unknown {
  switch (type.kind) {
    case 'BIGINT':
      return BigInt(Math.trunc(value));
    case 'DECIMAL':
      return BigInt(Math.trunc(value * 10 ** Math.min(type.scale, 15))) * 10n ** BigInt(Math.max(0, type.scale - 15));
    case 'CHAR':
    case 'VARCHAR':
      return String(value);
    case 'DATE':
      return Math.floor(now / 86_400_000);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return { ms: now, nanos: 0 };
    case 'BOOLEAN':
      return value !== 0;
    default:
      return value;
  }
}

/** A number in [0, 1) that depends on row and stream only (two rounds of a 32-bit mixer). */
function unit(row: number, stream: number): number {
  let h = Math.imul((row >>> 0) ^ Math.imul(stream + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.floor(row / 4294967296);
  h = Math.imul(h ^ (h >>> 16), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13), 0x27d4eb2f);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

function hexText(row: number, field: number, length: number): string {
  let text = '';
  for (let part = 0; text.length < length; part++) {
    text += Math.floor(unit(row, (field + 1) * 1000 + part) * 0x10000)
      .toString(16)
      .padStart(4, '0');
  }
  return text.slice(0, length);
}
