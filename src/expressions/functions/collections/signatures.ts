import { sameType, type SqlType } from '../../../data/types.ts';
import { commonType, isString, withNullable } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import type { Resolution, Signature } from '../definition.ts';
import { asInt, type Accept } from '../signature.ts';

export interface ArrayType {
  readonly kind: 'ARRAY';
  readonly element: SqlType;
  readonly nullable: boolean;
}
export type MapType = SqlType & { readonly kind: 'MAP' };

function arrayTypeOf(arg: Expr | undefined): ArrayType | undefined {
  return arg?.type.kind === 'ARRAY' ? { ...arg.type, kind: 'ARRAY' } : undefined;
}

/** An array and an element, which becomes of the array's element type. */
export function arrayAndElement(
  result: (array: ArrayType, element: SqlType) => SqlType,
  shown = 'array, element',
): Signature {
  return {
    shown,
    resolve(args) {
      const array = arrayTypeOf(args[0]);
      const element = args[1];
      if (args.length !== 2 || array === undefined) return undefined;
      const common = commonType([array.element, element.type]);
      if (common === undefined) return undefined;
      const wanted: ArrayType = { ...array, element: withNullable(common, array.element.nullable) };
      // An element of another type is cast to that of the elements, NULLs included.
      const cast = !sameType(element.type, common);
      return {
        params: [wanted, withNullable(common, element.type.nullable)],
        result: result(wanted, withNullable(common, element.type.nullable || (cast && array.element.nullable))),
      };
    },
  };
}

/** Arrays of one common type, or maps of one. */
export function sameCollections(kind: 'ARRAY' | 'MAP', least: number, most: number, shown: string): Signature {
  return {
    shown,
    resolve(args) {
      if (args.length < least || args.length > most || args.some((arg) => arg.type.kind !== kind)) return undefined;
      const common = commonType(args.map((arg) => arg.type));
      return common === undefined ? undefined : { params: args.map(() => common), result: common };
    },
  };
}

/** An array whose elements pass a test, then other arguments of given types. */
export function arrayWith(
  accept: (element: SqlType) => boolean,
  rest: readonly Accept[],
  least: number,
  shown: string,
  result: (array: ArrayType, args: readonly Expr[]) => SqlType,
): Signature {
  return {
    shown,
    resolve(args) {
      const array = arrayTypeOf(args[0]);
      if (args.length < least || args.length > rest.length + 1 || array === undefined) return undefined;
      if (!accept(array.element)) return undefined;
      const types: SqlType[] = [array];
      for (const [i, arg] of args.slice(1).entries()) {
        const type = rest[i](arg.type);
        if (type === undefined) return undefined;
        types.push(withNullable(type, arg.type.nullable));
      }
      return { params: types, result: result(array, args) };
    },
  };
}

/** One map. */
export function ofMap(result: (map: MapType) => SqlType): Signature {
  return {
    shown: 'map',
    resolve: ([map, ...others]) =>
      map?.type.kind === 'MAP' && others.length === 0
        ? { params: [map.type], result: withNullable(result(map.type), map.type.nullable) }
        : undefined,
  };
}

/** `array[index]` and `map[key]`. */
export function elementAccess(args: readonly Expr[]): Resolution | undefined {
  const [collection, at] = args;
  if (collection.type.kind === 'ARRAY') {
    const index = asInt(at.type);
    if (index === undefined) return undefined;
    return { params: [collection.type, index], result: withNullable(collection.type.element, true) };
  }
  if (collection.type.kind !== 'MAP') return undefined;
  const result = withNullable(collection.type.value, true);
  // Texts of different lengths are compared as they are.
  if (isString(collection.type.key) && isString(at.type)) return { params: [collection.type, at.type], result };
  const key = commonType([collection.type.key, at.type]);
  if (key === undefined || key.kind !== collection.type.key.kind) return undefined;
  return { params: [collection.type, collection.type.key], result };
}

export const anyNullable = (args: readonly Expr[]): boolean => args.some((arg) => arg.type.nullable);
