const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{1,2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^xuU]))/gs;

/** The content of E'..' (C-style escapes); undefined for an escape that is not one. */
export function decodeEscapes(raw: string): string | undefined {
  return decode(raw, ESCAPE, (octal, hex, short, long, char) => {
    if (octal !== undefined) return codePoint(octal, 8);
    const digits = hex ?? short ?? long;
    if (digits !== undefined) return codePoint(digits, 16);
    return SIMPLE[char ?? ''] ?? char;
  });
}

const UNICODE = /\\(?:([\da-fA-F]{4})|\+([\da-fA-F]{6})|(\\))/g;

/** The content of U&'..' with the escape character `\`. */
export function decodeUnicode(raw: string): string | undefined {
  return decode(raw, UNICODE, (short, long, backslash) => backslash ?? codePoint(short ?? long ?? '', 16));
}

function decode(
  raw: string,
  pattern: RegExp,
  replace: (...groups: (string | undefined)[]) => string | undefined,
): string | undefined {
  let result = '';
  let at = 0;
  for (const match of raw.matchAll(pattern)) {
    const between = raw.slice(at, match.index);
    const value = replace(...match.slice(1));
    if (between.includes('\\') || value === undefined) return undefined;
    result += between + value;
    at = match.index + match[0].length;
  }
  const rest = raw.slice(at);
  return rest.includes('\\') ? undefined : result + rest;
}

function codePoint(digits: string, radix: number): string | undefined {
  const code = parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
