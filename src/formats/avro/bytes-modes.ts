import type { BytesMode, BytesSlot, Slot, SlotSet } from '../slots/index.ts';
import type { Plan, Step } from './plan.ts';

/**
 * Says for each column of bytes where its ranges point, given all writers so far: a column that gets enums and strings
 * must copy both into one buffer. True when a mode changed.
 */
export function chooseModes(slots: SlotSet, writers: readonly (readonly Step[])[]): boolean {
  const uses = new Map<BytesSlot, Set<'source' | 'symbols'>>();
  for (const steps of writers) visitSteps(steps, uses);
  let changed = false;
  for (const slot of slots.all) {
    if (!isBytes(slot)) continue;
    const mode = modeOf(uses.get(slot));
    if (mode !== slot.mode) changed = true;
    slot.mode = mode;
  }
  return changed;
}

function isBytes(slot: Slot): slot is BytesSlot {
  return slot.layout === 'bytes';
}

function modeOf(uses: ReadonlySet<'source' | 'symbols'> | undefined): BytesMode {
  if (uses === undefined || !uses.has('symbols')) return 'source';
  return uses.has('source') ? 'own' : 'symbols';
}

type Uses = Map<BytesSlot, Set<'source' | 'symbols'>>;

function visitSteps(steps: readonly Step[], uses: Uses): void {
  for (const step of steps) if ('read' in step) visit(step.read, uses);
}

function visit(plan: Plan, uses: Uses): void {
  switch (plan.op) {
    case 'bytes':
    case 'fixed':
      return note(plan.slot, 'source', uses);
    case 'enum':
      return note(plan.slot, 'symbols', uses);
    case 'constant':
      if (isBytes(plan.slot)) note(plan.slot, 'symbols', uses);
      return;
    case 'array':
      return visit(plan.element, uses);
    case 'map':
      return visit(plan.value, uses);
    case 'row':
      return visitSteps(plan.steps, uses);
    case 'union':
      for (const branch of plan.branches) visit(branch, uses);
      return;
    default:
      return;
  }
}

function note(slot: BytesSlot, use: 'source' | 'symbols', uses: Uses): void {
  const known = uses.get(slot);
  if (known === undefined) uses.set(slot, new Set([use]));
  else known.add(use);
}
