import { HeadwaterError } from '../../../data/errors.ts';
import { STRING, type SqlType } from '../../../data/types.ts';
import { isString, withNullable } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import { parseFirstJson, shownJson, writeJson } from '../../values/json-text.ts';
import type { FunctionDefinition, Signature } from '../definition.ts';
import { type Kernel, plain, plainWithNulls } from '../kernel.ts';
import { any, asText, signature, strict, text } from '../signature.ts';
import { type JsonWriter, jsonWriter, objectText } from './write.ts';

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
    name: 'JSON',
    signatures: [signature([{ name: 'string', accept: (type) => asText(type) ?? onlyNull(type) }], () => STRING)],
    kernel: plain(() => rawJson),
    doc: 'JSON text as a value of JSON_OBJECT and JSON_ARRAY: it stands there as it is, with its members in order. Only there. Empty text is NULL; text that begins with no JSON is an error; what follows its first value is not looked at.',
    examples: [
      ["JSON_OBJECT('a' VALUE JSON('[1, 2.50]'))", '{"a":[1,2.50]}'],
      ['JSON_ARRAY(JSON(\'{"b": 1, "a": null}\'), \'[1]\')', '[{"a":null,"b":1},"[1]"]'],
    ],
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
  'JSON',
];

function onlyNull(type: SqlType): SqlType | undefined {
  return type.kind === 'NULL' ? STRING : undefined;
}

function rawJson(value: string): string | null {
  if (value.trim() === '') return null;
  const node = parseFirstJson(value);
  if (node !== undefined) return writeJson(node);
  throw new HeadwaterError('invalid-argument', `JSON takes JSON text, not '${shownJson(value)}'`);
}

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

/** Text that a JSON function made is JSON already. */
function writerOf(arg: Expr): JsonWriter {
  if (arg.kind === 'call' && JSON_MAKERS.includes(arg.fn)) return (value) => value as string;
  return jsonWriter(arg.type);
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
