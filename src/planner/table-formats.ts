import type { SourcePosition } from '../data/errors.ts';
import type { OptionDef } from '../sql/ast.ts';
import type { ConnectorDescriptor, ConnectorRegistry, OptionSpec } from './connector.ts';
import { didYouMean, listNames, problem } from './problem.ts';

/** The WITH options of a table while they are checked. */
export interface GivenOptions {
  readonly table: string;
  readonly descriptor: ConnectorDescriptor;
  /** By name, resolved; defaults come in at the end. */
  readonly values: Map<string, string>;
  readonly given: ReadonlyMap<string, OptionDef>;
  /** All options that the table may have. */
  readonly specs: Map<string, OptionSpec>;
  /** Of the table, for errors about what is not there. */
  readonly position: SourcePosition;
}

/**
 * Adds the options of the table's formats to what it may have: `format`, and for connectors with keys `key.format`, with
 * options under `key.<format>.`. `needed`: the formats of the role, where one has to be named.
 */
export function addFormats(options: GivenOptions, needed: readonly string[], registry: ConnectorRegistry): void {
  const { table, descriptor, values, specs, position } = options;
  specs.set('format', { description: 'How records are encoded' });
  if (!values.has('format')) {
    if (needed.length === 0) return;
    throw problem(
      'missing-option',
      `Table '${table}' has no option 'format'. Formats of '${descriptor.name}': ${listNames(needed)}`,
      position,
    );
  }
  addFormat(options, 'format', registry);
  if (descriptor.options['key.format'] !== undefined) addFormat(options, 'key.format', registry);
}

function addFormat(options: GivenOptions, option: 'format' | 'key.format', registry: ConnectorRegistry): void {
  const { table, descriptor, values, given, specs, position } = options;
  const name = values.get(option);
  if (name === undefined) return;
  const known = formatsOf(descriptor).filter((format) => registry.formats.has(format));
  const format = known.includes(name) ? registry.formats.get(name) : undefined;
  const isKey = option === 'key.format';
  if (format === undefined) {
    throw problem(
      'unknown-format',
      `Unknown ${isKey ? 'key format' : 'format'} '${name}' of table '${table}'.${didYouMean(name, known)} Formats of '${descriptor.name}': ${listNames(known)}`,
      given.get(option)?.position ?? position,
    );
  }
  for (const [key, spec] of Object.entries(format.options)) specs.set(`${isKey ? 'key.' : ''}${name}.${key}`, spec);
}

/** The formats of a connector, in whatever role. */
export function formatsOf({ source, sink }: ConnectorDescriptor): readonly string[] {
  return [...new Set([...(source?.formats ?? []), ...(sink?.formats ?? [])])];
}
