import { readsWatermark } from '../expressions/index.ts';
import type { Expr } from '../expressions/typed.ts';
import { digest, type Meaning } from './fingerprint.ts';
import type { CutPane, PhysicalNode } from './physical.ts';
import { paneOf } from './window-panes.ts';

type Common = 'index' | 'id' | 'fingerprint';
type WithoutCommon<T> = T extends unknown ? Omit<T, Common> : never;
/** A node before it has its place, id and fingerprint. */
export type NodeDraft = WithoutCommon<PhysicalNode>;

/** The growing list of a plan's nodes: gives places, stable ids and fingerprints. */
export class NodeList {
  readonly nodes: PhysicalNode[] = [];
  private readonly meanings: Meaning[] = [];
  private readonly ordinals = new Map<string, number>();
  /** Of the session. State made under another zone is not this query's. */
  private readonly zone: string;

  constructor(zone: string) {
    this.zone = zone;
  }

  /** Adds a node of the part of the plan that `owner` (a table) names; returns its place. */
  add(owner: string, draft: NodeDraft, meaning: Meaning): number {
    const index = this.nodes.length;
    const prefix = `${owner}/${draft.op}`;
    const ordinal = (this.ordinals.get(prefix) ?? 0) + 1;
    this.ordinals.set(prefix, ordinal);
    // Sources and watermarks keep their identity when other columns are read.
    const onlyRows = draft.op === 'source' || draft.op === 'watermark';
    const fingerprint = digest(
      onlyRows ? [draft.op, meaning.rows] : [draft.op, meaning, ...(this.zone === 'UTC' ? [] : [this.zone])],
    );
    this.nodes.push({ ...draft, index, id: `${prefix}/${ordinal}`, fingerprint });
    this.meanings.push(meaning);
    return index;
  }

  meaning(index: number): Meaning {
    return this.meanings[index];
  }

  /** The list, every watermark knowing the windows above it. */
  finish(): readonly PhysicalNode[] {
    const panes = new Map<number, Map<string, CutPane>>();
    const sessions = new Set<number>();
    const watched = new Set<number>();
    for (const node of this.nodes) {
      const isSession = assignsSessions(node);
      if (isSession || cutsOf(node).length > 0) for (const index of this.windowsBelow(node)) watched.add(index);
      for (const index of this.watermarksBelow(node)) {
        if (isSession) sessions.add(index);
        const known = panes.get(index) ?? new Map<string, CutPane>();
        for (const pane of cutsOf(node)) known.set(JSON.stringify(pane), pane);
        panes.set(index, known);
      }
      if (!isSession) continue;
      // A window below may send a row that touches a session which closed 1 ms before.
      for (const [index, pane] of this.cutsBelow(node)) {
        const before = { ...pane, offset: pane.offset - 1 };
        panes.set(index, (panes.get(index) ?? new Map<string, CutPane>()).set(JSON.stringify(before), before));
      }
    }
    return this.nodes.map((node, i) => {
      if (node.op === 'window-aggregate' && watched.has(i)) return { ...node, allWatermarks: true };
      if (node.op !== 'watermark') return node;
      return { ...node, panes: [...(panes.get(i)?.values() ?? [])], ...(sessions.has(i) ? { sessions: true } : {}) };
    });
  }

  private windowsBelow(node: PhysicalNode): readonly number[] {
    return node.inputs.flatMap((input) => {
      const below = this.nodes[input];
      return [...(below.op === 'window-aggregate' ? [input] : []), ...this.windowsBelow(below)];
    });
  }

  private cutsBelow(node: PhysicalNode): readonly (readonly [number, CutPane])[] {
    return node.inputs.flatMap((input) => {
      const below = this.nodes[input];
      const own = cutsOf(below).flatMap((pane) => this.watermarksBelow(below).map((index) => [index, pane] as const));
      return [...own, ...this.cutsBelow(below)];
    });
  }

  private watermarksBelow(node: PhysicalNode): readonly number[] {
    if (node.op === 'watermark') return [node.index];
    return node.inputs.flatMap((input) => this.watermarksBelow(this.nodes[input]));
  }
}

/** Where the watermark must be told exactly: at the ends of windows, and always where an expression shows it. */
function cutsOf(node: PhysicalNode): readonly CutPane[] {
  if (node.op === 'window-aggregate') {
    if (node.window.kind === 'session' || node.proctime === true) return [];
    return [{ ...paneOf(node.window), ...(node.local === true ? { local: true } : {}) }];
  }
  // A row is late or not by the rows before it.
  if (node.op === 'sort') return [{ size: 1, offset: 0 }];
  return expressionsOf(node).some(readsWatermark) ? [{ size: 1, offset: 0 }] : [];
}

function expressionsOf(node: PhysicalNode): readonly Expr[] {
  if (node.op === 'calc') return node.filter === undefined ? node.projections : [node.filter, ...node.projections];
  return node.op === 'unnest' && node.condition !== undefined ? [node.condition] : [];
}

function assignsSessions(node: PhysicalNode): boolean {
  if ((node.op !== 'window-table' && node.op !== 'window-aggregate') || node.proctime === true) return false;
  if (node.op === 'window-table') return node.window.kind === 'session';
  return node.op === 'window-aggregate' && node.window.kind === 'session' && node.attached !== true;
}
