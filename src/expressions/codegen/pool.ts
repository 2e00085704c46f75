/** The constants of a generated function: everything in it that is not a generated identifier or an index. */
export class Pool {
  private readonly constants: unknown[] = [];

  /** The identifier under which the generated code knows the value. */
  add(value: unknown): string {
    let index = this.constants.findIndex((known) => Object.is(known, value));
    if (index < 0) index = this.constants.push(value) - 1;
    return `k${index}`;
  }

  values(): readonly unknown[] {
    return this.constants;
  }

  declaration(): string {
    return this.constants.map((_value, i) => `const k${i} = k[${i}];`).join('\n');
  }
}
