import { readFileSync } from 'node:fs';
import { HeadwaterError } from '../data/errors.ts';
import { ApiKeys } from '../server/api-keys.ts';
import { environmentApiKeys } from './environment.ts';

/** The API keys that the environment names; undefined without any. Errors: `bad-api-key`. */
export function readApiKeys(): ApiKeys | undefined {
  const { keys, file } = environmentApiKeys();
  if (file === undefined) return keys === undefined ? undefined : ApiKeys.parse(keys, 'HEADWATER_API_KEYS');
  if (keys !== undefined) {
    throw new HeadwaterError(
      'bad-api-key',
      'HEADWATER_API_KEYS and HEADWATER_API_KEYS_FILE are both set: expected one of the two',
    );
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HeadwaterError('bad-api-key', `cannot read ${file}: expected a file with a key a line`, { cause });
  }
  const parsed = ApiKeys.parse(text, file);
  // Nobody names a file in order to have no keys.
  if (parsed === undefined) throw new HeadwaterError('bad-api-key', `${file} has no key: expected one a line`);
  return parsed;
}
