import { makeBatch } from '../data/batch.ts';
import { columnFromValues } from '../data/builder.ts';
import type { Column } from '../data/column.ts';
import { HeadwaterError } from '../data/errors.ts';
import type { KeyBatch } from '../data/hash.ts';
import { formatChangelogValue } from '../data/json-value.ts';
import { readValue } from '../data/read.ts';
import { formatType, type Schema } from '../data/types.ts';
import { compileKeyEncoder, newKeyBatch } from '../expressions/index.ts';
import { escapeKeyPart, unescapeKeyPart } from './key-escape.ts';
import { parseKeyValue } from './key-value.ts';

/**
 * Feature keys of one table: the primary key's columns as text, %-escaped, joined by `:`. The same text names an
 * entity in URLs and in Redis. DOUBLE is its shortest round-trip text, BIGINT and DECIMAL decimal text, timestamps
 * are ISO text, bytes are hex.
 */
export class FeatureKeyFormat {
  private readonly fields: Schema;
  private readonly encoder;
  private readonly keyBatch: KeyBatch = newKeyBatch(1);

  constructor(schema: Schema, primaryKey: readonly number[]) {
    this.fields = primaryKey.map((index) => schema[index]);
    this.encoder = compileKeyEncoder(this.fields.map((field) => field.type));
  }

  /** `user_id:window_start`, for messages. */
  get pattern(): string {
    return this.fields.map((field) => field.name).join(':');
  }

  /** The key text of a row; `columns` are the primary key's, in its order. */
  format(columns: readonly Column[], row: number): string {
    return this.fields
      .map(({ type }, i) => escapeKeyPart(String(formatChangelogValue(type, readValue(type, columns[i], row)))))
      .join(':');
  }

  /** The key's columns, one row. Throws `bad-feature-key`. */
  parse(text: string): readonly Column[] {
    const parts = text.split(':');
    if (parts.length !== this.fields.length) {
      throw badKey(
        text,
        `it has ${parts.length} part${parts.length === 1 ? '' : 's'}, expected ${this.fields.length}: ` +
          `${this.pattern} (a ':' within a value is written %3A)`,
      );
    }
    return parts.map((part, i) => this.parsePart(text, part, i));
  }

  private parsePart(text: string, part: string, index: number): Column {
    const { name, type } = this.fields[index];
    const value = unescapeKeyPart(part);
    if (value === undefined) {
      throw badKey(text, `'${part}' is not %-escaped UTF-8: expected '%' and two hex digits (a '%' itself is %25)`);
    }
    const plain = parseKeyValue(type, value);
    if (plain === undefined) throw badKey(text, `'${value}' is not ${formatType(type)}, the type of column '${name}'`);
    return columnFromValues(type, [plain]);
  }

  /** The key's bytes as state and images know it, valid until the next call. Throws `bad-feature-key`. */
  encode(text: string): KeyBatch {
    return this.encodeColumns(this.parse(text));
  }

  /** The key bytes of one row of key columns, valid until the next call. */
  encodeColumns(columns: readonly Column[]): KeyBatch {
    this.encoder.encode(columns, makeBatch(columns, 1), this.keyBatch);
    return this.keyBatch;
  }
}

function badKey(text: string, why: string): HeadwaterError {
  return new HeadwaterError('bad-feature-key', `'${text}' is not a key of this table: ${why}`);
}
