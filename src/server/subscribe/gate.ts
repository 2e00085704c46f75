import { HeadwaterError } from '../../data/errors.ts';
import type { ChangeFeeds } from '../../store/change-feed.ts';
import type { ApiKeys } from '../api-keys.ts';
import { checkAccess, checkCaller } from '../guard.ts';
import type { Route } from '../router.ts';
import { errorReply } from '../reply.ts';
import type { SocketRoute } from '../socket.ts';
import { SESSION_LIMITS, type SessionHost, type SessionLimits, SubscribeSession } from './session.ts';

const PATH = '/v1/subscribe';
/** Connections of all clients together. */
const MAX_CONNECTIONS = 10_000;

/** WebSockets at `/v1/subscribe`, for those who may read. */
export function subscribeSockets(
  feeds: ChangeFeeds,
  keys: ApiKeys | undefined,
  host: Omit<SessionHost, 'feeds' | 'closed'>,
  limits: SessionLimits = SESSION_LIMITS,
  maxConnections = MAX_CONNECTIONS,
): SocketRoute {
  let connections = 0;
  return {
    path: PATH,
    gate: (request) => {
      try {
        checkCaller(request, keys);
        checkAccess(request, 'read', keys);
        if (connections >= maxConnections) {
          throw new HeadwaterError(
            'too-many-connections',
            `there are ${connections} subscribers: expected at most ${maxConnections}, try again later`,
          );
        }
      } catch (error) {
        return errorReply(error);
      }
      return (socket) => {
        connections += 1;
        return new SubscribeSession(socket, { ...host, feeds, closed: () => (connections -= 1) }, limits);
      };
    },
  };
}

/** The same path without an upgrade. */
export const subscribeRoute: Route = {
  method: 'GET',
  path: PATH,
  handle: () => {
    throw new HeadwaterError('upgrade-required', `${PATH} is for WebSockets: expected the header 'upgrade: websocket'`);
  },
};
