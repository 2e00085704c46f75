import type { MessagePort } from 'node:worker_threads';
import type { Element } from '../data/batch.ts';
import type { Room } from '../data/room.ts';
import { type Block, CHANNEL_CREDIT, type ChannelMemory } from './channel-memory.ts';
import type { ChannelSender } from './exchange.ts';
import type { InputGate } from './input-gate.ts';
import type { PeerMessage } from './messages.ts';
import { withPlaces, withViews } from './shared-views.ts';

/** A sender that counts what is on its way, in memory of its channel. */
abstract class CreditSender implements ChannelSender {
  readonly room: Room;
  private readonly memory: ChannelMemory;
  private outstanding = 0;

  constructor(memory: ChannelMemory) {
    this.memory = memory;
    this.room = memory.room;
  }

  get blocked(): boolean {
    return this.outstanding > CHANNEL_CREDIT;
  }

  abstract send(element: Element, bytes: number): void;

  /** An element of so many bytes is on its way: the blocks that hold its rows. */
  protected sent(bytes: number): readonly Block[] {
    this.outstanding += bytes;
    return this.memory.seal();
  }

  /** It was processed. */
  processed(bytes: number, blocks: readonly number[]): void {
    this.outstanding -= bytes;
    this.memory.release(blocks);
  }
}

/**
 * One edge to a task on another thread: credit, and the memory of the rows, come back as the receiver processes what was
 * sent. Buffers that are not of that memory are copied, never transferred: from the first ArrayBuffer that a thread gives
 * away, V8 has all its optimised code look at each access to a typed array whether that array's buffer is still there,
 * which costs more than the copies.
 */
export class PortSender extends CreditSender {
  private readonly port: MessagePort;
  private readonly edge: number;
  /** Blocks that the receiver knows. */
  private known = 0;

  constructor(port: MessagePort, edge: number, memory: ChannelMemory) {
    super(memory);
    this.port = port;
    this.edge = edge;
  }

  send(element: Element, bytes: number): void {
    const blocks = this.sent(bytes);
    const message: PeerMessage = {
      type: 'element',
      edge: this.edge,
      bytes,
      element: blocks.length === 0 ? element : withPlaces(element, blocks),
      blocks: blocks.map(({ number }) => number),
      // They are made in the order of their numbers.
      memory: blocks.filter(({ number }) => number >= this.known).map(({ memory }) => memory),
    };
    this.known += message.memory.length;
    this.port.postMessage(message);
  }
}

/** An edge to the task itself: straight into its gate. */
export class LocalSender extends CreditSender {
  private readonly gate: InputGate;
  private readonly channel: number;

  constructor(gate: InputGate, input: number, memory: ChannelMemory) {
    super(memory);
    this.gate = gate;
    this.channel = gate.addChannel(input);
  }

  send(element: Element, bytes: number): void {
    const blocks = this.sent(bytes).map(({ number }) => number);
    this.gate.offer(this.channel, element, bytes, () => this.processed(bytes, blocks));
  }
}

/** All edges between this task and one peer share a port; this routes what arrives. */
export class PeerLink {
  private readonly port: MessagePort;
  private readonly senders = new Map<number, PortSender>();
  private readonly receivers = new Map<number, (message: ElementMessage) => void>();
  private readonly wake: () => void;

  constructor(port: MessagePort, wake: () => void) {
    this.port = port;
    this.wake = wake;
    port.on('message', (message: PeerMessage) => this.onMessage(message));
  }

  sender(edge: number, memory: ChannelMemory): PortSender {
    const sender = new PortSender(this.port, edge, memory);
    this.senders.set(edge, sender);
    return sender;
  }

  receive(edge: number, gate: InputGate, input: number): void {
    const channel = gate.addChannel(input);
    const known: SharedArrayBuffer[] = [];
    this.receivers.set(edge, ({ element, bytes, blocks, memory }) => {
      known.push(...memory);
      const own = blocks.length === 0 ? element : withViews(element, known);
      gate.offer(channel, own as Element, bytes, () => {
        if (bytes > 0 || blocks.length > 0) {
          this.port.postMessage({ type: 'credit', edge, bytes, blocks } satisfies PeerMessage);
        }
      });
    });
  }

  private onMessage(message: PeerMessage): void {
    if (message.type === 'credit') this.senders.get(message.edge)?.processed(message.bytes, message.blocks);
    else this.receivers.get(message.edge)?.(message);
    this.wake();
  }

  close(): void {
    this.port.close();
  }
}

type ElementMessage = PeerMessage & { readonly type: 'element' };
