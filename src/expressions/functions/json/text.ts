import { STRING, type SqlType } from '../../../data/types.ts';
import { isString, withNullable } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import { formatDouble, formatFloat, formatText } from '../../values/format.ts';
import { formatDecimal } from '../../../data/json-value.ts';
import { mapTypes } from '../../../data/read.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain, plainWithNulls } from '../kernel.ts';
import { any, nullable, signature, strict, text } from '../signature.ts';

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

    signatures: [
      { shown: '[value, ..]', resolve: (args) => ({ params: args.map((arg) => arg.type), result: ALWAYS }) },
    ],
    kernel: plainWithNulls(({ args }) => {
      const writers = args.map(writerOf);
      return (...values: unknown[]) => {
        const texts = values.flatMap((value, i) => (value === null ? [] : writers[i](value)));
        return `[${texts.join(',')}]`;
      };
    }),
    doc: 'A JSON array of the values; NULLs are left out. What a JSON function made stands in it as JSON, other text as a string.',
    examples: [["JSON_ARRAY(1, 'a', CAST(NULL AS INT), JSON_ARRAY(2))", '[1,"a",[2]]']],
  },
  {
    name: 'JSON_QUOTE',
    signatures: [signature([text('string')], nullable(STRING))],
    kernel: plain(() => (value: string) => JSON.stringify(value)),
    doc: 'The text as a JSON string, with its quotes.',
    examples: [["JSON_QUOTE('a\"b')", '"a\\"b"']],
  },
  {
    name: 'JSON_UNQUOTE',
    signatures: [signature([text('string')], nullable(STRING))],
    kernel: plain(() => unquote),
    doc: 'The text that a JSON string is; other text stays as it is.',
    examples: [
      [`JSON_UNQUOTE('"a\\"b"')`, 'a"b'],
      ["JSON_UNQUOTE('abc')", 'abc'],
    ],
  },
];

const ALWAYS = withNullable(STRING, false);
const JSON_MAKERS = ['JSON_ARRAY', 'JSON_OBJECT', 'JSON_QUERY'];

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
      return (value) => finite(value as number, formatFloat);
    case 'DOUBLE':
      return (value) => finite(value as number, formatDouble);
    case 'DECIMAL':
      return (value) => formatDecimal(value as bigint, type.scale);
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
      const name = (key: unknown): string => JSON.stringify(key === null ? 'null' : formatText(types.key, key));
      return (value) => `{${(value as [unknown, unknown][]).map(([k, v]) => `${name(k)}:${element(v)}`).join(',')}}`;
    }
    case 'ROW': {
      const fields = type.fields.map((field) => ({ name: JSON.stringify(field.name), write: nested(field.type) }));
      return (value) => `{${fields.map((f, i) => `${f.name}:${f.write((value as unknown[])[i])}`).join(',')}}`;
    }
    default:
      return isString(type) ? (value) => JSON.stringify(value) : (value) => JSON.stringify(formatText(type, value));
  }
}

/** NaN and infinities are strings in JSON. */
function finite(value: number, format: (value: number) => string): string {
  return Number.isFinite(value) ? format(value) : `"${value}"`;
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
