/** JSON as a tree that keeps what text says: numbers as text, members in order (the last of equal names counts). */
export type JsonNode = null | boolean | string | JsonNumber | readonly JsonNode[] | JsonObject;

export class JsonNumber {
  /** As Java prints it: integers as they are, others as a BigDecimal, all digits kept. */
  readonly text: string;
  readonly isInteger: boolean;

  constructor(source: string) {
    this.isInteger = /^-?\d+$/.test(source);
    this.text = source === '-0' ? '0' : this.isInteger ? source : bigDecimalText(source);
  }
}

/** A number's text as BigDecimal.toString has it: 2.50 stays, 1e5 is 1E+5, 0.0000001 is 1E-7, -0.0 is 0.0. */
export function bigDecimalText(source: string): string {
  const { minus, digits: all, scale } = decimalParts(source);
  const digits = all.replace(/^0+(?=\d)/, '');
  const sign = digits === '0' ? '' : minus;
  const magnitude = digits.length - 1 - scale;
  if (scale < 0 || magnitude < -6) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]}${rest}E${magnitude < 0 ? '' : '+'}${magnitude}`;
  }
  const padded = digits.padStart(scale + 1, '0');
  return scale === 0 ? `${sign}${padded}` : `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** A number's text as an unscaled integer and a scale: digits / 10^scale. */
export function decimalParts(source: string): { minus: string; digits: string; scale: number } {
  const [, minus, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  return { minus, digits: whole + fraction, scale: fraction.length - Number(exponent) };
}

export class JsonObject {
  readonly members: ReadonlyMap<string, JsonNode>;

  constructor(members: ReadonlyMap<string, JsonNode>) {
    this.members = members;
  }
}

/** Deeper JSON counts as wrong. */
const DEEPEST = 1000;
const TOKEN =
  /\s*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;

/** undefined when the text is not one JSON value. */
export function parseJson(text: string): JsonNode | undefined {
  return parsed(() => new JsonParser(text).document());
}

/** The value with which the text begins, whatever follows it; undefined when it begins with none. */
export function parseFirstJson(text: string): JsonNode | undefined {
  return parsed(() => new JsonParser(text).first());
}

function parsed(read: () => JsonNode): JsonNode | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class JsonParser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): JsonNode {
    const value = this.value(0);
    if (this.text.slice(this.at).trim() !== '') throw new SyntaxError('more than one value');
    return value;
  }

  /** Nothing may stand directly behind a number, behind a word no letter or digit. */
  first(): JsonNode {
    const value = this.value(0);
    const rest = this.text.slice(this.at);
    const goesOn =
      value instanceof JsonNumber ? /^\S/ : typeof value === 'boolean' || value === null ? /^[\w$]/ : /(?!)/;
    if (goesOn.test(rest)) throw new SyntaxError('no end');
    return value;
  }

  private token(): string {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text);
    if (match === null) throw new SyntaxError('no token');
    this.at = TOKEN.lastIndex;
    return match[0].trimStart();
  }

  private value(depth: number): JsonNode {
    if (depth > DEEPEST) throw new SyntaxError('too deep');
    const token = this.token();
    switch (token[0]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return JSON.parse(token) as string;
      case 't':
        return true;
      case 'f':
        return false;
      case 'n':
        return null;
      case '}':
      case ']':
      case ',':
      case ':':
        throw new SyntaxError(token);
      default:
        return new JsonNumber(token);
    }
  }

  private object(depth: number): JsonNode {
    const members = new Map<string, JsonNode>();
    if (this.closes('}')) return new JsonObject(members);
    for (;;) {
      const name = this.token();
      if (name[0] !== '"' || this.token() !== ':') throw new SyntaxError(name);
      members.set(JSON.parse(name) as string, this.value(depth + 1));
      if (this.ends('}')) return new JsonObject(members);
    }
  }

  private array(depth: number): JsonNode {
    const elements: JsonNode[] = [];
    if (this.closes(']')) return elements;
    for (;;) {
      elements.push(this.value(depth + 1));
      if (this.ends(']')) return elements;
    }
  }

  /** Takes the bracket if it follows. */
  private closes(bracket: string): boolean {
    const before = this.at;
    if (this.token() === bracket) return true;
    this.at = before;
    return false;
  }

  /** Takes a comma or the bracket. */
  private ends(bracket: string): boolean {
    const token = this.token();
    if (token !== ',' && token !== bracket) throw new SyntaxError(token);
    return token === bracket;
  }
}

export function isScalar(node: JsonNode): boolean {
  return !(Array.isArray(node) || node instanceof JsonObject);
}

/** Without white space, the members of objects in the order of their names. */
export function writeJson(node: JsonNode): string {
  if (node === null || typeof node === 'boolean') return String(node);
  if (typeof node === 'string') return JSON.stringify(node);
  if (node instanceof JsonNumber) return node.text;
  if (node instanceof JsonObject) {
    return `{${[...node.members]
      .sort(byJsonName)
      .map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`)
      .join(',')}}`;
  }
  return `[${node.map(writeJson).join(',')}]`;
}

/** By UTF-16 units, as Java orders strings. */
export function byJsonName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The beginning of a text for an error. */
export function shownJson(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}..` : text;
}
