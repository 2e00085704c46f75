import type { SourcePosition } from '../data/errors.ts';
import { problem } from './problem.ts';

export type Settings = ReadonlyMap<string, string>;

/**
 * Puts settings into an option's value: `${NAME}` and `${NAME:-default}`. A setting that is not set and has no default
 * is refused with code `unset-setting`; the empty string counts as set for `${NAME}` and as unset where a default is
 * given, as in a shell. The text put in is not searched again.
 */
export function resolveSettings(value: string, settings: Settings, where: string, position: SourcePosition): string {
  return value.replace(/\$\{([^}]*)\}/g, (whole, body: string) => {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(body);
    if (match === null) {
      throw problem(
        'invalid-setting',
        `${where} refers to a setting as '${whole}'; expected \${NAME} or \${NAME:-default}`,
        position,
      );
    }
    const name = match[1];
    const fallback: string | undefined = match[2];
    const set = settings.get(name);
    if (fallback !== undefined) return set === undefined || set === '' ? fallback : set;
    if (set !== undefined) return set;
    throw problem(
      'unset-setting',
      `${where} refers to the setting ${name}, which is not set: give --set ${name}=VALUE, set it in the environment, ` +
        `or write \${${name}:-default}`,
      position,
    );
  });
}
