import { HeadwaterError } from '../../data/errors.ts';
import type { ChangeFeeds, Feed, FeedEvent, FeedRequest } from '../../store/change-feed.ts';
import { parseJsonObject } from '../json-body.ts';
import type { Socket, SocketSession } from '../socket.ts';
import { formatError, formatEvent, parseMessage } from './messages.ts';

export interface SessionLimits {
  /** Of one connection. */
  readonly subscriptions: number;
  /** Feeds wait while more bytes than that wait to be sent. */
  readonly waitingBytes: number;
  /** A client that takes nothing of what waits for so long is closed. */
  readonly stuckMs: number;
}

export const SESSION_LIMITS: SessionLimits = { subscriptions: 100, waitingBytes: 1 << 20, stuckMs: 60_000 };

/** Closing code of a client that took nothing; it may come back and go on from its position. */
export const SLOW_CONSUMER = 4008;

export interface SessionHost {
  readonly feeds: ChangeFeeds;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  readonly log: (level: 'error', message: string) => void;
  readonly closed: () => void;
}

/** One connection of `/v1/subscribe`: its subscriptions, by the ids that the client gave them. */
export class SubscribeSession implements SocketSession {
  private readonly socket: Socket;
  private readonly host: SessionHost;
  private readonly limits: SessionLimits;
  private readonly feeds = new Map<string, Feed>();
  private readonly watch: NodeJS.Timeout;
  /** A feed was told to wait. */
  private heldUp = false;
  private waiting = 0;
  private movedAt: number;

  constructor(socket: Socket, host: SessionHost, limits: SessionLimits) {
    this.socket = socket;
    this.host = host;
    this.limits = limits;
    this.movedAt = host.monotonic();
    this.watch = setInterval(() => this.checkStuck(), limits.stuckMs / 12);
    this.watch.unref();
  }

  message(text: string): void {
    let id: string | undefined;
    try {
      const members = parseJsonObject(Buffer.from(text), 'the message');
      if (typeof members.id === 'string') ({ id } = members);
      const message = parseMessage(members);
      if (message.type === 'subscribe') this.subscribe(message.id, message.request);
      else this.unsubscribe(message.id);
    } catch (error) {
      if (!(error instanceof HeadwaterError)) this.host.log('error', `a message failed: ${String(error)}`);
      this.socket.send(formatError(id, error));
    }
  }

  private subscribe(id: string, request: FeedRequest): void {
    if (this.feeds.has(id)) {
      throw new HeadwaterError(
        'subscription-exists',
        `there is a subscription '${id}' here already: expected another id`,
      );
    }
    if (this.feeds.size >= this.limits.subscriptions) {
      throw new HeadwaterError(
        'too-many-subscriptions',
        `there are ${this.feeds.size} subscriptions on this connection: expected at most ${this.limits.subscriptions}`,
      );
    }
    const feed = this.host.feeds.open(request, {
      ready: () => this.isReady(),
      event: (event) => this.tell(id, request.table, event),
    });
    this.feeds.set(id, feed);
  }

  private isReady(): boolean {
    const ready = this.socket.waiting <= this.limits.waitingBytes;
    this.heldUp ||= !ready;
    return ready;
  }

  private tell(id: string, table: string, event: FeedEvent): void {
    if (event.type === 'error') this.feeds.delete(id);
    this.socket.send(formatEvent(id, table, event));
  }

  private unsubscribe(id: string): void {
    const feed = this.feeds.get(id);
    if (feed === undefined) {
      throw new HeadwaterError('subscription-not-found', `there is no subscription '${id}' on this connection`);
    }
    this.feeds.delete(id);
    feed.close();
    this.socket.send(JSON.stringify({ id, type: 'unsubscribed' }));
  }

  drained(): void {
    if (!this.heldUp || this.socket.waiting > this.limits.waitingBytes) return;
    this.heldUp = false;
    for (const feed of this.feeds.values()) feed.resume();
  }

  /** What waits and does not become less is taken by nobody. */
  private checkStuck(): void {
    const { waiting } = this.socket;
    const now = this.host.monotonic();
    if (waiting === 0 || waiting !== this.waiting) this.movedAt = now;
    this.waiting = waiting;
    if (now - this.movedAt < this.limits.stuckMs) return;
    this.socket.close(SLOW_CONSUMER, 'slow-consumer');
    // The closing handshake waits behind what is not taken.
    setTimeout(() => this.socket.terminate(), 1000).unref();
  }

  closed(): void {
    clearInterval(this.watch);
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
    this.host.closed();
  }
}
