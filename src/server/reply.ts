import { HeadwaterError } from '../data/errors.ts';
import type { HttpReply } from './http.ts';

export const JSON_TYPE = 'application/json';

export function json(value: unknown, status = 200): HttpReply {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(value) };
}

/** Codes whose HTTP status is not simply 400 (the request was wrong) or 500 (it failed while running). */
const STATUS: Readonly<Record<string, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  'host-refused': 403,
  'origin-refused': 403,
  'route-not-found': 404,
  'table-not-found': 404,
  'feature-not-found': 404,
  'job-not-found': 404,
  'method-not-allowed': 405,
  'job-exists': 409,
  'job-running': 409,
  'table-has-writer': 409,
  'body-too-large': 413,
  'upgrade-required': 426,
  'too-many-connections': 503,
  'redis-unavailable': 503,
  'epoch-not-reached': 504,
};

/** What a client is told of an error. What is not a HeadwaterError tells it nothing of the inside. */
export function errorBody(error: unknown): { code: string; message: string; position?: readonly [number, number] } {
  if (!(error instanceof HeadwaterError)) {
    return { code: 'internal-error', message: 'the server failed; its log says why' };
  }
  const { code, message, position } = error;
  return position === undefined ? { code, message } : { code, message, position: [position.line, position.column] };
}

/** `{"error":{"code","message","position"}}`. */
export function errorReply(error: unknown): HttpReply {
  const body = errorBody(error);
  const failed = !(error instanceof HeadwaterError) || error.kind !== 'input';
  const status = Object.hasOwn(STATUS, body.code) ? STATUS[body.code] : failed ? 500 : 400;
  const reply = json({ error: body }, status);
  return status === 401 ? { ...reply, headers: [['www-authenticate', 'Bearer']] } : reply;
}
