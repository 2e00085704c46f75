import { unreachable } from './errors.ts';

/** SQL types of Flink, plain JSON data (they travel between threads and into fingerprints). */
export type SqlType = { readonly nullable: boolean } & (
  | { readonly kind: 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE' }
  /** CHAR/VARCHAR length in code points; STRING is VARCHAR(2147483647). */
  | { readonly kind: 'CHAR' | 'VARCHAR'; readonly length: number }
  | { readonly kind: 'BINARY' | 'VARBINARY'; readonly length: number }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'TIME'; readonly precision: number }
  | {
      readonly kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ';
      readonly precision: number;
      /** Set while the column is a time attribute (it carries the watermark, or is PROCTIME). */
      readonly attribute?: 'rowtime' | 'proctime';
    }
  /** Months as INT. */
  | { readonly kind: 'INTERVAL_YEAR_MONTH' }
  /** Milliseconds as BIGINT. */
  | { readonly kind: 'INTERVAL_DAY_TIME' }
  | { readonly kind: 'ARRAY' | 'MULTISET'; readonly element: SqlType }
  | { readonly kind: 'MAP'; readonly key: SqlType; readonly value: SqlType }
  | { readonly kind: 'ROW'; readonly fields: readonly Field[] }
  /** The type of a bare NULL before context gives it one. */
  | { readonly kind: 'NULL' }
);

export type TypeKind = SqlType['kind'];

export interface Field {
  readonly name: string;
  readonly type: SqlType;
}

export type Schema = readonly Field[];

export const MAX_LENGTH = 2147483647;

export const BOOLEAN: SqlType = { kind: 'BOOLEAN', nullable: true };
export const TINYINT: SqlType = { kind: 'TINYINT', nullable: true };
export const SMALLINT: SqlType = { kind: 'SMALLINT', nullable: true };
export const INT: SqlType = { kind: 'INT', nullable: true };
export const BIGINT: SqlType = { kind: 'BIGINT', nullable: true };
export const FLOAT: SqlType = { kind: 'FLOAT', nullable: true };
export const DOUBLE: SqlType = { kind: 'DOUBLE', nullable: true };
export const DATE: SqlType = { kind: 'DATE', nullable: true };
export const STRING: SqlType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true };
export const BYTES: SqlType = { kind: 'VARBINARY', length: MAX_LENGTH, nullable: true };
export const decimal = (precision: number, scale: number): SqlType => ({
  kind: 'DECIMAL',
  precision,
  scale,
  nullable: true,
});
export const timestamp = (precision: number): SqlType => ({ kind: 'TIMESTAMP', precision, nullable: true });
export const timestampLtz = (precision: number): SqlType => ({ kind: 'TIMESTAMP_LTZ', precision, nullable: true });

export function notNull<T extends SqlType>(type: T): T {
  return type.nullable ? { ...type, nullable: false } : type;
}

export function nullable<T extends SqlType>(type: T): T {
  return type.nullable ? type : { ...type, nullable: true };
}

/** How Flink prints the type: `STRING`, `DECIMAL(10, 2)`, `TIMESTAMP(3)`, ` NOT NULL` appended. */
export function formatType(type: SqlType): string {
  return type.nullable || type.kind === 'NULL' ? formatBare(type) : `${formatBare(type)} NOT NULL`;
}

function formatBare(type: SqlType): string {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DATE':
    case 'NULL':
      return type.kind;
    case 'CHAR':
    case 'BINARY':
      return `${type.kind}(${type.length})`;
    case 'VARCHAR':
      return type.length === MAX_LENGTH ? 'STRING' : `VARCHAR(${type.length})`;
    case 'VARBINARY':
      return type.length === MAX_LENGTH ? 'BYTES' : `VARBINARY(${type.length})`;
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'TIME':
      return `TIME(${type.precision})`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const marker = type.attribute === undefined ? '' : ` *${type.attribute.toUpperCase()}*`;
      return `${type.kind}(${type.precision})${marker}`;
    }
    case 'INTERVAL_YEAR_MONTH':
      return 'INTERVAL YEAR TO MONTH';
    case 'INTERVAL_DAY_TIME':
      return 'INTERVAL DAY TO SECOND(3)';
    case 'ARRAY':
    case 'MULTISET':
      return `${type.kind}<${formatType(type.element)}>`;
    case 'MAP':
      return `MAP<${formatType(type.key)}, ${formatType(type.value)}>`;
    case 'ROW':
      return `ROW<${type.fields.map((f) => `\`${f.name}\` ${formatType(f.type)}`).join(', ')}>`;
    default:
      return unreachable(type);
  }
}

/** Equal but for nullability and time attributes. */
export function sameType(a: SqlType, b: SqlType): boolean {
  return formatBare(stripAttribute(a)) === formatBare(stripAttribute(b));
}

export function stripAttribute(type: SqlType): SqlType {
  if ((type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.attribute !== undefined) {
    return { kind: type.kind, precision: type.precision, nullable: type.nullable };
  }
  return type;
}
