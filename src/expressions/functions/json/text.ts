import { STRING, type SqlType } from '../../../data/types.ts';
import { isString, withNullable } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import { formatDouble, formatText } from '../../values/format.ts';
import { bigDecimalText, byJsonName } from '../../values/json-text.ts';
import { formatDecimal } from '../../../data/json-value.ts';
import { mapTypes } from '../../../data/read.ts';
import type { FunctionDefinition, Signature } from '../definition.ts';
import { type Kernel, plain, plainWithNulls } from '../kernel.ts';
import { any, signature, strict, text } from '../signature.ts';

type Writer = (value: unknown) => string;

export const jsonTextFunctions: readonly FunctionDefinition[] = [
  {
    name: 'JSON_STRING',
    signatures: [signature([any('value')], strict(STRING))],
    kernel: plain(({ args }) => writerOf(args[0])),
    doc: 'The value as JSON text.',
    examples: [
      ['JSON_STRING(1)', '1'],
      ["JSON_STRING('a\"b')", '"a\\"b"'],
      ['JSON_STRING(ARRAY[1, 2])', '[1,2]'],
    ],
  },
  {
    name: 'JSON_ARRAY',
    signatures: [anyValues('[value, ..]')],
    kernel: arrayKernel(false),
    doc: 'A JSON array of the values; NULLs are left out. What a JSON function made stands in it as JSON (but that of JSON_QUERY), other text as a string.',
    examples: [["JSON_ARRAY(1, 'a', CAST(NULL AS INT), JSON_ARRAY(2))", '[1,"a",[2]]']],
  },
  {
    name: 'JSON_ARRAY NULL ON NULL',
    signatures: [anyValues('[value, ..]')],
    syntax: ['JSON_ARRAY([value, ..] NULL ON NULL)'],
    kernel: arrayKernel(true),
    doc: 'JSON_ARRAY that keeps NULLs as `null`. ABSENT ON NULL, the default, leaves them out.',
    examples: [['JSON_ARRAY(1, CAST(NULL AS INT) NULL ON NULL)', '[1,null]']],
  },
  {
    name: 'JSON_OBJECT',
    signatures: [pairs()],
    syntax: ['JSON_OBJECT([[KEY] key VALUE value, ..] [NULL ON NULL])'],
    kernel: objectKernel(true),
    doc: 'A JSON object of the pairs, in the order of their keys; a NULL value is `null`. Keys are texts and not NULL.',
    examples: [
      ["JSON_OBJECT(KEY 'a' VALUE 1, 'b' VALUE CAST(NULL AS INT))", '{"a":1,"b":null}'],
      ["JSON_OBJECT('a': JSON_OBJECT('b' VALUE 'x'))", '{"a":{"b":"x"}}'],
      ['JSON_OBJECT()', '{}'],
    ],
  },
  {
    name: 'JSON_OBJECT ABSENT ON NULL',
    signatures: [pairs()],
    syntax: ['JSON_OBJECT([[KEY] key VALUE value, ..] ABSENT ON NULL)'],
    kernel: objectKernel(false),
    doc: 'JSON_OBJECT that leaves out pairs whose value is NULL.',
    examples: [["JSON_OBJECT('a' VALUE 1, 'b' VALUE CAST(NULL AS INT) ABSENT ON NULL)", '{"a":1}']],
  },
  {
    name: 'JSON_QUOTE',
    signatures: [signature([text('string')], strict(STRING))],
    kernel: plain(() => quote),
    doc: 'The text as a JSON string, with its quotes; `/` and characters that are not ASCII are escaped.',
    examples: [["JSON_QUOTE('a\"b')", '"a\\"b"']],
  },
  {
    name: 'JSON_UNQUOTE',
    signatures: [signature([text('string')], strict(STRING))],
    kernel: plain(() => unquote),
    doc: 'The text that a JSON string is; other text stays as it is.',
    examples: [
      [`JSON_UNQUOTE('"a\\"b"')`, 'a"b'],
      ["JSON_UNQUOTE('abc')", 'abc'],
    ],
  },
];

/** Functions whose text stands in other JSON as it is. */
export const JSON_MAKERS: readonly string[] = [
  'JSON_ARRAY',
  'JSON_ARRAY NULL ON NULL',
  'JSON_OBJECT',
  'JSON_OBJECT ABSENT ON NULL',
];

function anyValues(shown: string): Signature {
  return { shown, resolve: (args) => ({ params: args.map((arg) => arg.type), result: withNullable(STRING, false) }) };
}

/** Keys are constants, as in Flink: a key that could be NULL has no place in an object. */
function pairs(): Signature {
  return {
    shown: '[key VALUE value, ..]',
    resolve: (args) =>
      args.every((arg, i) => i % 2 === 1 || (isString(arg.type) && !arg.type.nullable))
        ? { params: args.map((arg) => arg.type), result: withNullable(STRING, false) }
        : undefined,
  };
}

function arrayKernel(keepNulls: boolean): Kernel {
  return plainWithNulls(({ args }) => {
    const writers = args.map(writerOf);
    return (...values: unknown[]) => {
      const texts = values.flatMap((value, i) => (value !== null ? writers[i](value) : keepNulls ? 'null' : []));
      return `[${texts.join(',')}]`;
    };
  });
}

function objectKernel(keepNulls: boolean): Kernel {
  return plainWithNulls(({ args }) => {
    const writers = args.map(writerOf);
    return (...values: unknown[]) => {
      const texts = new Map<string, string>();
      for (let i = 0; i + 1 < values.length; i += 2) {
        const value = values[i + 1];
        if (value === null && !keepNulls) continue;
        texts.set(values[i] as string, value === null ? 'null' : writers[i + 1](value));
      }
      return objectText([...texts]);
    };
  });
}

/** The members in the order of their names. */
function objectText(members: [name: string, text: string][]): string {
  return `{${members
    .sort(byJsonName)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(',')}}`;
}

/** Text that a JSON function made is JSON already. */
function writerOf(arg: Expr): Writer {
  if (arg.kind === 'call' && JSON_MAKERS.includes(arg.fn)) return (value) => value as string;
  return writer(arg.type);
}

function writer(type: SqlType): Writer {
  const nested = (inner: SqlType): Writer => {
    const write = writer(inner);
    return (value) => (value === null ? 'null' : write(value));
  };
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return String;
    case 'FLOAT':
    case 'DOUBLE':
      return (value) => jsonNumber(value as number);
    case 'DECIMAL':
      return (value) => jsonDecimal(value as bigint, type.scale);
    case 'BINARY':
    case 'VARBINARY':
      return (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
    case 'ARRAY': {
      const element = nested(type.element);
      return (value) => `[${(value as unknown[]).map(element).join(',')}]`;
    }
    case 'MAP':
    case 'MULTISET': {
      const types = mapTypes(type);
      const element = nested(types.value);
      const name = (key: unknown): string => (key === null ? 'null' : formatText(types.key, key));
      return (value) => objectText((value as [unknown, unknown][]).map(([k, v]) => [name(k), element(v)]));
    }
    case 'ROW': {
      const fields = type.fields.map((field) => ({ name: field.name, write: nested(field.type) }));
      return (value) => objectText(fields.map(({ name, write }, i) => [name, write((value as unknown[])[i])]));
    }
    case 'TIMESTAMP':
      return (value) => JSON.stringify(isoText(formatText(type, value)));
    default:
      return isString(type) ? (value) => JSON.stringify(value) : (value) => JSON.stringify(formatText(type, value));
  }
}

/** NaN and infinities are strings in JSON; a FLOAT has the digits of the DOUBLE that it is. */
function jsonNumber(value: number): string {
  return Number.isFinite(value) ? bigDecimalText(formatDouble(value)) : `"${value}"`;
}

/** As Java prints a decimal: below 10^-6 with an exponent. */
function jsonDecimal(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value);
  const exponent = digits.length - 1 - scale;
  if (exponent >= -6) return formatDecimal(value, scale);
  return `${value < 0n ? '-' : ''}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}E${exponent}`;
}

/** 2024-02-29 12:34:56.500 as 2024-02-29T12:34:56.5. */
function isoText(text: string): string {
  return text.replace(' ', 'T').replace(/(\.\d*?)0+$/, (_, fraction: string) => (fraction === '.' ? '' : fraction));
}

function quote(value: string): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unquote(value: string): string {
  if (!/^"[\s\S]*"$/.test(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? parsed : value;
  } catch {
    return value;
  }
}
