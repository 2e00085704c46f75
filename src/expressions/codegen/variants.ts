import type { Column } from '../../data/column.ts';
import { type Shape, shapeCode, shapeOf, withNulls } from './shape.ts';

/** After this many variants NULLs no longer make one: the general code serves columns with and without. */
const MAX_VARIANTS = 8;

/**
 * The generated functions of one operator part, by the shapes of the columns that it reads and by whether there is a
 * selection. `inputs` are indexes into the columns given to `get`.
 */
export class Variants<K> {
  private readonly inputs: readonly number[];
  private readonly compile: (shapes: ReadonlyMap<number, Shape>, selected: boolean) => K;
  private readonly known = new Map<string, K>();
  private readonly lastCodes: Int32Array;
  private lastSelected = false;
  private last: K | undefined;
  private general = false;

  constructor(inputs: readonly number[], compile: (shapes: ReadonlyMap<number, Shape>, selected: boolean) => K) {
    this.inputs = inputs;
    this.compile = compile;
    this.lastCodes = new Int32Array(inputs.length);
  }

  get(columns: readonly Column[], selected: boolean): K {
    let same = this.last !== undefined && this.lastSelected === selected;
    for (let i = 0; i < this.inputs.length; i++) {
      const column = columns[this.inputs[i]];
      const code = this.general ? withNulls(shapeCode(column)) : shapeCode(column);
      if (this.lastCodes[i] !== code) {
        this.lastCodes[i] = code;
        same = false;
      }
    }
    if (same && this.last !== undefined) return this.last;
    this.lastSelected = selected;
    this.last = this.find(selected);
    return this.last;
  }

  private find(selected: boolean): K {
    if (!this.general && this.known.size >= MAX_VARIANTS) {
      this.general = true;
      for (let i = 0; i < this.lastCodes.length; i++) this.lastCodes[i] = withNulls(this.lastCodes[i]);
    }
    const key = `${selected ? 's' : ''}${this.lastCodes.join()}`;
    let variant = this.known.get(key);
    if (variant === undefined) {
      variant = this.compile(new Map(this.inputs.map((input, i) => [input, shapeOf(this.lastCodes[i])])), selected);
      this.known.set(key, variant);
    }
    return variant;
  }
}
