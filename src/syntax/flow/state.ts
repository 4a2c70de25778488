// The state of one path: what variables hold, and what has been established so far. States are copied where paths part.

import type { Expr, Stmt } from '../ast.ts';
import { joinValues, UNKNOWN, type Value } from './value.ts';

export interface State {
  readonly variables: Map<string, Value>;
  /** Ids of pointers known not to be NULL, and known to be. */
  readonly nonNull: Set<string>;
  readonly isNull: Set<string>;
  /** Bytes from the start of a packet pointer that a comparison with skb_data_end has shown to exist. */
  readonly packetBytes: Map<string, number>;
  /** is_fullsock: established true, established false, or not asked. */
  fullSocket: boolean | undefined;
  /** The last write of reply on this path. */
  reply: { readonly node: Expr; readonly value: Value } | undefined;
  /** Calls made so far on this path, by helper name. */
  readonly calls: Map<string, Expr>;
  /** Whether something before this point was tested that narrows which connections come here. */
  filtered: boolean;
  /** Set after a use of a macro whose definition is not known: it may have returned, so nothing is concluded from what is missing. */
  vague: boolean;
}

export function emptyState(): State {
  return {
    variables: new Map(),
    nonNull: new Set(),
    isNull: new Set(),
    packetBytes: new Map(),
    fullSocket: undefined,
    reply: undefined,
    calls: new Map(),
    filtered: false,
    vague: false,
  };
}

export function copyState(state: State): State {
  return {
    variables: new Map(state.variables),
    nonNull: new Set(state.nonNull),
    isNull: new Set(state.isNull),
    packetBytes: new Map(state.packetBytes),
    fullSocket: state.fullSocket,
    reply: state.reply,
    calls: new Map(state.calls),
    filtered: state.filtered,
    vague: state.vague,
  };
}

const common = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): Set<T> => new Set([...a].filter((item) => b.has(item)));

/** What holds after two paths have met. */
export function joinStates(a: State | undefined, b: State | undefined): State | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  const variables = new Map<string, Value>();
  for (const [name, value] of a.variables) variables.set(name, joinValues(value, b.variables.get(name) ?? UNKNOWN));
  const packetBytes = new Map<string, number>();
  for (const [base, bytes] of a.packetBytes) {
    const other = b.packetBytes.get(base);
    if (other !== undefined) packetBytes.set(base, Math.min(bytes, other));
  }
  // A path that may have ended in an unknown macro takes nothing away from what the other one has established.
  const sure = a.vague === b.vague ? undefined : a.vague ? b : a;
  return {
    variables,
    nonNull: new Set(sure?.nonNull ?? common(a.nonNull, b.nonNull)),
    isNull: new Set(sure?.isNull ?? common(a.isNull, b.isNull)),
    packetBytes: sure === undefined ? packetBytes : new Map(sure.packetBytes),
    fullSocket: sure !== undefined ? sure.fullSocket : a.fullSocket === b.fullSocket ? a.fullSocket : undefined,
    vague: a.vague && b.vague,
    reply: joinReply(a, b),
    calls: new Map([...a.calls, ...b.calls]),
    filtered: a.filtered && b.filtered,
  };
}

function joinReply(a: State, b: State): State['reply'] {
  if (a.reply === undefined || b.reply === undefined) return a.reply ?? b.reply;
  return a.reply.node === b.reply.node
    ? { node: a.reply.node, value: joinValues(a.reply.value, b.reply.value) }
    : b.reply;
}

/** Where control can be after a statement. */
export interface Outcome {
  next: State | undefined;
  breaks: State | undefined;
  continues: State | undefined;
}

export const falls = (state: State | undefined): Outcome => ({ next: state, breaks: undefined, continues: undefined });

/** A statement that control has reached, for the reachability table. */
export type Reached = Map<Stmt | Expr, number>;
