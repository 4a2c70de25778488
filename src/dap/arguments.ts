// What each request must be given, checked before its handler runs: a client's slip is answered in words and never reaches the
// debugger. Only what a handler relies on is listed; further members pass.

import { z } from 'zod';
import { badArguments } from './errors.ts';

const text = z.string();
const whole = z.number().int();
const source = z.looseObject({ path: text.optional() });
const options = { condition: text.optional(), hitCondition: text.optional(), logMessage: text.optional() };
const frame = { frameId: whole.optional() };

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  setBreakpoints: z.looseObject({
    source,
    breakpoints: z.array(z.looseObject({ line: whole, column: whole.optional(), ...options })).optional(),
  }),
  setFunctionBreakpoints: z.looseObject({ breakpoints: z.array(z.looseObject({ name: text, ...options })) }),
  setInstructionBreakpoints: z.looseObject({
    breakpoints: z.array(z.looseObject({ instructionReference: text, offset: whole.optional(), ...options })),
  }),
  setDataBreakpoints: z.looseObject({
    breakpoints: z.array(z.looseObject({ dataId: text, accessType: text.optional(), ...options })),
  }),
  setExceptionBreakpoints: z.looseObject({
    filters: z.array(text),
    filterOptions: z.array(z.looseObject({ filterId: text })).optional(),
  }),
  dataBreakpointInfo: z.looseObject({ name: text, variablesReference: whole.optional(), ...frame }),
  breakpointLocations: z.looseObject({ source, line: whole, endLine: whole.optional() }),
  stackTrace: z.looseObject({ threadId: whole, startFrame: whole.optional(), levels: whole.optional() }),
  scopes: z.looseObject({ frameId: whole }),
  variables: z.looseObject({ variablesReference: whole, start: whole.optional(), count: whole.optional() }),
  setVariable: z.looseObject({ variablesReference: whole, name: text, value: text }),
  setExpression: z.looseObject({ expression: text, value: text, ...frame }),
  evaluate: z.looseObject({ expression: text, context: text.optional(), ...frame }),
  completions: z.looseObject({ text, column: whole, ...frame }),
  source: z.looseObject({ sourceReference: whole.optional() }),
  stepInTargets: z.looseObject({ frameId: whole }),
  gotoTargets: z.looseObject({ source, line: whole }),
  goto: z.looseObject({ targetId: whole }),
  restartFrame: z.looseObject({ frameId: whole }),
  readMemory: z.looseObject({ memoryReference: text, offset: whole.optional(), count: whole }),
  writeMemory: z.looseObject({ memoryReference: text, offset: whole.optional(), data: text }),
  disassemble: z.looseObject({
    memoryReference: text,
    offset: whole.optional(),
    instructionOffset: whole.optional(),
    instructionCount: whole,
  }),
  'sockscope/goToPosition': z.looseObject({ event: whole.min(0), insn: whole.min(0) }),
  'sockscope/whereFrom': z.looseObject({ expression: text, ...frame }),
};

/** Throws an error answer when a request lacks what its handler needs. */
export function checkArguments(command: string, args: unknown): void {
  const parsed = Object.hasOwn(SCHEMAS, command) ? SCHEMAS[command]?.safeParse(args) : undefined;
  const [issue] = parsed?.error?.issues ?? [];
  if (issue !== undefined) throw badArguments(`${command}: ${issueText(issue, args)}`);
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** One sentence about the first thing that is wrong: where, what was wanted, what is there. */
export function issueText(issue: z.core.$ZodIssue, args: unknown): string {
  const path = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
  const name = path === '' ? 'the arguments' : `"${path}"`;
  const given = issue.path.reduce<unknown>(
    (value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step],
    args,
  );
  const wanted = issue.code === 'invalid_type' ? (WORDS[issue.expected] ?? issue.expected) : undefined;
  if (given === undefined) return `${name} is missing${wanted === undefined ? '' : `; it must be ${wanted}`}`;
  const shown = JSON.stringify(given);
  const what = shown === undefined || 60 < shown.length ? '' : `, not ${shown}`;
  if (wanted !== undefined) return `${name} must be ${wanted}${what}`;
  if (issue.code === 'too_small') return `${name} must be at least ${issue.minimum}${what}`;
  return shown === undefined || 60 < shown.length
    ? `${name} has a value of the wrong kind`
    : `${name} cannot be ${shown}`;
}
