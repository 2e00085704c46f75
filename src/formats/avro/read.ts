import { assert, unreachable } from '../../data/errors.ts';
import type { BytesSlot, Dec128Slot, I64Slot, ListSlot, MapSlot, Slot, TsSlot } from '../slots/index.ts';
import type { Code } from './code.ts';
import { storeDecimal128, storeDecimal64 } from './decimals.ts';
import type { Constant, Plan, Step } from './plan.ts';
import { countCheck, MAX_EMPTY_ITEMS, Skipper } from './skip.ts';
import { sameRows, slotArrays } from './slot-names.ts';
import { readInt, readLength, readLongAsDouble, readLongWords, readRaw32 } from './varint.ts';

/** Milliseconds beyond are not exact as doubles. */
const MAX_MILLIS = Number.MAX_SAFE_INTEGER;

/** Adds code that reads values at `p` into row `row` (the name of a variable) of their slots. */
export class Reader {
  private readonly code: Code;
  private readonly skipper: Skipper;

  constructor(code: Code) {
    this.code = code;
    this.skipper = new Skipper(code);
  }

  steps(steps: readonly Step[], row: string): void {
    for (const step of steps) {
      if ('skip' in step) this.skipper.skip(step.skip);
      else this.read(step.read, row);
    }
  }

  private read(plan: Plan, row: string): void {
    this.code.add('{');
    this.readValue(plan, row);
    this.code.add('}');
  }

  private readValue(plan: Plan, row: string): void {
    const { code } = this;
    switch (plan.op) {
      case 'null':
        return this.storeNull(plan.slot, row);
      case 'constant':
        return this.storeConstant(plan.value, plan.slot, row);
      case 'reject':
        return code.add(code.fail(plan.reason));
      case 'boolean': {
        const b = code.fresh();
        return code.add(`const ${b} = u8[p++];`, `if (${b} > 1) fail(badBoolean);`, `v${plan.slot.id}[${row}] = ${b};`);
      }
      case 'int32':
        return code.add(`v${plan.slot.id}[${row}] = ${readInt(code)};`);
      case 'int64':
        return this.readInt64(plan.from, plan.slot, row);
      case 'float32':
        return code.add(
          `v${plan.slot.id}[${row}] = ${plan.from === 'long' ? this.longAsFloat() : this.number(plan.from)};`,
        );
      case 'float64':
        return code.add(`v${plan.slot.id}[${row}] = ${this.number(plan.from)};`);
      case 'time-micros': {
        const value = readLongAsDouble(code);
        return code.add(`v${plan.slot.id}[${row}] = Math.floor(${value} / 1000);`);
      }
      case 'timestamp':
        return plan.unit === 'millis' ? this.readMillis(plan.slot, row) : this.readFine(plan.unit, plan.slot, row);
      case 'bytes':
        return this.range(plan.slot, row, readLength(code));
      case 'fixed':
        code.add(`if (${code.constant(plan.size)} > end - p) fail(truncated);`);
        return this.range(plan.slot, row, code.constant(plan.size));
      case 'enum':
        return this.readEnum(plan.symbols, plan.slot, row);
      case 'decimal':
        return this.readDecimal(plan.size, plan.overflow, plan.slot, row);
      case 'array':
        return this.readItems(plan.slot, row, plan.minSize, (item) => this.read(plan.element, item));
      case 'map':
        // A key takes a byte at least.
        return this.readItems(plan.slot, row, 1, (item) => {
          this.read({ op: 'bytes', slot: keySlot(plan.slot) }, item);
          this.read(plan.value, item);
        });
      case 'row':
        return this.steps(plan.steps, row);
      case 'union':
        return this.readUnion(plan.branches, row);
      default:
        return unreachable(plan);
    }
  }

  private storeNull(slot: Slot, row: string): void {
    const { code } = this;
    const { id } = slot;
    code.add(`b${id}[${row} >> 3] |= 1 << (${row} & 7); f${id} = true;`);
    switch (slot.layout) {
      case 'bytes':
        return code.add(`s${id}[${row}] = 0; e${id}[${row}] = 0;`);
      case 'list':
      case 'map':
        return code.add(`o${id}[${row} + 1] = x${id};`);
      case 'row':
        for (const child of slot.children) this.storeNull(child, row);
        return;
      default:
        return;
    }
  }

  private storeConstant(value: Constant, slot: Slot, row: string): void {
    const { code } = this;
    const { id } = slot;
    switch (value.kind) {
      case 'number':
        return code.add(`v${id}[${row}] = ${code.constant(value.value)};`);
      case 'long': {
        const [lo, hi] = [BigInt.asIntN(32, value.value), BigInt.asIntN(32, value.value >> 32n)];
        return code.add(
          `v${id}[2 * ${row}] = ${code.constant(Number(lo))}; v${id}[2 * ${row} + 1] = ${code.constant(Number(hi))};`,
        );
      }
      case 'timestamp':
        code.add(`v${id}[${row}] = ${code.constant(value.millis)};`);
        assert(slot.layout === 'ts', 'timestamps are stored into their slots');
        if (slot.withNanos) code.add(`q${id}[${row}] = ${code.constant(value.nanos - (value.nanos % finest(slot)))};`);
        return;
      case 'text': {
        assert(slot.layout === 'bytes', 'texts are stored into bytes slots');
        const [start, end] = slot.symbols.add(value.value).map((at) => code.constant(at));
        if (slot.mode === 'own') return code.add(`S[${id}].append(${row}, S[${id}].symbols.bytes, ${start}, ${end});`);
        return code.add(`s${id}[${row}] = ${start}; e${id}[${row}] = ${end};`);
      }
      case 'decimal': {
        assert(slot.type.kind === 'DECIMAL', 'decimals are stored into DECIMAL slots');
        const { precision } = slot.type;
        const store = code.constant(slot.layout === 'i64' ? storeDecimal64(precision) : storeDecimal128(precision));
        const bytes = code.constant(value.bytes);
        return code.add(`if (!${store}(S[${id}], ${row}, ${bytes}, 0, ${bytes}.length)) fail(badDecimal);`);
      }
      case 'empty':
        return code.add(`o${id}[${row} + 1] = x${id};`);
      default:
        return unreachable(value);
    }
  }

  private readInt64(from: 'int' | 'long', slot: I64Slot, row: string): void {
    const { code } = this;
    if (from === 'int') {
      const v = readInt(code);
      return code.add(`v${slot.id}[2 * ${row}] = ${v}; v${slot.id}[2 * ${row} + 1] = ${v} >> 31;`);
    }
    const { lo, hi } = readLongWords(code);
    code.add(`v${slot.id}[2 * ${row}] = ${lo}; v${slot.id}[2 * ${row} + 1] = ${hi};`);
  }

  private number(from: 'int' | 'long' | 'float' | 'double'): string {
    const { code } = this;
    if (from === 'int') return readInt(code);
    if (from === 'long') return readLongAsDouble(code);
    const v = code.fresh();
    if (from === 'float') code.add(`const ${v} = dv.getFloat32(p, true); p += 4;`);
    else code.add(`const ${v} = dv.getFloat64(p, true); p += 8;`);
    return v;
  }

  /** Bits that a float cannot hold become one sticky bit, so that double and float do not both round. */
  private longAsFloat(): string {
    const { code } = this;
    const { lo, hi } = readLongWords(code);
    const low = code.fresh();
    code.add(
      `let ${low} = ${lo} >>> 0;`,
      `if (${hi} >= 1048576 || ${hi} < -1048576) ${low} = ((${lo} & -4096) | ((${lo} & 4095) !== 0 ? 2048 : 0)) >>> 0;`,
    );
    return `${hi} * 4294967296 + ${low}`;
  }

  private readMillis(slot: TsSlot, row: string): void {
    const { code } = this;
    const value = readLongAsDouble(code);
    code.add(`if (!(Math.abs(${value}) <= ${MAX_MILLIS})) fail(badTimestamp);`, `v${slot.id}[${row}] = ${value};`);
    if (slot.withNanos) code.add(`q${slot.id}[${row}] = 0;`);
  }

  /**
   * Micro- and nanoseconds. Division by two halves is exact in doubles: `rest` is below 2^52 and its quotient below 2^32,
   * where doubles lie closer than one part of the divisor.
   */
  private readFine(unit: 'micros' | 'nanos', slot: TsSlot, row: string): void {
    const { code } = this;
    const divisor = code.constant(unit === 'micros' ? 1000 : 1_000_000);
    const { lo, hi } = readLongWords(code);
    const [quotient, rest, low, ms] = [code.fresh(), code.fresh(), code.fresh(), code.fresh()];
    code.add(
      `const ${quotient} = Math.floor(${hi} / ${divisor});`,
      `const ${rest} = (${hi} - ${quotient} * ${divisor}) * 4294967296 + (${lo} >>> 0);`,
      `const ${low} = Math.floor(${rest} / ${divisor});`,
      `const ${ms} = ${quotient} * 4294967296 + ${low};`,
      `if (!(Math.abs(${ms}) <= ${MAX_MILLIS})) fail(badTimestamp);`,
      `v${slot.id}[${row}] = ${ms};`,
    );
    if (!slot.withNanos) return;
    const scale = code.constant(unit === 'micros' ? 1000 : 1);
    const step = code.constant(finest(slot));
    const nanos = code.fresh();
    code.add(
      `const ${nanos} = (${rest} - ${low} * ${divisor}) * ${scale};`,
      `q${slot.id}[${row}] = ${nanos} - ${nanos} % ${step};`,
    );
  }

  /** The next `length` bytes, which are known to lie in the record. */
  private range(slot: BytesSlot, row: string, length: string): void {
    const { id } = slot;
    if (slot.mode === 'own') return this.code.add(`S[${id}].append(${row}, u8, p, p + ${length}); p += ${length};`);
    this.code.add(`s${id}[${row}] = p; p += ${length}; e${id}[${row}] = p;`);
  }

  private readEnum(symbols: readonly string[], slot: BytesSlot, row: string): void {
    const { code } = this;
    const { id } = slot;
    const ranges = symbols.map((symbol) => slot.symbols.add(symbol));
    const starts = code.constant(Int32Array.from(ranges, (range) => range[0]));
    const ends = code.constant(Int32Array.from(ranges, (range) => range[1]));
    const raw = readRaw32(code);
    const at = code.fresh();
    code.add(
      `const ${at} = ${raw} >>> 1;`,
      `if ((${raw} & 1) !== 0 || ${at} >= ${code.constant(symbols.length)}) fail(badEnum);`,
    );
    if (slot.mode === 'own')
      code.add(`S[${id}].append(${row}, S[${id}].symbols.bytes, ${starts}[${at}], ${ends}[${at}]);`);
    else code.add(`s${id}[${row}] = ${starts}[${at}]; e${id}[${row}] = ${ends}[${at}];`);
  }

  private readDecimal(size: number | undefined, overflow: Plan, slot: I64Slot | Dec128Slot, row: string): void {
    const { code } = this;
    assert(slot.type.kind === 'DECIMAL', 'decimals are read into DECIMAL slots');
    const { precision } = slot.type;
    const length = size === undefined ? readLength(code) : code.constant(size);
    code.add(
      size === undefined ? `if (${length} === 0) fail(badDecimal);` : `if (${length} > end - p) fail(truncated);`,
    );
    const store = code.constant(slot.layout === 'i64' ? storeDecimal64(precision) : storeDecimal128(precision));
    code.add(`if (!${store}(S[${slot.id}], ${row}, u8, p, p + ${length})) {`);
    this.readValue(overflow, row);
    code.add('}', `p += ${length};`);
  }

  private readItems(slot: ListSlot | MapSlot, row: string, itemSize: number, item: (row: string) => void): void {
    const { code } = this;
    const { id } = slot;
    const left = code.fresh();
    code.add('for (;;) {');
    const raw = readRaw32(code);
    code.add(
      `if (${raw} === 0) break;`,
      `let ${left} = ${raw} >>> 1;`,
      // A negative count is followed by the size of the block, of use only for skipping it.
      `if ((${raw} & 1) !== 0) { ${left}++; p = skipLong(u8, p); }`,
      countCheck(code, left, itemSize),
    );
    if (itemSize === 0) code.add(`empty += ${left};`, `if (empty > ${code.constant(MAX_EMPTY_ITEMS)}) fail(tooMany);`);
    code.add(`while (${left}-- > 0) {`, `if (x${id} === m${id}) { ${growth(slot)} }`);
    item(`x${id}`);
    code.add(`x${id}++;`, 'if (p > end) fail(truncated);', '}', '}', `o${id}[${row} + 1] = x${id};`);
  }

  private readUnion(branches: readonly Plan[], row: string): void {
    const { code } = this;
    code.add(`switch (${readRaw32(code)}) {`);
    branches.forEach((branch, i) => {
      code.add(`case ${2 * i}:`);
      this.read(branch, row);
      code.add('break;');
    });
    code.add('default: fail(badUnion); }');
  }
}

/** Statements that make room for elements and load the arrays anew. */
function growth(slot: ListSlot | MapSlot): string {
  const names = slot.children
    .flatMap(sameRows)
    .flatMap((inner) => slotArrays(inner).map(([name, property]) => `${name} = S[${inner.id}].${property};`));
  return [`S[${slot.id}].growElements();`, `m${slot.id} = S[${slot.id}].elementCapacity;`, ...names].join(' ');
}

/** Nanoseconds between two values of the column. */
function finest(slot: TsSlot): number {
  return 'precision' in slot.type ? 10 ** (9 - slot.type.precision) : 1;
}

function keySlot(slot: MapSlot): BytesSlot {
  const key = slot.children[0];
  assert(key.layout === 'bytes', 'keys of Avro maps are strings');
  return key;
}
