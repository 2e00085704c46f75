/**
 * Source text under construction. Only generated names and indexes ever get into it: every value, name and message goes
 * through the constant pool and is known in the source as `k<n>`.
 */
export class Code {
  readonly constants: unknown[] = [];
  /** Functions that stand next to the main one, such as the skipping of a record type. */
  readonly functions: string[] = [];
  /** Varints are read by a call beyond their first byte: smaller code, for wide schemas that V8 would not optimise. */
  readonly compact: boolean;
  private readonly lines: string[] = [];
  private names = 0;

  constructor(compact: boolean) {
    this.compact = compact;
  }

  add(...lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  fresh(): string {
    return `t${this.names++}`;
  }

  constant(value: unknown): string {
    return `k${this.constants.push(value) - 1}`;
  }

  /** Source that rejects the record for a reason. */
  fail(reason: string): string {
    return `fail(${this.constant(reason)});`;
  }

  /** Collects what `body` adds apart from the main text. */
  capture(body: () => void): string {
    const from = this.lines.length;
    body();
    return this.lines.splice(from).join('\n');
  }

  text(): string {
    return this.lines.join('\n');
  }
}
