import { unreachable } from '../../data/errors.ts';
import { ASCII, parseSimpleRegex, type RegexNode } from './regex-syntax.ts';

/** What an automaton says of a text: 1 it matches, 0 it does not, -1 it cannot tell. */
export type Verdict = 1 | 0 | -1;

/** More states than these, and the automaton says of each further text that it cannot tell. */
const MOST_STATES = 256;
const MOST_STEPS = 1000;
/** Rows of the table that are no sets of steps; those of sets follow. */
const DEAD = 0;
const FOUND = ASCII;
const UNKNOWN = -1;
const FULL = -2;

/**
 * A deterministic automaton over the bytes of ASCII texts, made while it runs: a look into a table a byte, and no text
 * is decoded. It does not know texts with other characters. `whole`: all of the text has to match, else any part.
 * undefined when the pattern has more than `parseSimpleRegex` knows, or is long.
 */
export function createAutomaton(pattern: string, whole: boolean): Automaton | undefined {
  const node = parseSimpleRegex(pattern);
  if (node === undefined) return undefined;
  const steps = new Steps();
  const first = steps.add(node, steps.accept);
  return first === undefined ? undefined : new Automaton(steps.all, first, whole);
}

/** A step of the nondeterministic automaton: what it needs, and where it leads. */
type Step =
  | { readonly kind: 'accept' }
  | { readonly kind: 'char'; readonly accepts: Uint8Array; readonly next: number }
  | { readonly kind: 'begin' | 'end'; readonly next: number }
  | { readonly kind: 'fork'; next: readonly number[] };

class Steps {
  readonly all: Step[] = [{ kind: 'accept' }];
  readonly accept = 0;

  /** The step that begins with the node and goes on with `next`; undefined when there are too many. */
  add(node: RegexNode, next: number): number | undefined {
    if (this.all.length > MOST_STEPS) return undefined;
    switch (node.kind) {
      case 'char':
        return this.push({ kind: 'char', accepts: node.accepts, next });
      case 'begin':
      case 'end':
        return this.push({ kind: node.kind, next });
      case 'sequence':
        return node.parts.reduceRight<number | undefined>(
          (after, part) => (after === undefined ? undefined : this.add(part, after)),
          next,
        );
      case 'choice': {
        const ways = node.parts.flatMap((part) => this.add(part, next) ?? []);
        return ways.length < node.parts.length ? undefined : this.push({ kind: 'fork', next: ways });
      }
      case 'repeat':
        return this.repeat(node.part, node.least, node.most, next);
      default:
        return unreachable(node);
    }
  }

  private repeat(part: RegexNode, least: number, most: number, next: number): number | undefined {
    let at: number | undefined = next;
    if (most === Infinity) {
      const fork: Step = { kind: 'fork', next: [] };
      at = this.push(fork);
      const again = this.add(part, at);
      if (again === undefined) return undefined;
      fork.next = [again, next];
    }
    for (let i = most === Infinity ? least : most; i > 0 && at !== undefined; i--) {
      const taken: number | undefined = this.add(part, at);
      if (taken === undefined) return undefined;
      at = i > least ? this.push({ kind: 'fork', next: [taken, next] }) : taken;
    }
    return at;
  }

  private push(step: Step): number {
    return this.all.push(step) - 1;
  }
}

export class Automaton {
  private readonly steps: readonly Step[];
  private readonly first: number;
  private readonly whole: boolean;
  /** Of each state (a multiple of ASCII) and character the next state. */
  private table = new Int16Array(16 * ASCII).fill(UNKNOWN);
  /** By state / ASCII: the character steps in it, and whether a text that ends there matches. */
  private readonly sets: (readonly number[])[] = [[], []];
  private readonly matchesAtEnd: boolean[] = [false, true];
  private readonly known = new Map<string, number>();
  private readonly start: number;

  constructor(steps: readonly Step[], first: number, whole: boolean) {
    this.steps = steps;
    this.first = first;
    this.whole = whole;
    this.start = this.state([first], true);
  }

  test(bytes: Uint8Array, start: number, end: number): Verdict {
    let { table } = this;
    let state = this.start;
    for (let p = start; p < end; p++) {
      if (state <= FOUND) return state === FOUND ? 1 : 0;
      const byte = bytes[p];
      if (byte >= ASCII) return -1;
      let next = table[state + byte];
      if (next < 0) {
        next = next === UNKNOWN ? this.learn(state, byte) : next;
        if (next === FULL) return -1;
        table = this.table;
      }
      state = next;
    }
    return this.matchesAtEnd[state >> 7] ? 1 : 0;
  }

  /** Computes a place of the table. */
  private learn(state: number, byte: number): number {
    const after: number[] = this.whole ? [] : [this.first];
    for (const index of this.sets[state >> 7]) {
      const step = this.steps[index];
      if (step.kind === 'char' && step.accepts[byte] === 1) after.push(step.next);
    }
    const next = this.state(after, false);
    this.table[state + byte] = next;
    return next;
  }

  /** The state of being at these steps. */
  private state(at: readonly number[], atBegin: boolean): number {
    const reached = this.reach(at, atBegin, false);
    const accepted = reached.has(0);
    if (accepted && !this.whole) return FOUND;
    const set = [...reached].filter((index) => this.steps[index].kind === 'char').sort((a, b) => a - b);
    const matchesAtEnd = accepted || this.reach(at, atBegin, true).has(0);
    if (set.length === 0 && !matchesAtEnd && this.whole) return DEAD;
    const key = `${set.join()}${matchesAtEnd ? '$' : ''}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (this.sets.length >= MOST_STATES) return FULL;
    const state = (this.sets.push(set) - 1) * ASCII;
    this.matchesAtEnd.push(matchesAtEnd);
    this.known.set(key, state);
    if (this.table.length < state + ASCII) {
      const larger = new Int16Array(this.table.length * 2).fill(UNKNOWN);
      larger.set(this.table);
      this.table = larger;
    }
    return state;
  }

  /** All steps that are reached without a character. */
  private reach(from: readonly number[], atBegin: boolean, atEnd: boolean): ReadonlySet<number> {
    const reached = new Set<number>();
    const open = [...from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const step = this.steps[index];
      if (step.kind === 'fork') open.push(...step.next);
      else if ((step.kind === 'begin' && atBegin) || (step.kind === 'end' && atEnd)) open.push(step.next);
    }
    return reached;
  }
}
