import { HeadwaterError } from '../data/errors.ts';

/** Nesting of a JSON body at most. */
export const JSON_DEPTH = 32;

/** A request's body, or a message, as a JSON object. Throws `bad-json`. */
export function parseJsonObject(body: Uint8Array, what = 'the body'): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new HeadwaterError('bad-json', `${what} is not UTF-8: expected a JSON object`);
  }
  checkDepth(text, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HeadwaterError('bad-json', `${what} is not JSON (${why}): expected a JSON object`);
  }
  if (!isRecord(value)) throw new HeadwaterError('bad-json', `${what} is ${kindOf(value)}: expected a JSON object`);
  return value;
}

/** Before parsing: a deeply nested text would cost stack and time. */
function checkDepth(text: string, what: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > JSON_DEPTH) {
        throw new HeadwaterError('bad-json', `${what} nests deeper than ${JSON_DEPTH}: expected a flat JSON object`);
      }
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Refuses members that nothing reads: nothing is accepted and ignored. Throws `bad-request`. */
export function checkMembers(object: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) {
      throw new HeadwaterError('bad-request', `unknown member '${name}': expected ${known.join(', ')}`);
    }
  }
}

export function stringMember(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new HeadwaterError('bad-request', `'${name}' is ${kindOf(value)}: expected a string`);
}

export function stringsMember(object: Readonly<Record<string, unknown>>, name: string): readonly string[] | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new HeadwaterError('bad-request', `'${name}' is ${kindOf(value)}: expected an array of strings`);
}

/** A member of string values, such as settings. */
export function settingsMember(
  object: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined) return undefined;
  if (isRecord(value)) {
    const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    if (entries.length === Object.keys(value).length) return Object.fromEntries(entries);
  }
  throw new HeadwaterError('bad-request', `'${name}' is ${kindOf(value)}: expected an object of strings`);
}
