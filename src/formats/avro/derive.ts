import { HeadwaterError } from '../../data/errors.ts';
import { formatType, type Schema, type SqlType } from '../../data/types.ts';

/**
 * The text of the Avro schema that Flink derives from a table's physical columns: record
 * `org.apache.flink.avro.generated.record`, a nullable column is `["null", T]` with default null, a nested row of column
 * c is `record_c`. Throws HeadwaterError `unsupported` for types that have no Avro form.
 */
export function deriveAvroSchema(schema: Schema): string {
  return JSON.stringify(recordOf(schema, 'org.apache.flink.avro.generated.record'));
}

function recordOf(schema: Schema, name: string): object {
  const simple = name.slice(name.lastIndexOf('.') + 1);
  return {
    type: 'record',
    // Only the outermost has a namespace; the others are inside it.
    name: simple,
    ...(simple === name ? {} : { namespace: name.slice(0, name.lastIndexOf('.')) }),
    fields: schema.map((field) => ({
      name: field.name,
      type: typeOf(field.type, `${simple}_${field.name}`),
      ...(field.type.nullable ? { default: null } : {}),
    })),
  };
}

function typeOf(type: SqlType, recordName: string): unknown {
  const bare = bareTypeOf(type, recordName);
  return type.nullable ? ['null', bare] : bare;
}

function bareTypeOf(type: SqlType, recordName: string): unknown {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'boolean';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'INTERVAL_YEAR_MONTH':
      return 'int';
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return 'long';
    case 'FLOAT':
      return 'float';
    case 'DOUBLE':
      return 'double';
    case 'CHAR':
    case 'VARCHAR':
      return 'string';
    case 'BINARY':
    case 'VARBINARY':
      return 'bytes';
    case 'DECIMAL':
      return { type: 'bytes', logicalType: 'decimal', precision: type.precision, scale: type.scale };
    case 'DATE':
      return { type: 'int', logicalType: 'date' };
    case 'TIME':
      if (type.precision > 3) throw tooPrecise('TIME', type.precision);
      return { type: 'int', logicalType: 'time-millis' };
    case 'TIMESTAMP':
      if (type.precision > 3) throw tooPrecise('TIMESTAMP', type.precision);
      return { type: 'long', logicalType: 'timestamp-millis' };
    case 'ARRAY':
      return { type: 'array', items: typeOf(type.element, recordName) };
    case 'MAP':
      return { type: 'map', values: typeOf(type.value, keyed(type, type.key, recordName)) };
    case 'MULTISET':
      return { type: 'map', values: typeOf({ kind: 'INT', nullable: false }, keyed(type, type.element, recordName)) };
    case 'ROW':
      return recordOf(type.fields, recordName);
    case 'TIMESTAMP_LTZ':
    case 'NULL':
      throw new HeadwaterError('unsupported', `Unsupported to derive Schema for type: ${formatType(type)}`);
  }
}

function keyed(type: SqlType, key: SqlType, recordName: string): string {
  if (key.kind === 'CHAR' || key.kind === 'VARCHAR') return recordName;
  throw new HeadwaterError(
    'unsupported',
    `Avro format doesn't support non-string as key type of map. The key type is: ${formatType(key)}, in ${formatType(type)}`,
  );
}

function tooPrecise(kind: string, precision: number): HeadwaterError {
  return new HeadwaterError(
    'unsupported',
    `Avro does not support ${kind} type with precision: ${precision}, it only supports precision less than 3.`,
  );
}
