// Our own mistakes, as opposed to problems of the user's program (problem.ts) and faults of the simulated one (vm/fault.ts).

/** Thrown when an invariant of Sockscope itself is broken. The shells catch it once per request and report it as an internal error. */
export class Bug extends Error {
  override readonly name = 'Bug';
}

/** The default arm of an exhaustive switch: compiles only when every member of the union has been handled. */
export function assertNever(value: never, where: string): never {
  throw new Bug(`unhandled case in ${where}: ${JSON.stringify(value)}`);
}

/** Demands an invariant of our own; `what` says which one. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Bug(`invariant broken: ${what}`);
}
