import { HeadwaterError, type SourcePosition } from '../data/errors.ts';
import type { OptionDef } from '../sql/ast.ts';
import type { ConnectorDescriptor, ConnectorRegistry, ConnectorTable, OptionSpec } from './connector.ts';
import { parseDuration } from './duration.ts';
import { applyHistory, type HistoryRange } from './history.ts';
import { didYouMean, listNames, problem } from './problem.ts';
import { resolveSettings, type Settings } from './settings.ts';
import { addFormats, formatsOf, type GivenOptions } from './table-formats.ts';
import { physicalSchema, type TableDefinition } from './used-table.ts';

export type Role = 'source' | 'sink';

export interface OptionEnv {
  readonly registry: ConnectorRegistry;
  readonly settings: Settings;
  /** Sources read this range, wherever their tables say that they begin and end. */
  readonly history?: HistoryRange | undefined;
}

/** Options of every source that has a watermark. */
const SCAN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'scan.watermark.idle-timeout': {
    description: 'After this time without records a split no longer holds the watermark back',
    validate: (value) => void parseDuration(value, "'scan.watermark.idle-timeout'"),
  },
};

export interface CheckedTable {
  readonly table: ConnectorTable;
  readonly descriptor: ConnectorDescriptor;
}

/**
 * Checks the WITH options of a table in the role in which it is used, and resolves settings and defaults. Errors:
 * `unknown-connector`, `unknown-format`, `unknown-option`, `missing-option`, `invalid-option`, `unset-setting`.
 */
export function checkTable(
  definition: TableDefinition,
  options: readonly OptionDef[],
  role: Role,
  position: SourcePosition,
  env: OptionEnv,
): CheckedTable {
  const given = new Map(options.map((option) => [normalKey(option.key), option]));
  const values = resolveValues(definition.name, given, env.settings);
  const descriptor = connectorOf(definition.name, values, given, position, env.registry);
  const ability = role === 'source' ? descriptor.source : descriptor.sink;
  if (ability === undefined) {
    const verb = role === 'source' ? 'read from' : 'written to';
    throw problem(
      'unsupported',
      `Table '${definition.name}' cannot be ${verb}: its connector '${descriptor.name}' is no ${role}`,
      position,
    );
  }
  if (definition.partitionKeys.length > 0 && descriptor.partitions !== true) {
    throw problem(
      'unsupported',
      `Table '${definition.name}': connector '${descriptor.name}' has no PARTITIONED BY; 'filesystem' has`,
      position,
    );
  }
  const { history } = env;
  if (role === 'source' && history !== undefined) {
    at(position, () => applyHistory(definition, descriptor, values, history));
  }
  const specs = new Map(Object.entries(descriptor.options));
  if (descriptor.source !== undefined) for (const [key, spec] of Object.entries(SCAN_OPTIONS)) specs.set(key, spec);
  const checked: GivenOptions = { table: definition.name, descriptor, values, given, specs, position };
  if (formatsOf(descriptor).length > 0) addFormats(checked, ability.formats, env.registry);
  checkKeys(checked);
  checkValues(checked);
  const table: ConnectorTable = {
    name: definition.name,
    columns: physicalSchema(definition),
    primaryKey: definition.primaryKey,
    ...(definition.partitionKeys.length > 0 ? { partitionKeys: definition.partitionKeys } : {}),
    options: Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  at(position, () => descriptor.validate?.(table, role));
  return { table, descriptor };
}

/** `value.format` is another name of `format`, `value.json.x` of `json.x`. */
function normalKey(key: string): string {
  return /^value\.(format$|[a-z-]+\.)/.test(key) ? key.slice('value.'.length) : key;
}

function resolveValues(table: string, given: ReadonlyMap<string, OptionDef>, settings: Settings): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, option] of given) {
    values.set(
      key,
      resolveSettings(option.value, settings, `Option '${option.key}' of table '${table}'`, option.position),
    );
  }
  return values;
}

function connectorOf(
  table: string,
  values: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, OptionDef>,
  position: SourcePosition,
  registry: ConnectorRegistry,
): ConnectorDescriptor {
  const names = registry.connectors.keys();
  const name = values.get('connector');
  if (name === undefined) {
    throw problem(
      'missing-option',
      `Table '${table}' has no option 'connector'. Available connectors: ${listNames(names)}`,
      position,
    );
  }
  const descriptor = registry.connectors.get(name);
  if (descriptor === undefined) {
    throw problem(
      'unknown-connector',
      `Unknown connector '${name}' of table '${table}'.${didYouMean(name, names)} Available connectors: ${listNames(registry.connectors.keys())}`,
      given.get('connector')?.position ?? position,
    );
  }
  return descriptor;
}

function checkKeys({ table, descriptor, given, specs }: GivenOptions): void {
  const prefixes = [...specs.keys()].filter((key) => key.endsWith('*')).map((key) => key.slice(0, -1));
  for (const [key, option] of given) {
    if (key === 'connector' || specs.has(key) || prefixes.some((p) => key.startsWith(p) && key.length > p.length))
      continue;
    const supported = ['connector', ...specs.keys()];
    throw problem(
      'unknown-option',
      `Unsupported option '${option.key}' of table '${table}' (connector '${descriptor.name}').${didYouMean(key, supported)} ` +
        `Supported options: ${listNames(supported)}`,
      option.position,
    );
  }
}

function checkValues({ table, values, given, specs, position }: GivenOptions): void {
  const missing = [...specs].filter(([key, spec]) => spec.required === true && !values.has(key)).map(([key]) => key);
  if (missing.length > 0) {
    throw problem('missing-option', `Table '${table}' misses required options: ${listNames(missing)}`, position);
  }
  for (const [key, spec] of specs) {
    const value = values.get(key);
    if (value !== undefined) at(given.get(key)?.position ?? position, () => spec.validate?.(value));
    else if (spec.default !== undefined && !key.endsWith('*')) values.set(key, spec.default);
  }
}

/** Errors of connectors know no position: they get the one of the option or the table. */
function at(position: SourcePosition, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof HeadwaterError) || error.position !== undefined) throw error;
    throw new HeadwaterError(error.code, error.message, { kind: error.kind, position, cause: error });
  }
}
