import { HeadwaterError, runtimeError } from '../../data/errors.ts';

const UNAUTHORIZED = /^(WRONGPASS|NOAUTH|NOPERM)|invalid password|without any password configured/;
const TLS = /certificate|self-signed|self signed|SSL|TLS|EPROTO|ERR_TLS/i;

/** Why a connection could not be made. The causes know no secrets, and the address is shown without them. */
export function connectError(where: string, cause: unknown): HeadwaterError {
  const text = textOf(cause);
  const unauthorized = UNAUTHORIZED.test(text);
  if (unauthorized) {
    return runtimeError('redis-unauthorized', `${where} refused user and password: ${text}`, cause);
  }
  if (/DB index|invalid DB/i.test(text)) {
    return runtimeError('redis-no-database', `${where} has no such database: ${text}`, cause);
  }
  if (TLS.test(text)) return runtimeError('redis-tls', `${where}: no secure connection could be made: ${text}`, cause);
  return runtimeError('redis-unreachable', `${where} cannot be reached: ${text}; expected a Redis that answers`, cause);
}

/** What the server answered to a command, or that it did not. */
export function explainReply(where: string, command: string, error: unknown): HeadwaterError {
  const text = textOf(error);
  if (isReply(error)) {
    const code = UNAUTHORIZED.test(text) ? 'redis-unauthorized' : refusalCode(text);
    return runtimeError(code, `${where} refused ${command}: ${text}`, error);
  }
  return runtimeError('redis-lost', `${where} was lost: ${text}`, error);
}

function refusalCode(text: string): string {
  if (text.startsWith('READONLY')) return 'redis-read-only';
  if (text.includes('OOM ')) return 'redis-out-of-memory';
  return 'redis-refused';
}

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

function textOf(error: unknown): string {
  return error instanceof Error
    ? error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
    : String(error);
}
