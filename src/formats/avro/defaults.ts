import { formatType } from '../../data/types.ts';
import type { Slot } from '../slots/index.ts';
import type { Constant, Plan, Step } from './plan.ts';
import { type AvroType, describeAvro, type Logical } from './schema.ts';

/** How to store the default of a reader's field (as JSON in its schema) where a writer lacks it, or why that cannot be. */
export function planDefault(
  type: AvroType,
  json: unknown,
  slot: Slot,
  path: string,
): { readonly plan: Plan } | { readonly problem: string } {
  if (type.kind === 'union') return planUnion(type.branches, json, slot, path);
  if (type.kind === 'null')
    return json === null && slot.type.nullable ? { plan: { op: 'null', slot } } : no(slot, path);
  if (type.kind === 'record') return planRecord(type.fields, json, slot, path);
  const value = constantOf(type, json, slot);
  return value === undefined ? no(slot, path) : { plan: { op: 'constant', value, slot } };
}

function no(slot: Slot, path: string): { readonly problem: string } {
  return { problem: `the default of field '${path}' is not supported for ${formatType(slot.type)}` };
}

/** The specification gives the default to the first branch; writers in the field give it to any. */
function planUnion(
  branches: readonly AvroType[],
  json: unknown,
  slot: Slot,
  path: string,
): ReturnType<typeof planDefault> {
  for (const branch of branches) {
    const resolution = planDefault(branch, json, slot, path);
    if ('plan' in resolution) return resolution;
  }
  return no(slot, path);
}

function planRecord(
  fields: Extract<AvroType, { kind: 'record' }>['fields'],
  json: unknown,
  slot: Slot,
  path: string,
): ReturnType<typeof planDefault> {
  if (slot.layout !== 'row' || slot.type.kind !== 'ROW' || typeof json !== 'object' || json === null)
    return no(slot, path);
  const given = new Map<string, unknown>(Object.entries(json));
  const steps: Step[] = [];
  for (const [i, { name }] of slot.type.fields.entries()) {
    const field = fields.find((candidate) => candidate.name === name);
    if (field === undefined) return no(slot, `${path}.${name}`);
    const value = given.has(name) ? given.get(name) : field.default?.json;
    const resolution = planDefault(field.type, value, slot.children[i], `${path}.${name}`);
    if ('problem' in resolution) return resolution;
    steps.push({ read: resolution.plan });
  }
  return { plan: { op: 'row', steps, slot } };
}

function constantOf(type: AvroType, json: unknown, slot: Slot): Constant | undefined {
  switch (slot.layout) {
    case 'i8':
      if (slot.type.kind === 'BOOLEAN')
        return typeof json === 'boolean' ? { kind: 'number', value: json ? 1 : 0 } : undefined;
      return type.kind === 'int' ? integer(json) : undefined;
    case 'i16':
      return type.kind === 'int' ? integer(json) : undefined;
    case 'i32':
      if (type.kind === 'long' && logicalOf(type) === 'time-micros' && typeof json === 'number')
        return integer(Math.floor(json / 1000));
      return type.kind === 'int' ? integer(json) : undefined;
    case 'i64':
    case 'dec128':
      if (slot.type.kind === 'DECIMAL') return decimal(type, json, slot.type.scale);
      return (type.kind === 'int' || type.kind === 'long') && Number.isSafeInteger(json)
        ? { kind: 'long', value: BigInt(json as number) }
        : undefined;
    case 'f32':
    case 'f64':
      return typeof json === 'number' && describesNumber(type) ? { kind: 'number', value: json } : undefined;
    case 'ts':
      return type.kind === 'long' && Number.isSafeInteger(json)
        ? timestamp(logicalOf(type), json as number)
        : undefined;
    case 'bytes':
      return text(type, json);
    case 'list':
      return type.kind === 'array' && Array.isArray(json) && json.length === 0 ? { kind: 'empty' } : undefined;
    case 'map':
      return type.kind === 'map' && JSON.stringify(json) === '{}' ? { kind: 'empty' } : undefined;
    case 'row':
      return undefined;
  }
}

function logicalOf(type: AvroType): Logical['kind'] | undefined {
  return 'logical' in type ? type.logical?.kind : undefined;
}

const describesNumber = (type: AvroType): boolean => ['int', 'long', 'float', 'double'].includes(describeAvro(type));

function integer(json: unknown): Constant | undefined {
  return typeof json === 'number' && Number.isInteger(json) ? { kind: 'number', value: json } : undefined;
}

function timestamp(logical: string | undefined, value: number): Constant {
  const [perMilli, nanosEach] = logical?.endsWith('micros')
    ? [1000, 1000]
    : logical?.endsWith('nanos')
      ? [1_000_000, 1]
      : [1, 1_000_000];
  const millis = Math.floor(value / perMilli);
  return { kind: 'timestamp', millis, nanos: (value - millis * perMilli) * nanosEach };
}

/** Bytes are written as text of the characters 0 to 255; beyond 127 they are not what UTF-8 makes of the text. */
function text(type: AvroType, json: unknown): Constant | undefined {
  if (typeof json !== 'string') return undefined;
  if (type.kind === 'string' || type.kind === 'enum') return { kind: 'text', value: json };
  const plain = [...json].every((char) => char.charCodeAt(0) < 128);
  return plain && (type.kind === 'bytes' || type.kind === 'fixed') ? { kind: 'text', value: json } : undefined;
}

function decimal(type: AvroType, json: unknown, scale: number): Constant | undefined {
  const logical = 'logical' in type ? type.logical : undefined;
  if (typeof json !== 'string' || json === '' || logical?.kind !== 'decimal' || logical.scale !== scale)
    return undefined;
  return { kind: 'decimal', bytes: Uint8Array.from(Buffer.from(json, 'latin1')) };
}
