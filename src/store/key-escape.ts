/**
 * Characters of a key part that stay as they are: they mean nothing in a URL's path segment, in a Redis key pattern
 * of one key, or in the key contract itself. Everything else is %XX of its UTF-8 bytes.
 */
const PLAIN = /^[A-Za-z0-9\-._~!$&'()*+,;=@]*$/;
const TO_ESCAPE = /[^A-Za-z0-9\-._~!$&'()*+,;=@]/gu;
const ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/** One column's text as a part of a feature key. */
export function escapeKeyPart(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(TO_ESCAPE, escaped);
}

const ENCODER = new TextEncoder();
const ESCAPED = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x80) return ESCAPED[code];
  return Array.from(ENCODER.encode(character), (byte) => ESCAPED[byte]).join('');
}

/** The text of a part, or undefined where a `%` is not followed by two hex digits or the bytes are not UTF-8. */
export function unescapeKeyPart(part: string): string | undefined {
  if (!part.includes('%')) return part;
  if (ESCAPE.test(part)) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
