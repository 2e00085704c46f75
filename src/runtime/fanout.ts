import type { Batch } from '../data/batch.ts';
import type { Output } from '../operators/operator.ts';
import type { Exchange } from './exchange.ts';
import type { Receiver } from './input-gate.ts';

/** One outgoing edge of a node. */
export interface Edge {
  emit(batch: Batch): void;
  watermark(time: number): void;
  barrier(epoch: number): void;
  readonly blocked: boolean;
}

/** To a node on the same thread with a single input: a plain call. */
export class DirectEdge implements Edge {
  private readonly target: Receiver;

  constructor(target: Receiver) {
    this.target = target;
  }
  get blocked(): boolean {
    return this.target.blocked === true;
  }
  emit(batch: Batch): void {
    this.target.batch(0, batch);
  }
  watermark(time: number): void {
    this.target.watermark(time);
  }
  barrier(epoch: number): void {
    this.target.barrier(epoch);
  }
}

export class ExchangeEdge implements Edge {
  private readonly exchange: Exchange;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }
  get blocked(): boolean {
    return this.exchange.blocked;
  }
  emit(batch: Batch): void {
    this.exchange.emit(batch);
  }
  watermark(time: number): void {
    this.exchange.broadcast({ type: 'watermark', time });
  }
  barrier(epoch: number): void {
    this.exchange.broadcast({ type: 'barrier', epoch });
  }
}

/** All outgoing edges of a node; what operators see as their output. */
export class Fanout implements Output {
  readonly edges: Edge[] = [];

  get blocked(): boolean {
    return this.edges.some((edge) => edge.blocked);
  }

  emit(batch: Batch): void {
    if (batch.selectedCount === 0) return;
    for (const edge of this.edges) edge.emit(batch);
  }
  watermark(time: number): void {
    for (const edge of this.edges) edge.watermark(time);
  }
  barrier(epoch: number): void {
    for (const edge of this.edges) edge.barrier(epoch);
  }
}
