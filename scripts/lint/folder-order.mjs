/** Folders of src/ from the bottom up: a folder imports only from itself and from folders before it. */
const ORDER = [
  'data',
  'state',
  'expressions',
  'sql',
  'planner',
  'operators',
  'checkpoint',
  'store',
  'formats',
  'connectors',
  'runtime',
  'observability',
  'server',
  'cli',
];
/** observability/ may be imported from checkpoint/ down the list. */
const OBSERVABILITY_FROM = ORDER.indexOf('checkpoint');

export const folderOrder = {
  meta: { type: 'problem', schema: [], messages: { order: '{{text}}' } },
  create(context) {
    const match = /\/src\/([^/]+)\//.exec(context.filename);
    if (match === null) return {};
    const from = ORDER.indexOf(match[1]);
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const resolved = new URL(source, `file://${context.filename}`).pathname;
      const target = /\/src\/([^/]+)\//.exec(resolved);
      if (target === null) return;
      const to = ORDER.indexOf(target[1]);
      if (to <= from || (target[1] === 'observability' && from >= OBSERVABILITY_FROM)) return;
      context.report({
        node,
        messageId: 'order',
        data: {
          text: `src/${match[1]}/ may not import src/${target[1]}/: data flows one way, so a folder knows only those before it (${ORDER.join(' -> ')}).`,
        },
      });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
