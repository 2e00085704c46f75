import { Pool } from './pool.ts';

/** Numbers generated functions: V8 shares type feedback between functions of the same source text. */
let generated = 0;

/**
 * The text of one generated function while it is written: statements that run once a call (`prologue`), the body that
 * is being written, helper functions of its own, and the constant pool.
 */
export class Source {
  readonly pool = new Pool();
  private readonly prologueLines: string[] = [];
  private readonly helperTexts = new Map<string, string>();
  private lines: string[] = [];
  private nextName = 0;

  /** A fresh identifier. */
  name(prefix: string): string {
    return `${prefix}${this.nextName++}`;
  }

  constant(value: unknown): string {
    return this.pool.add(value);
  }

  line(text: string): void {
    this.lines.push(text);
  }

  /** A statement that runs once a call; the same one again is not written again. */
  prologue(text: string): void {
    if (!this.prologueLines.includes(text)) this.prologueLines.push(text);
  }

  /** A 64-bit integer as a machine word, which V8 does not make of a bigint in the pool. */
  long(value: bigint): string {
    const constant = this.constant(value);
    this.prologue(`const ${constant}w = BigInt.asIntN(64, ${constant});`);
    return `${constant}w`;
  }

  /** Statements `{ ... }` after `head`, for instance `if (n1)`. */
  block(head: string, write: () => void): void {
    this.lines.push(`${head} {`);
    write();
    this.lines.push('}');
  }

  /** `const name = expression` unless the expression is already a name or a number. */
  local(prefix: string, expression: string): string {
    if (/^(\w+)$/.test(expression)) return expression;
    const name = this.name(prefix);
    this.lines.push(`const ${name} = ${expression};`);
    return name;
  }

  /** A function of this generated function alone, so that its type feedback is too. */
  helper(name: string, text: string): string {
    this.helperTexts.set(name, text);
    return name;
  }

  /** Takes the statements written so far, to be placed elsewhere. */
  take(): string {
    const text = this.lines.join('\n');
    this.lines = [];
    return text;
  }

  /** Builds `function (parameters) { prologue; body }` from all that was written. */
  build<T extends (...args: never[]) => unknown>(parameters: string, body: string): T {
    const text = `'use strict';
${this.pool.declaration()}
${[...this.helperTexts.values()].join('\n')}
return function kernel${generated++}(${parameters}) {
${this.prologueLines.join('\n')}
${body}
};`;
    return new Function('k', text)(this.pool.values());
  }
}
