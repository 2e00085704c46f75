import { STRING } from '../../../data/types.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain } from '../kernel.ts';
import { nullable, signature, text } from '../signature.ts';

export const urlFunctions: readonly FunctionDefinition[] = [
  {
    name: 'PARSE_URL',
    signatures: [signature([text('url'), text('part'), text('key')], nullable(STRING), { optional: 1 })],
    kernel: plain(() => parseUrl),
    doc: 'HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO of a URL, or with QUERY the value of a key; NULL when it is not there.',
    examples: [
      ["PARSE_URL('http://u@facebook.com:80/p/a.php?k1=v1&k2=v2#Ref1', 'HOST')", 'facebook.com'],
      ["PARSE_URL('http://facebook.com/p/a.php?k1=v1&k2=v2#Ref1', 'QUERY', 'k2')", 'v2'],
    ],
  },
  {
    name: 'URL_ENCODE',
    signatures: [signature([text('string')], nullable(STRING))],
    kernel: plain(() => urlEncode),
    doc: 'As in the query of a URL: application/x-www-form-urlencoded, UTF-8.',
    examples: [["URL_ENCODE('a b&ñ')", 'a+b%26%C3%B1']],
  },
  {
    name: 'URL_DECODE',
    signatures: [signature([text('string')], nullable(STRING))],
    kernel: plain(() => urlDecode),
    doc: 'The contrary of URL_ENCODE; NULL for what it cannot have made.',
    examples: [
      ["URL_DECODE('a+b%26')", 'a b&'],
      ["URL_DECODE('%zz')", null],
    ],
  },
];

const URL_PARTS = /^(https?|ftp|file|jar|mailto):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;
const AUTHORITY = /^(?:(.*)@)?(.*?)(?::\d*)?$/s;

function parseUrl(url: string, part: string, key: string | undefined): string | null {
  const match: readonly (string | undefined)[] | null = URL_PARTS.exec(trimmed(url));
  if (match === null) return null;
  const [, protocol, authority, path, query, ref] = match;
  const [, user, host] = AUTHORITY.exec(authority ?? '') ?? [];
  if (key !== undefined) return part === 'QUERY' && query !== undefined ? valueOfKey(query, key) : null;
  switch (part) {
    case 'HOST':
      return host ?? '';
    case 'PATH':
      return path ?? null;
    case 'QUERY':
      return query ?? null;
    case 'REF':
      return ref ?? null;
    case 'PROTOCOL':
      return protocol?.toLowerCase() ?? null;
    case 'FILE':
      return query === undefined ? (path ?? null) : `${path}?${query}`;
    case 'AUTHORITY':
      return authority ?? null;
    case 'USERINFO':
      return user ?? null;
    default:
      return null;
  }
}

/** As Java reads a URL: blanks and control characters around it are none of it. */
function trimmed(url: string): string {
  const isBlank = (at: number): boolean => url.charCodeAt(at) <= 0x20;
  let [start, end] = [0, url.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return url.slice(start, end);
}

function valueOfKey(query: string, key: string): string | null {
  const pair = query.split('&').find((candidate) => candidate.startsWith(`${key}=`));
  return pair === undefined ? null : pair.slice(key.length + 1);
}

function urlEncode(value: string): string {
  const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(value)
    .replace(/[!'()~]/g, percent)
    .replaceAll('%20', '+');
}

function urlDecode(value: string): string | null {
  const plus = value.replaceAll('+', ' ');
  if (/%(?![0-9a-fA-F]{2})/.test(plus)) return null;
  return plus.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}
