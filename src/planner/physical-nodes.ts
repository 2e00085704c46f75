import { readsWatermark } from '../expressions/index.ts';
import { digest, type Meaning } from './fingerprint.ts';
import type { PhysicalNode } from './physical.ts';
import { type Pane, paneOf } from './window-panes.ts';

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
    const panes = new Map<number, Map<string, Pane>>();
    for (const node of this.nodes) {
      const pane = cutsOf(node);
      if (pane === undefined) continue;
      const { size, offset } = pane;
      for (const index of this.watermarksBelow(node)) {
        const known = panes.get(index) ?? new Map<string, Pane>();
        panes.set(index, known.set(`${size}/${offset}`, { size, offset }));
      }
    }
    return this.nodes.map((node, i) =>
      node.op === 'watermark' ? { ...node, panes: [...(panes.get(i)?.values() ?? [])] } : node,
    );
  }

  private watermarksBelow(node: PhysicalNode): readonly number[] {
    if (node.op === 'watermark') return [node.index];
    return node.inputs.flatMap((input) => this.watermarksBelow(this.nodes[input]));
  }
}

/** Where the watermark must be told exactly: at the ends of windows, and always where an expression shows it. */
function cutsOf(node: PhysicalNode): Pane | undefined {
  if (node.op === 'window-aggregate') return node.window.kind === 'session' ? undefined : paneOf(node.window);
  if (node.op !== 'calc') return undefined;
  const exprs = node.filter === undefined ? node.projections : [node.filter, ...node.projections];
  return exprs.some(readsWatermark) ? { size: 1, offset: 0 } : undefined;
}
