import { BOOLEAN, BYTES, DOUBLE, INT, MAX_LENGTH, type SqlType, STRING } from '../../data/types.ts';
import { commonType, isBinary, isInteger, isNumeric, isString, withNullable } from '../types/common-type.ts';
import type { Expr } from '../typed.ts';
import type { Signature } from './definition.ts';

/** What an argument may be: the type it is converted to, or undefined. */
export type Accept = (type: SqlType) => SqlType | undefined;

export interface Param {
  readonly name: string;
  readonly accept: Accept;
}

/** The type of the result for the converted arguments. */
export type ResultRule = (params: readonly SqlType[], args: readonly Expr[]) => SqlType;

interface Arity {
  /** How many of the last parameters may be left out. */
  readonly optional?: number;
  /** The last parameter may be repeated. */
  readonly repeated?: boolean;
}

/** A signature whose arguments are judged one by one. */
export function signature(params: readonly Param[], result: ResultRule, arity: Arity = {}): Signature {
  const least = params.length - (arity.optional ?? 0);
  return {
    shown: shownParams(params, arity),
    resolve(args) {
      if (args.length < least || (args.length > params.length && arity.repeated !== true)) return undefined;
      const types: SqlType[] = [];
      for (const [i, arg] of args.entries()) {
        const param = params[Math.min(i, params.length - 1)];
        const type = param.accept(arg.type);
        if (type === undefined) return undefined;
        types.push(withNullable(type, arg.type.nullable));
      }
      return { params: types, result: result(types, args) };
    },
  };
}

function shownParams(params: readonly Param[], { optional = 0, repeated = false }: Arity): string {
  const required = params.slice(0, params.length - optional).map((param) => param.name);
  const rest = params.slice(params.length - optional).map((param) => `[, ${param.name}]`);
  return `${required.join(', ')}${rest.join(' ')}${repeated ? ', ..' : ''}`.replace(/^\[, /, '[');
}

/** Arguments of one common type, as in CASE. */
export function sameTypes(names: string, least: number, result: (common: SqlType) => SqlType): Signature {
  return {
    shown: names,
    resolve(args) {
      if (args.length < least) return undefined;
      const common = commonType(args.map((arg) => arg.type));
      if (common === undefined) return undefined;
      return { params: args.map((arg) => withNullable(common, arg.type.nullable)), result: result(common) };
    },
  };
}

const when =
  (test: (type: SqlType) => boolean, target?: SqlType): Accept =>
  (type) =>
    test(type) ? (target ?? type) : undefined;

/** CHAR and VARCHAR as they are. */
export const asText = when(isString);
/** CHAR, VARCHAR, BINARY, VARBINARY as they are. */
export const asTextOrBytes = when((type) => isString(type) || isBinary(type));
export const asBinary = when(isBinary);
export const asBoolean = when((type) => type.kind === 'BOOLEAN', BOOLEAN);
/** Every integer as INT; BIGINT wraps around, as Java's cast does. */
export const asInt = when(isInteger, INT);
export const asInteger = when(isInteger);
export const asNumber = when(isNumeric);
export const asDouble = when(isNumeric, DOUBLE);
export const asAny = when((type) => type.kind !== 'NULL');

export const text = (name: string): Param => ({ name, accept: asText });
export const textOrBytes = (name: string): Param => ({ name, accept: asTextOrBytes });
export const int = (name: string): Param => ({ name, accept: asInt });
export const double = (name: string): Param => ({ name, accept: asDouble });
export const number = (name: string): Param => ({ name, accept: asNumber });
export const bool = (name: string): Param => ({ name, accept: asBoolean });
export const any = (name: string): Param => ({ name, accept: asAny });

/** NULL when an argument is. */
export const strict =
  (type: SqlType): ResultRule =>
  (params) =>
    withNullable(
      type,
      params.some((param) => param.nullable),
    );
export const nullable =
  (type: SqlType): ResultRule =>
  () =>
    withNullable(type, true);
export const never =
  (type: SqlType): ResultRule =>
  () =>
    withNullable(type, false);
/** The type of the first argument, NULL when an argument is. */
export const likeFirst: ResultRule = (params) => strict(params[0])(params, []);

/** CHAR(n) as VARCHAR(n), BINARY(n) as VARBINARY(n). */
export function varying(type: SqlType): SqlType {
  if (type.kind === 'CHAR') return { kind: 'VARCHAR', length: type.length, nullable: type.nullable };
  if (type.kind === 'BINARY') return { kind: 'VARBINARY', length: type.length, nullable: type.nullable };
  return type;
}

/** STRING or BYTES, whichever the type is one of. */
export function longest(type: SqlType): SqlType {
  return isBinary(type) ? BYTES : STRING;
}

export const char = (length: number): SqlType => ({ kind: 'CHAR', length, nullable: true });
export const varchar = (length: number = MAX_LENGTH): SqlType => ({ kind: 'VARCHAR', length, nullable: true });
export const arrayOf = (element: SqlType): SqlType => ({ kind: 'ARRAY', element, nullable: true });
export const mapOf = (key: SqlType, value: SqlType): SqlType => ({ kind: 'MAP', key, value, nullable: true });
