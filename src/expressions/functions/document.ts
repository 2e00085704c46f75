import type { ExampleValue, FunctionDefinition } from './definition.ts';
import { FUNCTION_GROUPS } from './registry.ts';

/** docs/functions.md: every function of the registry with its forms, meaning and examples. */
export function renderFunctions(): string {
  const parts = [
    '# Functions and operators',
    'Made from the function registry (`src/expressions/functions/`) by `npm run docs:functions`. Each example is a test.',
    'If nothing else is said, a NULL argument makes the result NULL, and positions are counted in characters from 1.',
    ...FUNCTION_GROUPS.flatMap((group) => [`## ${group.title}`, ...group.functions.map(renderFunction)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function renderFunction(definition: FunctionDefinition): string {
  const calls = definition.signatures.map((signature) => `${definition.name}(${signature.shown})`);
  const aliases = (definition.aliases ?? []).map((alias) => `\`${alias}\``);
  const forms = definition.syntax ?? calls;
  const lines = [
    `### ${definition.name}`,
    forms.map((form) => `\`${form}\``).join(', '),
    `${definition.doc}${aliases.length === 0 ? '' : ` Also called ${aliases.join(', ')}.`}`,
  ];
  const examples = definition.examples.map(([sql, value]) => `${sql}  -- ${renderValue(value)}`);
  if (examples.length > 0) lines.push(['```sql', ...examples, '```'].join('\n'));
  return lines.join('\n\n');
}

function renderValue(value: ExampleValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value || "''" : `[${value.map(renderValue).join(', ')}]`;
}
