import { formatType, type SqlType } from '../../data/types.ts';
import type { Slot } from '../slots/index.ts';
import { planDefault } from './defaults.ts';
import { matchFields, type Wanted } from './match-fields.ts';
import type { Plan, Step } from './plan.ts';
import { type AvroField, type AvroType, describeAvro } from './schema.ts';
import { minSize } from './sizes.ts';

/** A column to read: its name in the table, its slot, and its field in the reader's schema, when one was given. */
export interface Target extends Wanted {
  readonly slot: Slot;
}

/** A record's fields of which columns are read. */
interface Columns {
  readonly targets: readonly Target[];
  /** Names of all columns, read or not. */
  readonly all: ReadonlySet<string>;
}

/**
 * Avro's schema resolution with the table's types as the reader's schema: fields match by name; int -> long -> float ->
 * double and string <-> bytes are promoted; a column that the writer lacks has the default of the reader's schema, or is
 * NULL. `columns` names all columns of the table. `problem` says why the writer's records cannot be read.
 */
export function resolveRecord(
  writer: AvroType,
  targets: readonly Target[],
  columns: ReadonlySet<string>,
): { readonly steps: readonly Step[] } | Problem {
  if (writer.kind !== 'record')
    return { problem: `it is ${describeAvro(writer)}; expected a record`, column: undefined };
  const budget = { plans: 0 };
  return resolveFields(writer.fields, { targets, all: columns }, '', budget);
}

export interface Problem {
  readonly problem: string;
  /** The column of the table that it is about. */
  readonly column: string | undefined;
}

/** Schemas whose unions and records multiply beyond this are refused rather than compiled. */
const MAX_PLANS = 20_000;

interface Budget {
  plans: number;
}

type Resolution = { readonly plan: Plan } | { readonly problem: string };

function resolveFields(
  fields: readonly AvroField[],
  columns: Columns,
  path: string,
  budget: Budget,
): { readonly steps: readonly Step[] } | Problem {
  const matched = matchFields(fields, columns.targets, columns.all);
  const found = new Set(matched.values());
  const steps: Step[] = [];
  for (const target of columns.targets) {
    if (found.has(target)) continue;
    const resolution = resolveMissing(target, `${path}${target.name}`);
    if ('problem' in resolution) return { problem: resolution.problem, column: target.name };
    steps.push({ read: resolution.plan });
  }
  for (const field of fields) {
    const target = matched.get(field);
    if (target === undefined) {
      steps.push({ skip: field.type });
      continue;
    }
    const resolution = resolve(field.type, target.slot, `${path}${field.name}`, target.reader?.type, budget);
    if ('problem' in resolution) return { problem: resolution.problem, column: target.name };
    steps.push({ read: resolution.plan });
  }
  return { steps };
}

function resolveMissing({ reader, slot }: Target, path: string): Resolution {
  if (reader?.default !== undefined) return planDefault(reader.type, reader.default.json, slot, path);
  if (slot.type.nullable) return { plan: { op: 'null', slot } };
  const problem = `there is no field '${path}', and the table's column is ${formatType(slot.type)}, which has no value for it`;
  return { problem };
}

/** `reader`: the type in the reader's schema, when one was given. */
function resolve(writer: AvroType, slot: Slot, path: string, reader: AvroType | undefined, budget: Budget): Resolution {
  if (++budget.plans > MAX_PLANS) return { problem: `the schema unfolds to more than ${MAX_PLANS} values` };
  if (writer.kind === 'union') return resolveUnion(writer.branches, slot, path, reader, budget);
  if (writer.kind === 'null') {
    return slot.type.nullable ? { plan: { op: 'null', slot } } : incompatible(writer, slot.type, path);
  }
  return resolveValue(writer, slot, path, withoutNull(reader), budget) ?? incompatible(writer, slot.type, path);
}

function withoutNull(type: AvroType | undefined): AvroType | undefined {
  return type?.kind === 'union' ? type.branches.find((branch) => branch.kind !== 'null') : type;
}

function incompatible(writer: AvroType, type: SqlType, path: string): { readonly problem: string } {
  return { problem: `field '${path}' is ${describeAvro(writer)}, which cannot be read as ${formatType(type)}` };
}

/** Branches that the column cannot take fail when a record has them, as long as one branch fits. */
function resolveUnion(
  branches: readonly AvroType[],
  slot: Slot,
  path: string,
  reader: AvroType | undefined,
  budget: Budget,
): Resolution {
  let problem: string | undefined;
  let fits = false;
  const plans = branches.map((branch): Plan => {
    if (branch.kind === 'null') {
      if (slot.type.nullable) return { op: 'null', slot };
      return { op: 'reject', reason: `field '${path}' is null, and the table's column is ${formatType(slot.type)}` };
    }
    const resolution = resolve(branch, slot, path, reader, budget);
    if ('plan' in resolution) {
      fits = true;
      return resolution.plan;
    }
    problem ??= resolution.problem;
    return { op: 'reject', reason: resolution.problem };
  });
  if (!fits && problem !== undefined) return { problem };
  return { plan: { op: 'union', branches: plans } };
}

function resolveValue(
  writer: AvroType,
  slot: Slot,
  path: string,
  reader: AvroType | undefined,
  budget: Budget,
): Resolution | undefined {
  const logical = 'logical' in writer ? writer.logical?.kind : undefined;
  switch (slot.layout) {
    case 'i8':
      if (slot.type.kind === 'BOOLEAN')
        return writer.kind === 'boolean' ? { plan: { op: 'boolean', slot } } : undefined;
      return slot.type.kind === 'TINYINT' && writer.kind === 'int' ? { plan: { op: 'int32', slot } } : undefined;
    case 'i16':
      return writer.kind === 'int' ? { plan: { op: 'int32', slot } } : undefined;
    case 'i32':
      if (slot.type.kind === 'TIME' && writer.kind === 'long' && logical === 'time-micros')
        return { plan: { op: 'time-micros', slot } };
      if (writer.kind !== 'int' || !intFits(slot.type, logical)) return undefined;
      return { plan: { op: 'int32', slot } };
    case 'i64':
    case 'dec128':
      if (slot.type.kind === 'DECIMAL') return resolveDecimal(writer, slot);
      if (slot.layout === 'dec128' || (writer.kind !== 'long' && writer.kind !== 'int')) return undefined;
      return { plan: { op: 'int64', from: writer.kind, slot } };
    case 'f32':
      if (writer.kind !== 'int' && writer.kind !== 'long' && writer.kind !== 'float') return undefined;
      return { plan: { op: 'float32', from: writer.kind, slot } };
    case 'f64':
      if (writer.kind !== 'int' && writer.kind !== 'long' && writer.kind !== 'float' && writer.kind !== 'double')
        return undefined;
      return { plan: { op: 'float64', from: writer.kind, slot } };
    case 'ts':
      if (writer.kind !== 'long' || logical === 'time-micros') return undefined;
      return { plan: { op: 'timestamp', unit: timestampUnit(logical), slot } };
    case 'bytes':
      if (writer.kind === 'string' || writer.kind === 'bytes') return { plan: { op: 'bytes', slot } };
      if (writer.kind === 'fixed' && (slot.type.kind === 'BINARY' || slot.type.kind === 'VARBINARY'))
        return { plan: { op: 'fixed', size: writer.size, slot } };
      if (writer.kind === 'enum' && (slot.type.kind === 'CHAR' || slot.type.kind === 'VARCHAR'))
        return { plan: { op: 'enum', symbols: writer.symbols, slot } };
      return undefined;
    case 'list': {
      if (writer.kind !== 'array') return undefined;
      const items = reader?.kind === 'array' ? reader.items : undefined;
      const element = resolve(writer.items, slot.children[0], `${path}[]`, items, budget);
      if ('problem' in element) return element;
      return { plan: { op: 'array', element: element.plan, minSize: minSize(writer.items), slot } };
    }
    case 'map': {
      const [key, valueSlot] = slot.children;
      if (writer.kind !== 'map' || (key.type.kind !== 'CHAR' && key.type.kind !== 'VARCHAR')) return undefined;
      const values = reader?.kind === 'map' ? reader.values : undefined;
      const value = resolve(writer.values, valueSlot, `${path}{}`, values, budget);
      if ('problem' in value) return value;
      return { plan: { op: 'map', value: value.plan, slot } };
    }
    case 'row': {
      if (writer.kind !== 'record' || slot.type.kind !== 'ROW') return undefined;
      const targets = slot.type.fields.map(({ name }, i) => ({
        name,
        slot: slot.children[i],
        reader: reader?.kind === 'record' ? reader.fields.find((field) => field.name === name) : undefined,
      }));
      const columns = { targets, all: new Set(targets.map((target) => target.name)) };
      const fields = resolveFields(writer.fields, columns, `${path}.`, budget);
      return 'problem' in fields ? fields : { plan: { op: 'row', steps: fields.steps, slot } };
    }
  }
}

/** A plain int is whatever the table says; one with a meaning keeps it. */
function intFits(type: SqlType, logical: string | undefined): boolean {
  switch (type.kind) {
    case 'DATE':
      return logical === undefined || logical === 'date';
    case 'TIME':
      return logical === undefined || logical === 'time-millis';
    default:
      return true;
  }
}

function timestampUnit(logical: string | undefined): 'millis' | 'micros' | 'nanos' {
  if (logical?.endsWith('micros') === true) return 'micros';
  return logical?.endsWith('nanos') === true ? 'nanos' : 'millis';
}

function resolveDecimal(writer: AvroType, slot: Slot): Resolution | undefined {
  if (writer.kind !== 'bytes' && writer.kind !== 'fixed') return undefined;
  const logical = writer.logical;
  if (logical?.kind !== 'decimal' || slot.type.kind !== 'DECIMAL' || logical.scale !== slot.type.scale)
    return undefined;
  if (slot.layout !== 'i64' && slot.layout !== 'dec128') return undefined;
  const overflow: Plan = slot.type.nullable
    ? { op: 'null', slot }
    : { op: 'reject', reason: `a decimal has more digits than ${formatType(slot.type)} holds` };
  return { plan: { op: 'decimal', size: writer.kind === 'fixed' ? writer.size : undefined, overflow, slot } };
}
