import { type Batch, type Element, MIN_WATERMARK } from '../data/batch.ts';

/** What a gate hands on, aligned. */
export interface Receiver {
  batch(input: number, batch: Batch): void;
  /** The minimum over all channels, strictly rising. */
  watermark(time: number): void;
  /** Every channel has delivered the barrier of this epoch, and nothing behind it was handed on. */
  barrier(epoch: number): void;
  /** Something behind this node has no credit: hand it nothing more for now. */
  readonly blocked?: boolean;
}

interface Channel {
  /** Operator input that this channel feeds. */
  readonly input: number;
  readonly queue: Item[];
  head: number;
  watermark: number;
  /** The channel waits behind its barrier until the others have theirs. */
  blocked: boolean;
}

interface Item {
  readonly element: Element;
  readonly bytes: number;
  readonly processed: () => void;
}

/**
 * The input side of an exchange (or of an operator with several inputs): queues per channel, watermark = minimum,
 * barriers aligned by not reading a channel past its barrier until all channels have delivered theirs.
 */
export class InputGate {
  private readonly channels: Channel[] = [];
  private readonly receiver: Receiver;
  private waiting = 0;
  private merged = MIN_WATERMARK;
  private turn = 0;
  private queuedBytes = 0;

  constructor(receiver: Receiver) {
    this.receiver = receiver;
  }

  /** Adds a channel; returns its number. */
  addChannel(input: number): number {
    this.channels.push({ input, queue: [], head: 0, watermark: MIN_WATERMARK, blocked: false });
    return this.channels.length - 1;
  }

  /** `processed` is called once the element was: nobody reads its rows any more. */
  offer(channel: number, element: Element, bytes: number, processed: () => void): void {
    this.channels[channel].queue.push({ element, bytes, processed });
    this.queuedBytes += bytes;
  }

  bytes(): number {
    return this.queuedBytes;
  }

  /** Processes one element of a channel that is not blocked, in turn. False when there is none. */
  step(): boolean {
    for (let tries = 0; tries < this.channels.length; tries++) {
      const channel = this.channels[this.turn];
      this.turn = (this.turn + 1) % this.channels.length;
      if (channel.blocked || channel.head === channel.queue.length) continue;
      const { element, processed } = this.take(channel);
      this.deliver(channel, element);
      processed();
      return true;
    }
    return false;
  }

  private take(channel: Channel): Item {
    const item = channel.queue[channel.head++];
    if (channel.head === channel.queue.length) {
      channel.queue.length = 0;
      channel.head = 0;
    } else if (channel.head > 1024) {
      channel.queue.splice(0, channel.head);
      channel.head = 0;
    }
    this.queuedBytes -= item.bytes;
    return item;
  }

  private deliver(channel: Channel, element: Element): void {
    switch (element.type) {
      case 'batch':
        this.receiver.batch(channel.input, element.batch);
        break;
      case 'watermark':
        channel.watermark = element.time;
        this.mergeWatermark();
        break;
      case 'barrier':
        channel.blocked = true;
        this.waiting += 1;
        if (this.waiting === this.channels.length) this.release(element.epoch);
        break;
    }
  }

  private mergeWatermark(): void {
    let least = Infinity;
    for (const channel of this.channels) least = Math.min(least, channel.watermark);
    if (least > this.merged) {
      this.merged = least;
      this.receiver.watermark(least);
    }
  }

  private release(epoch: number): void {
    this.waiting = 0;
    for (const channel of this.channels) channel.blocked = false;
    this.receiver.barrier(epoch);
  }
}
