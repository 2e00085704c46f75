/**
 * Errors a user can cause. `code` is stable and part of the public interface; the message says what was given and
 * what was expected; SQL errors also carry a position (1-based line and column) and a source excerpt with a caret.
 */
export type ErrorKind = 'input' | 'runtime';

export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  /** Length in characters of the offending text, at least 1. */
  readonly length?: number;
}

export class HeadwaterError extends Error {
  readonly code: string;
  /** `input`: the request was wrong (exit code 2, HTTP 4xx); `runtime`: it failed while running (exit code 1, HTTP 5xx). */
  readonly kind: ErrorKind;
  readonly position: SourcePosition | undefined;

  constructor(
    code: string,
    message: string,
    options: { kind?: ErrorKind; position?: SourcePosition; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HeadwaterError';
    this.code = code;
    this.kind = options.kind ?? 'input';
    this.position = options.position;
  }
}

export function runtimeError(code: string, message: string, cause?: unknown): HeadwaterError {
  return new HeadwaterError(code, message, { kind: 'runtime', cause });
}

/** Ends an exhaustive switch: a new union member without a case does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal invariant broken: ${message}`);
}
