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

/** `{"error":{"code","message","position"}}`. What is not a HeadwaterError tells the client nothing of the inside. */
export function errorReply(error: unknown): HttpReply {
  if (!(error instanceof HeadwaterError)) {
    return json({ error: { code: 'internal-error', message: 'the server failed; its log says why' } }, 500);
  }
  const { code, message, position } = error;
  const status = Object.hasOwn(STATUS, code) ? STATUS[code] : error.kind === 'input' ? 400 : 500;
  const at = position === undefined ? {} : { position: [position.line, position.column] };
  const reply = json({ error: { code, message, ...at } }, status);
  return status === 401 ? { ...reply, headers: [['www-authenticate', 'Bearer']] } : reply;
}
