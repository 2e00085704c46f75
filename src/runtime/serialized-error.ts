import { HeadwaterError } from '../data/errors.ts';
import type { SerializedError } from './messages.ts';

/** Errors cross threads as data; what is not a HeadwaterError is a fault of ours and says so. */
export function serializeError(error: unknown): SerializedError {
  if (error instanceof HeadwaterError) {
    return { code: error.code, message: error.message, kind: error.kind, position: error.position };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal-error', message: `unexpected failure: ${text}`, kind: 'runtime', position: undefined };
}

export function deserializeError(error: SerializedError): HeadwaterError {
  return new HeadwaterError(error.code, error.message, { kind: error.kind, position: error.position });
}
