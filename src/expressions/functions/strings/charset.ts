import { HeadwaterError } from '../../../data/errors.ts';

const CHARSETS = ['US-ASCII', 'ISO-8859-1', 'UTF-8', 'UTF-16BE', 'UTF-16LE', 'UTF-16'] as const;
type Charset = (typeof CHARSETS)[number];
const ALIASES: Readonly<Record<string, Charset>> = { ASCII: 'US-ASCII', LATIN1: 'ISO-8859-1', UTF8: 'UTF-8' };

function charsetOf(name: string): Charset | undefined {
  const upper = name.toUpperCase();
  return ALIASES[upper] ?? CHARSETS.find((known) => known === upper);
}

export function isCharset(name: string): boolean {
  return charsetOf(name) !== undefined;
}

function known(name: string): Charset {
  const charset = charsetOf(name);
  if (charset === undefined) throw new HeadwaterError('invalid-argument', `'${name}' is no known charset`);
  return charset;
}

/** What a charset does not have becomes '?'; UTF-16 begins with a byte order mark. */
export function encodeCharset(value: string, name: string): Uint8Array {
  switch (known(name)) {
    case 'US-ASCII':
      return singleBytes(value, 0x7f);
    case 'ISO-8859-1':
      return singleBytes(value, 0xff);
    case 'UTF-8':
      return Uint8Array.from(Buffer.from(value, 'utf8'));
    case 'UTF-16LE':
      return Uint8Array.from(Buffer.from(value, 'utf16le'));
    case 'UTF-16BE':
      return Uint8Array.from(Buffer.from(value, 'utf16le').swap16());
    case 'UTF-16':
      return Uint8Array.from(Buffer.from(`\ufeff${value}`, 'utf16le').swap16());
  }
}

export function decodeCharset(bytes: Uint8Array, name: string): string {
  const buffer = Buffer.from(bytes);
  switch (known(name)) {
    case 'US-ASCII':
      return buffer.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd');
    case 'ISO-8859-1':
      return buffer.toString('latin1');
    case 'UTF-8':
      return buffer.toString('utf8');
    case 'UTF-16LE':
      return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(buffer);
    case 'UTF-16BE':
      return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(buffer);
    case 'UTF-16': {
      const little = buffer[0] === 0xff && buffer[1] === 0xfe;
      return new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(buffer);
    }
  }
}

function singleBytes(value: string, most: number): Uint8Array {
  return Uint8Array.from([...value], (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code <= most ? code : 0x3f;
  });
}
