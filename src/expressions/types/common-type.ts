import { MAX_LENGTH, notNull, nullable, sameType, stripAttribute, type Field, type SqlType } from '../../data/types.ts';
import { commonDecimal, decimalSize, decimalType } from './decimal.ts';

const INTEGERS = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'] as const;

export function isInteger(type: SqlType): boolean {
  return INTEGERS.some((kind) => kind === type.kind);
}
export function isApproximate(type: SqlType): boolean {
  return type.kind === 'FLOAT' || type.kind === 'DOUBLE';
}
export function isNumeric(type: SqlType): boolean {
  return isInteger(type) || isApproximate(type) || type.kind === 'DECIMAL';
}
export function isString(type: SqlType): type is SqlType & { kind: 'CHAR' | 'VARCHAR' } {
  return type.kind === 'CHAR' || type.kind === 'VARCHAR';
}
export function isBinary(type: SqlType): type is SqlType & { kind: 'BINARY' | 'VARBINARY' } {
  return type.kind === 'BINARY' || type.kind === 'VARBINARY';
}
export function isTimestamp(type: SqlType): type is SqlType & { kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ' } {
  return type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ';
}
export function isInterval(type: SqlType): boolean {
  return type.kind === 'INTERVAL_DAY_TIME' || type.kind === 'INTERVAL_YEAR_MONTH';
}
/** Its values hold values of other types. */
export function isNested(type: SqlType): boolean {
  return type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'MULTISET' || type.kind === 'ROW';
}

export function withNullable(type: SqlType, isNullable: boolean): SqlType {
  return isNullable ? nullable(type) : notNull(type);
}

/** The wider of two number types, as arithmetic (but for DECIMAL results) and CASE see it. */
export function commonNumeric(a: SqlType, b: SqlType): SqlType {
  const isNullable = a.nullable || b.nullable;
  if (a.kind === 'DOUBLE' || b.kind === 'DOUBLE') return { kind: 'DOUBLE', nullable: isNullable };
  if (a.kind === 'FLOAT' || b.kind === 'FLOAT') {
    const withDecimal = a.kind === 'DECIMAL' || b.kind === 'DECIMAL';
    return { kind: withDecimal ? 'DOUBLE' : 'FLOAT', nullable: isNullable };
  }
  const sizeA = decimalSize(a);
  const sizeB = decimalSize(b);
  if ((a.kind === 'DECIMAL' || b.kind === 'DECIMAL') && sizeA !== undefined && sizeB !== undefined) {
    return decimalType(commonDecimal(sizeA, sizeB), isNullable);
  }
  const widest = INTEGERS[Math.max(rank(a), rank(b))];
  return { kind: widest, nullable: isNullable };
}

/**
 * The type of UNION, CASE, COALESCE and IN over operands of several types; undefined when there is none. Untyped NULLs
 * only make the result nullable. CHARs of several lengths become VARCHAR (no padding).
 */
export function commonType(types: readonly SqlType[]): SqlType | undefined {
  const isNullable = types.some((type) => type.nullable);
  let result: SqlType | undefined;
  for (const type of types) {
    if (type.kind === 'NULL') continue;
    result = result === undefined ? type : pair(result, type);
    if (result === undefined) return undefined;
  }
  return result === undefined ? undefined : withNullable(result, isNullable);
}

function pair(a: SqlType, b: SqlType): SqlType | undefined {
  if (sameType(a, b)) return stripUnlessBoth(a, b);
  if (isNumeric(a) && isNumeric(b)) return commonNumeric(a, b);
  if (isString(a) && isString(b)) {
    return { kind: 'VARCHAR', length: Math.max(a.length, b.length), nullable: true };
  }
  if (isBinary(a) && isBinary(b)) {
    return { kind: 'VARBINARY', length: Math.max(a.length, b.length), nullable: true };
  }
  if (isTimestamp(a) && a.kind === b.kind) {
    return { kind: a.kind, precision: Math.max(a.precision, b.precision), nullable: true };
  }
  if (a.kind === 'TIME' && b.kind === 'TIME') {
    return { kind: 'TIME', precision: Math.max(a.precision, b.precision), nullable: true };
  }
  return nestedPair(a, b);
}

/** Elements, keys, values and fields have a common type each; fields are named as in the first row. */
function nestedPair(a: SqlType, b: SqlType): SqlType | undefined {
  if (a.kind === 'ARRAY' && b.kind === 'ARRAY') {
    const element = commonType([a.element, b.element]);
    return element && { kind: 'ARRAY', element, nullable: true };
  }
  if (a.kind === 'MAP' && b.kind === 'MAP') {
    const [key, value] = [commonType([a.key, b.key]), commonType([a.value, b.value])];
    return key && value && { kind: 'MAP', key, value, nullable: true };
  }
  if (a.kind !== 'ROW' || b.kind !== 'ROW' || a.fields.length !== b.fields.length) return undefined;
  const fields: Field[] = [];
  for (const [i, { name, type }] of a.fields.entries()) {
    const common = commonType([type, b.fields[i].type]);
    if (common === undefined) return undefined;
    fields.push({ name, type: common });
  }
  return { kind: 'ROW', fields, nullable: true };
}

/** The union of a time attribute and a plain timestamp is plain. */
function stripUnlessBoth(a: SqlType, b: SqlType): SqlType {
  if (isTimestamp(a) && isTimestamp(b) && a.attribute !== b.attribute) return stripAttribute(a);
  return a;
}

function rank(type: SqlType): number {
  return INTEGERS.findIndex((kind) => kind === type.kind);
}

/** VARCHAR of the longest length: what string functions and comparisons work on. */
export function stringType(isNullable: boolean): SqlType {
  return { kind: 'VARCHAR', length: MAX_LENGTH, nullable: isNullable };
}
