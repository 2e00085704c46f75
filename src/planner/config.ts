import type { SetOption } from '../sql/ast.ts';
import type { SourcePosition } from '../data/errors.ts';
import { findZone } from '../data/time-zone.ts';
import { parseDuration } from './duration.ts';
import { didYouMean, listNames, problem, unsupported } from './problem.ts';
import { resolveSettings, type Settings } from './settings.ts';

/** Values of SET by key; every value has been validated. */
export type Config = Readonly<Record<string, string>>;

type Check = (value: string, key: string, position: SourcePosition) => void;

const duration: Check = (value, key, position) => void parseDuration(value, `'${key}'`, position);

function oneOf(...allowed: readonly string[]): Check {
  return (value, key, position) => {
    if (!allowed.includes(value.toLowerCase())) throw invalid(key, value, allowed.join(' or '), position);
  };
}

function matching(pattern: RegExp, expected: string): Check {
  return (value, key, position) => {
    if (!pattern.test(value)) throw invalid(key, value, expected, position);
  };
}

const zone: Check = (value, key, position) => {
  if (findZone(value) === undefined)
    throw invalid(key, value, "an id such as 'America/Los_Angeles', 'UTC' or 'GMT+08:00'", position);
};

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['pipeline.name', matching(/^[A-Za-z0-9_.-]{1,100}$/, 'letters, digits, `_`, `.` and `-`, at most 100')],
  ['execution.checkpointing.interval', duration],
  ['execution.checkpointing.min-pause', duration],
  ['parallelism.default', matching(/^([1-9]|[1-9]\d|1[01]\d|12[0-8])$/, 'a whole number from 1 to 128')],
  ['table.exec.state.ttl', duration],
  ['table.exec.mini-batch.enabled', oneOf('true', 'false')],
  ['table.exec.source.idle-timeout', duration],
  ['table.local-time-zone', zone],
  ['table.optimizer.agg-phase-strategy', oneOf('auto', 'one_phase', 'two_phase')],
  ['table.exec.sink.not-null-enforcer', oneOf('error', 'drop')],
  ['memory.limit', matching(/^[1-9]\d*\s*(b|kb|mb|gb|k|m|g|kib|mib|gib)?$/i, "a size such as '512 mb'")],
]);

/** The keys that SET takes. */
export const SETTING_NAMES: readonly string[] = [...CHECKS.keys()].sort();

/** Applies one SET: the new configuration, or an error `unknown-setting`, `invalid-setting` or `unsupported`. */
export function applySet(config: Config, statement: SetOption, settings: Settings): Config {
  const { key, value, position } = statement;
  if (key === undefined || value === undefined) {
    throw unsupported('SET without a key and a value', position, "write SET 'key' = 'value'");
  }
  const check = CHECKS.get(key);
  if (check === undefined) {
    if (key.startsWith('table.exec.emit.')) throw unsupported(`Early and late firing of windows ('${key}')`, position);
    throw problem(
      'unknown-setting',
      `Unknown configuration key '${key}'.${didYouMean(key, CHECKS.keys())} Supported keys: ${listNames(CHECKS.keys())}`,
      position,
    );
  }
  const resolved = resolveSettings(value, settings, `SET '${key}'`, position);
  check(resolved, key, position);
  return { ...config, [key]: resolved };
}

/** A duration from the configuration in milliseconds, `fallback` when it is not set. */
export function durationSetting(config: Config, key: string, fallback: number): number {
  const value = config[key];
  return value === undefined ? fallback : parseDuration(value, `'${key}'`);
}

function invalid(key: string, value: string, expected: string, position: SourcePosition): Error {
  return problem('invalid-setting', `'${key}' must be ${expected}, but is '${value}'`, position);
}
