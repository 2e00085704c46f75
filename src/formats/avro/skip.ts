import { unreachable } from '../../data/errors.ts';
import type { Code } from './code.ts';
import type { AvroRecord, AvroType } from './schema.ts';
import { minSize } from './sizes.ts';
import { readLength, readRaw32 } from './varint.ts';

/** Adds code that moves `p` over values. Every record type gets one function, which may call itself. */
export class Skipper {
  private readonly code: Code;
  private readonly records = new Map<AvroRecord, string>();

  constructor(code: Code) {
    this.code = code;
  }

  skip(type: AvroType): void {
    const { code } = this;
    switch (type.kind) {
      case 'null':
        return;
      case 'boolean':
        return code.add('p++;');
      case 'int':
      case 'long':
      case 'enum':
        return code.add('if (u8[p++] > 127) p = skipLong(u8, p);');
      case 'float':
        return code.add('p += 4;');
      case 'double':
        return code.add('p += 8;');
      case 'fixed':
        return code.add(`p += ${code.constant(type.size)};`, 'if (p > end) fail(truncated);');
      case 'string':
      case 'bytes':
        code.add('{');
        code.add(`p += ${readLength(code)};`, '}');
        return;
      case 'array':
        return this.blocks(minSize(type.items), () => this.skip(type.items));
      case 'map':
        return this.blocks(1 + minSize(type.values), () => {
          this.skip({ kind: 'string' });
          this.skip(type.values);
        });
      case 'union':
        return this.union(type.branches);
      case 'record':
        return code.add(`p = ${this.recordFunction(type)}(u8, dv, p, end);`);
      default:
        return unreachable(type);
    }
  }

  private union(branches: readonly AvroType[]): void {
    const { code } = this;
    code.add('{');
    code.add(`switch (${readRaw32(code)}) {`);
    branches.forEach((branch, i) => {
      code.add(`case ${2 * i}: {`);
      this.skip(branch);
      code.add('break; }');
    });
    code.add('default: fail(badUnion); }', '}');
  }

  private blocks(itemSize: number, item: () => void): void {
    const { code } = this;
    code.add('for (;;) {');
    const raw = readRaw32(code);
    code.add(`if (${raw} === 0) break;`, `if ((${raw} & 1) !== 0) {`);
    code.add(`p += ${readLength(code)};`, 'continue; }');
    const left = code.fresh();
    code.add(`let ${left} = ${raw} >>> 1;`, countCheck(code, left, itemSize));
    // Values without bytes need no walk.
    if (itemSize > 0) {
      code.add(`while (${left}-- > 0) {`);
      item();
      code.add('if (p > end) fail(truncated); }');
    }
    code.add('}');
  }

  private recordFunction(type: AvroRecord): string {
    const known = this.records.get(type);
    if (known !== undefined) return known;
    const name = `skip_${this.code.fresh()}`;
    this.records.set(type, name);
    const body = this.code.capture(() => {
      for (const field of type.fields) this.skip(field.type);
    });
    this.code.functions.push(
      `function ${name}(u8, dv, p, end) {\nif (p > end) fail(truncated);\n${body}\nreturn p;\n}`,
    );
    return name;
  }
}

/** Rejects counts that the rest of the record cannot hold; values without bytes have a limit of their own. */
export function countCheck(of: Code, count: string, itemSize: number): string {
  if (itemSize === 0) return `if (${count} > ${of.constant(MAX_EMPTY_ITEMS)}) fail(tooMany);`;
  return `if (${count} * ${of.constant(itemSize)} > end - p) fail(badCount);`;
}

/** Per array or map block: items that take no bytes could otherwise be claimed in billions. */
export const MAX_EMPTY_ITEMS = 65_536;
