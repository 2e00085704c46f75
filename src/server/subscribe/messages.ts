import { HeadwaterError } from '../../data/errors.ts';
import type { FeedEvent, FeedRequest } from '../../store/change-feed.ts';
import { eventTime } from '../freshness.ts';
import { checkMembers, stringMember, stringsMember } from '../json-body.ts';
import { errorBody } from '../reply.ts';
import { MAX_KEYS } from '../routes/features.ts';

const MAX_ID = 100;

export type ClientMessage =
  | { readonly type: 'subscribe'; readonly id: string; readonly request: FeedRequest }
  | { readonly type: 'unsubscribe'; readonly id: string };

type Members = Readonly<Record<string, unknown>>;

/** What a client says. Throws `bad-request`, `too-many-keys`. */
export function parseMessage(message: Members): ClientMessage {
  const type = stringMember(message, 'type');
  switch (type) {
    case 'subscribe':
      checkMembers(message, ['type', 'id', 'table', 'keys', 'columns', 'from']);
      return { type, id: idOf(message), request: requestOf(message) };
    case 'unsubscribe':
      checkMembers(message, ['type', 'id']);
      return { type, id: idOf(message) };
    default:
      throw new HeadwaterError(
        'bad-request',
        `'type' is ${type === undefined ? 'missing' : `'${type}'`}: expected 'subscribe' or 'unsubscribe'`,
      );
  }
}

function requestOf(message: Members): FeedRequest {
  const keys = stringsMember(message, 'keys');
  if (keys?.length === 0) throw new HeadwaterError('bad-request', "'keys' is empty: expected keys, or none for all");
  if (keys !== undefined && keys.length > MAX_KEYS) {
    throw new HeadwaterError(
      'too-many-keys',
      `'keys' has ${keys.length} keys: expected at most ${MAX_KEYS}, or none for all`,
    );
  }
  return {
    table: required(message, 'table'),
    keys,
    columns: stringsMember(message, 'columns'),
    from: stringMember(message, 'from'),
  };
}

function idOf(message: Members): string {
  const id = required(message, 'id');
  if (id.length > 0 && id.length <= MAX_ID) return id;
  throw new HeadwaterError('bad-request', `'id' has ${id.length} characters: expected 1 to ${MAX_ID}`);
}

function required(message: Members, name: string): string {
  const value = stringMember(message, name);
  if (value !== undefined) return value;
  throw new HeadwaterError('bad-request', `'${name}' is missing: expected a string`);
}

/** What a client is told of one subscription. */
export function formatEvent(id: string, table: string, event: FeedEvent): string {
  switch (event.type) {
    case 'snapshot-begin':
      return JSON.stringify({ id, ...event, table });
    case 'epoch': {
      const { type, epoch, watermark, position } = event;
      return JSON.stringify({ id, type, epoch, ...eventTime(watermark), position });
    }
    case 'error':
      return formatError(id, event.error);
    default:
      return JSON.stringify({ id, ...event });
  }
}

/** `id`: undefined where the message did not say which subscription it is about. */
export function formatError(id: string | undefined, error: unknown): string {
  return JSON.stringify({ id, type: 'error', error: errorBody(error) });
}
