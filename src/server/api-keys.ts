import { createHash, timingSafeEqual } from 'node:crypto';
import { HeadwaterError } from '../data/errors.ts';

/** What a key may do: `read` looks up features, jobs, schemas and metrics; `all` also submits and ends jobs. */
export type Scope = 'read' | 'all';

interface ApiKey {
  readonly digest: Buffer;
  readonly scope: Scope;
}

/** Shorter ones can be guessed. */
const MIN_LENGTH = 16;
const FORM = /^[A-Za-z0-9._~+/=-]+$/;

/** The keys that callers must show. Only their digests are kept. */
export class ApiKeys {
  private readonly keys: readonly ApiKey[];

  private constructor(keys: readonly ApiKey[]) {
    this.keys = keys;
  }

  /**
   * Keys separated by commas or line ends; `read:` in front of one makes it read only; a line that begins with `#` is
   * a comment. Undefined when there is none. Errors: `bad-api-key`, which never shows the key.
   */
  static parse(text: string, where: string): ApiKeys | undefined {
    const entries = text
      .split(/\r?\n/)
      .filter((line) => !line.trimStart().startsWith('#'))
      .flatMap((line) => line.split(','))
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
    return entries.length === 0 ? undefined : new ApiKeys(entries.map((entry, i) => parseKey(entry, i + 1, where)));
  }

  /** These keys and one more, which may do all. */
  with(key: string): ApiKeys {
    return new ApiKeys([...this.keys, { digest: digestOf(key), scope: 'all' }]);
  }

  /** What the key may do; undefined when it is none of these. Takes as long for a nearly right key as for a wrong one. */
  scopeOf(key: string): Scope | undefined {
    const digest = digestOf(key);
    let scope: Scope | undefined;
    for (const known of this.keys) if (timingSafeEqual(known.digest, digest)) scope = known.scope;
    return scope;
  }
}

function parseKey(entry: string, number: number, where: string): ApiKey {
  const scope: Scope = entry.startsWith('read:') ? 'read' : 'all';
  const key = scope === 'read' ? entry.slice('read:'.length) : entry;
  if (key.length < MIN_LENGTH || !FORM.test(key)) {
    throw new HeadwaterError(
      'bad-api-key',
      `key ${number} of ${where} has ${key.length} characters${FORM.test(key) ? '' : ', not all of them allowed'}: ` +
        `expected at least ${MIN_LENGTH} of A-Z a-z 0-9 . _ ~ + / = - (openssl rand -hex 32 makes one)`,
    );
  }
  return { digest: digestOf(key), scope };
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
