import type { SourcePosition } from '../data/errors.ts';
import { SqlError } from './errors.ts';

/** Later stages walk the tree recursively; `a + a + ..` makes one as deep as it is long. */
export const MAX_TREE_DEPTH = 1000;

/** Throws `sql-too-deep` for a tree that could exhaust the stack of what walks it. Does not recurse itself. */
export function checkDepth(root: unknown, fallback: SourcePosition, source: string): void {
  const stack: { node: unknown; depth: number; position: SourcePosition }[] = [
    { node: root, depth: 0, position: fallback },
  ];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node } = top;
    if (typeof node !== 'object' || node === null) continue;
    const isNode = 'kind' in node;
    const depth = top.depth + (isNode ? 1 : 0);
    const position = 'position' in node ? (node.position as SourcePosition) : top.position;
    if (depth > MAX_TREE_DEPTH) {
      throw new SqlError({
        code: 'sql-too-deep',
        summary: `more than ${MAX_TREE_DEPTH} operators build on each other`,
        position,
        hint: 'split it with views, or use IN (..) for many alternatives',
        source,
      });
    }
    for (const child of Object.values(node)) stack.push({ node: child, depth, position });
  }
}
