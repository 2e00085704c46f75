import type { MessagePort } from 'node:worker_threads';
import type { Element } from '../data/batch.ts';
import { CHANNEL_CREDIT, type ChannelSender } from './exchange.ts';
import type { InputGate } from './input-gate.ts';
import type { PeerMessage } from './messages.ts';

/**
 * One edge to a task on another thread: credit comes back as the receiver processes what was sent. Buffers are copied,
 * never transferred: from the first ArrayBuffer that a thread gives away, V8 has all its optimised code look at each
 * access to a typed array whether that array's buffer is still there, which costs more than the copies.
 */
export class PortSender implements ChannelSender {
  private outstanding = 0;
  private readonly port: MessagePort;
  private readonly edge: number;

  constructor(port: MessagePort, edge: number) {
    this.port = port;
    this.edge = edge;
  }

  get blocked(): boolean {
    return this.outstanding > CHANNEL_CREDIT;
  }

  send(element: Element, bytes: number): void {
    this.outstanding += bytes;
    const message: PeerMessage = { type: 'element', edge: this.edge, bytes, element };
    this.port.postMessage(message);
  }

  addCredit(bytes: number): void {
    this.outstanding -= bytes;
  }
}

/** An edge to the task itself: straight into its gate. */
export class LocalSender implements ChannelSender {
  private outstanding = 0;
  private readonly gate: InputGate;
  private readonly channel: number;

  constructor(gate: InputGate, input: number) {
    this.gate = gate;
    this.channel = gate.addChannel(input, (bytes) => {
      this.outstanding -= bytes;
    });
  }

  get blocked(): boolean {
    return this.outstanding > CHANNEL_CREDIT;
  }

  send(element: Element, bytes: number): void {
    this.outstanding += bytes;
    this.gate.offer(this.channel, element, bytes);
  }
}

/** All edges between this task and one peer share a port; this routes what arrives. */
export class PeerLink {
  private readonly port: MessagePort;
  private readonly senders = new Map<number, PortSender>();
  private readonly receivers = new Map<number, (element: Element, bytes: number) => void>();
  private readonly wake: () => void;

  constructor(port: MessagePort, wake: () => void) {
    this.port = port;
    this.wake = wake;
    port.on('message', (message: PeerMessage) => this.onMessage(message));
  }

  sender(edge: number): PortSender {
    const sender = new PortSender(this.port, edge);
    this.senders.set(edge, sender);
    return sender;
  }

  receive(edge: number, gate: InputGate, input: number): void {
    const channel = gate.addChannel(input, (bytes) => {
      if (bytes > 0) this.port.postMessage({ type: 'credit', edge, bytes } satisfies PeerMessage);
    });
    this.receivers.set(edge, (element, bytes) => gate.offer(channel, element, bytes));
  }

  private onMessage(message: PeerMessage): void {
    if (message.type === 'credit') this.senders.get(message.edge)?.addCredit(message.bytes);
    else this.receivers.get(message.edge)?.(message.element, message.bytes);
    this.wake();
  }

  close(): void {
    this.port.close();
  }
}
