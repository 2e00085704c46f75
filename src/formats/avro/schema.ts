import avsc from 'avsc';
import { HeadwaterError } from '../../data/errors.ts';

/** A parsed Avro schema: names resolved, logical types that do not fit their base type left out (as the spec says). */
export type AvroType =
  | {
      readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes';
      readonly logical?: Logical;
    }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number; readonly logical?: Logical }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord;

/** May refer to itself. */
export interface AvroRecord {
  readonly kind: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  /** Earlier names. */
  readonly aliases: readonly string[];
  /** As JSON; undefined: the field has none. */
  readonly default: { readonly json: unknown } | undefined;
}

export type Logical =
  | {
      readonly kind:
        | 'date'
        | 'time-millis'
        | 'time-micros'
        | 'timestamp-millis'
        | 'timestamp-micros'
        | 'timestamp-nanos'
        | 'local-timestamp-millis'
        | 'local-timestamp-micros'
        | 'local-timestamp-nanos';
    }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };

/** Parses and validates; throws HeadwaterError `invalid-avro-schema`. */
export function parseAvroSchema(text: string): AvroType {
  const json = parseJson(text);
  try {
    avsc.Type.forSchema(json as avsc.Schema, { wrapUnions: 'always' });
    return read(json, '', new Map());
  } catch (error) {
    throw new HeadwaterError('invalid-avro-schema', `the Avro schema is not valid: ${messageOf(error)}`, {
      kind: 'runtime',
      cause: error,
    });
  }
}

/** How the type is called in messages: `long`, `long (timestamp-millis)`, `record demo.Event`, `union [null, string]`. */
export function describeAvro(type: AvroType): string {
  switch (type.kind) {
    case 'fixed':
      return `fixed(${type.size}) ${type.name}${describeLogical(type.logical)}`;
    case 'enum':
    case 'record':
      return `${type.kind} ${type.name}`;
    case 'array':
      return `array<${describeAvro(type.items)}>`;
    case 'map':
      return `map<${describeAvro(type.values)}>`;
    case 'union':
      return `union [${type.branches.map(describeAvro).join(', ')}]`;
    default:
      return `${type.kind}${describeLogical(type.logical)}`;
  }
}

function describeLogical(logical: Logical | undefined): string {
  if (logical === undefined) return '';
  return logical.kind === 'decimal' ? ` (decimal(${logical.precision}, ${logical.scale}))` : ` (${logical.kind})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The registry may give the name of a primitive type without quotes.
    if (/^[a-z]+$/.test(text.trim())) return text.trim();
    throw new HeadwaterError('invalid-avro-schema', `the Avro schema is not JSON: ${text.slice(0, 100)}`, {
      kind: 'runtime',
    });
  }
}

function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  return error instanceof Error ? error.message : String(error);
}

type Json = Readonly<Record<string, unknown>>;
type Names = Map<string, AvroType>;

function read(json: unknown, namespace: string, names: Names): AvroType {
  if (typeof json === 'string') return readName(json, namespace, names);
  if (Array.isArray(json)) return { kind: 'union', branches: json.map((branch) => read(branch, namespace, names)) };
  if (!isObject(json)) throw new Error(`expected a schema, got ${JSON.stringify(json)}`);
  switch (json.type) {
    case 'record':
    case 'error':
      return readRecord(json, namespace, names);
    case 'enum': {
      const name = fullName(json, namespace);
      const type: AvroType = { kind: 'enum', name, symbols: listOf(json.symbols).map(String) };
      names.set(name, type);
      return type;
    }
    case 'fixed': {
      const name = fullName(json, namespace);
      const size = Number(json.size);
      const type: AvroType = { kind: 'fixed', name, size, logical: logicalOf(json, 'fixed', size) };
      names.set(name, type);
      return type;
    }
    case 'array':
      return { kind: 'array', items: read(json.items, namespace, names) };
    case 'map':
      return { kind: 'map', values: read(json.values, namespace, names) };
    default:
      return withLogical(read(json.type, namespace, names), json);
  }
}

function readRecord(json: Json, namespace: string, names: Names): AvroType {
  const name = fullName(json, namespace);
  const inner = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
  const fields: AvroField[] = [];
  const type: AvroType = { kind: 'record', name, fields };
  names.set(name, type);
  for (const field of listOf(json.fields)) {
    if (!isObject(field)) throw new Error(`expected a field of record ${name}, got ${JSON.stringify(field)}`);
    fields.push({
      name: String(field.name),
      type: read(field.type, inner, names),
      aliases: field.aliases === undefined ? [] : listOf(field.aliases).map(String),
      default: 'default' in field ? { json: field.default } : undefined,
    });
  }
  return type;
}

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const;

function readName(name: string, namespace: string, names: Names): AvroType {
  const primitive = PRIMITIVES.find((kind) => kind === name);
  if (primitive !== undefined) return { kind: primitive };
  const full = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
  const known = names.get(full) ?? names.get(name);
  if (known === undefined) throw new Error(`undefined type name: ${name}`);
  return known;
}

function fullName(json: Json, namespace: string): string {
  const name = typeof json.name === 'string' ? json.name : 'anonymous';
  if (name.includes('.')) return name;
  const own = typeof json.namespace === 'string' ? json.namespace : namespace;
  return own === '' ? name : `${own}.${name}`;
}

function withLogical(type: AvroType, json: Json): AvroType {
  switch (type.kind) {
    case 'int':
    case 'long':
    case 'bytes': {
      const logical = logicalOf(json, type.kind, Number.MAX_SAFE_INTEGER);
      return logical === undefined ? type : { kind: type.kind, logical };
    }
    default:
      return type;
  }
}

const LOGICAL_BASES = {
  date: 'int',
  'time-millis': 'int',
  'time-micros': 'long',
  'timestamp-millis': 'long',
  'timestamp-micros': 'long',
  'timestamp-nanos': 'long',
  'local-timestamp-millis': 'long',
  'local-timestamp-micros': 'long',
  'local-timestamp-nanos': 'long',
} as const;

function logicalOf(json: Json, base: 'int' | 'long' | 'bytes' | 'fixed', size: number): Logical | undefined {
  const name = json.logicalType;
  if (typeof name !== 'string') return undefined;
  if (name === 'decimal') return base === 'bytes' || base === 'fixed' ? decimalOf(json, size) : undefined;
  if (!isSimpleLogical(name)) return undefined;
  return LOGICAL_BASES[name] === base ? { kind: name } : undefined;
}

function isSimpleLogical(name: string): name is keyof typeof LOGICAL_BASES {
  return Object.hasOwn(LOGICAL_BASES, name);
}

function decimalOf(json: Json, size: number): Logical | undefined {
  const precision = json.precision;
  const scale = json.scale ?? 0;
  if (!isCount(precision) || !isCount(scale) || precision === 0 || scale > precision || size === 0) return undefined;
  return { kind: 'decimal', precision, scale };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`expected a list, got ${JSON.stringify(value)}`);
  return value;
}
