import { digest, type Meaning } from './fingerprint.ts';
import type { PhysicalNode } from './physical.ts';

type Common = 'index' | 'id' | 'fingerprint';
type WithoutCommon<T> = T extends unknown ? Omit<T, Common> : never;
/** A node before it has its place, id and fingerprint. */
export type NodeDraft = WithoutCommon<PhysicalNode>;

/** The growing list of a plan's nodes: gives places, stable ids and fingerprints. */
export class NodeList {
  readonly nodes: PhysicalNode[] = [];
  private readonly meanings: Meaning[] = [];
  private readonly ordinals = new Map<string, number>();

  /** Adds a node of the part of the plan that `owner` (a table) names; returns its place. */
  add(owner: string, draft: NodeDraft, meaning: Meaning): number {
    const index = this.nodes.length;
    const prefix = `${owner}/${draft.op}`;
    const ordinal = (this.ordinals.get(prefix) ?? 0) + 1;
    this.ordinals.set(prefix, ordinal);
    // Sources and watermarks keep their identity when other columns are read.
    const onlyRows = draft.op === 'source' || draft.op === 'watermark';
    const fingerprint = digest(onlyRows ? [draft.op, meaning.rows] : [draft.op, meaning]);
    this.nodes.push({ ...draft, index, id: `${prefix}/${ordinal}`, fingerprint });
    this.meanings.push(meaning);
    return index;
  }

  meaning(index: number): Meaning {
    return this.meanings[index];
  }

  /** The list, every watermark knowing the windows above it. */
  finish(): readonly PhysicalNode[] {
    const panes = new Map<number, Map<string, { readonly size: number; readonly offset: number }>>();
    for (const node of this.nodes) {
      if (node.op !== 'window-aggregate') continue;
      const { size, offset } = node.window;
      for (const index of this.watermarksBelow(node)) {
        const known = panes.get(index) ?? new Map<string, { readonly size: number; readonly offset: number }>();
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
