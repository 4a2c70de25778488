// Pages of functions that programs call: helpers and kfuncs.

import { assertNever } from '../base/index.ts';
import { availabilityText, sinceText } from './availability.ts';
import type { ArgKind, HelperEffect, HelperRow, SockOpsHelper } from './helper-row.ts';
import type { KfuncArgKind, KfuncRow } from './kfunc-row.ts';
import { shortOpName } from './meaning.ts';
import type { Page, PageFact } from './page.ts';
import type { KernelView } from './view.ts';

/** What an argument must be, in words. */
export function argumentText(arg: ArgKind): string {
  const orNull = 'nullable' in arg && arg.nullable ? ', or NULL' : '';
  switch (arg.kind) {
    case 'anything':
      return 'any value';
    case 'ctx':
      return `the context${orNull}`;
    case 'map':
      return 'a map (&name)';
    case 'map-key':
      return 'pointer to a key of the map';
    case 'map-value':
      return `pointer to ${arg.writes ? 'room for a value' : 'a value'} of the map${orNull}`;
    case 'memory':
      return `pointer to ${arg.uninitialised ? 'room that is filled' : arg.writes ? 'memory that is read and written' : 'memory that is read'}, of the length in the next argument${orNull}`;
    case 'fixed-memory':
      return `pointer to ${arg.size} bytes`;
    case 'size':
      return `length of the memory before${arg.zeroAllowed ? '' : ', not 0'}, with bounds that the verifier knows`;
    case 'alloc-size':
      return 'length, a constant';
    case 'spin-lock':
      return 'pointer to a bpf_spin_lock in a map value';
    case 'timer':
      return 'pointer to a bpf_timer in a map value';
    case 'sock-common':
      return 'a socket, compared with NULL before';
    case 'btf-sock-common':
      return 'a socket or a kernel socket structure, compared with NULL before';
    case 'btf-pointer':
      return arg.type === '*' ? `a kernel pointer of the slot's type${orNull}` : `a struct ${arg.type}${orNull}`;
    case 'percpu-btf':
      return 'a kernel per-cpu variable (extern ... __ksym)';
    case 'function':
      return 'a static function of the program';
    case 'stack-or-null':
      return 'pointer to the stack, or NULL';
    case 'const-string':
      return 'a constant string in a read-only map';
    case 'ringbuf-memory':
      return 'a record from bpf_ringbuf_reserve()';
    case 'dynptr':
      return arg.creates ? 'an empty dynptr on the stack' : arg.of === 'any' ? 'a dynptr' : `a ${arg.of} dynptr`;
    case 'kptr-slot':
      return 'pointer to a __kptr field';
    default:
      return assertNever(arg, 'argumentText');
  }
}

const EFFECTS: Readonly<Record<HelperEffect, string>> = {
  'may-sleep': 'may sleep, so it can never be called from sock_ops',
  acquires: 'gives something that must be given back on every path',
  releases: 'gives back what was acquired',
  'invalidates-packet': 'packet pointers must be checked again after it',
  'calls-back': 'calls a function of the program',
  'takes-lock': 'holds a lock until bpf_spin_unlock()',
  'drops-lock': 'ends the locked section',
  'ends-program': 'does not come back when it succeeds',
};

/** The page of a helper. */
export function describeHelper(row: HelperRow, views: readonly KernelView[]): Page {
  const base = {
    title: row.name,
    kind: `helper ${row.id}`,
    declaration: `${row.prototype};`,
    lead: row.doc,
    source: row.source,
  };
  if (!row.sockOps) {
    const facts: PageFact[] = [
      { label: 'In sock_ops', text: 'never: the verifier refuses it in programs of this type' },
      { label: 'Exists', text: availabilityText('helpers', row.exists, []) },
    ];
    if (row.instead !== undefined) facts.push({ label: 'Instead', text: row.instead });
    return { ...base, facts, pitfalls: [], seeAlso: [] };
  }
  const { sockOps } = row;
  return {
    ...base,
    facts: helperFacts(row, sockOps, views),
    pitfalls: sockOps.pitfalls ?? [],
    ...(sockOps.example === undefined ? {} : { example: sockOps.example }),
    seeAlso: sockOps.ops ?? [],
  };
}

function helperFacts(row: HelperRow, sockOps: SockOpsHelper, views: readonly KernelView[]): PageFact[] {
  const facts: PageFact[] = [{ label: 'In sock_ops', text: availabilityText('helpers', sockOps.lifetimes, views) }];
  if (row.exists[0]!.since < sockOps.lifetimes[0]!.since) {
    facts.push({ label: 'Elsewhere', text: availabilityText('helpers', row.exists, []) });
  }
  for (const argument of sockOps.arguments) facts.push({ label: argument.name, text: argumentText(argument.arg) });
  facts.push({ label: 'Result', text: sockOps.result });
  if (sockOps.ops) facts.push({ label: 'Works in', text: sockOps.ops.map(shortOpName).join(', ') });
  if (sockOps.gplOnly) facts.push({ label: 'License', text: 'the program must have a GPL-compatible license' });
  if (sockOps.capability !== 'none')
    facts.push({ label: 'Needs', text: `${sockOps.capability} when the program is loaded` });
  for (const effect of sockOps.effects) facts.push({ label: 'Effect', text: EFFECTS[effect] });
  return facts;
}

/** What a kfunc's argument must be, in words. */
export function kfuncArgumentText(arg: KfuncArgKind): string {
  switch (arg.kind) {
    case 'scalar':
      return arg.constant ? 'a constant number' : 'a number';
    case 'ctx':
      return 'the context';
    case 'memory':
      return `pointer to memory${arg.nullable ? ', or NULL' : ''}`;
    case 'size':
      return `length of the memory before${arg.constant ? ', a constant' : ''}`;
    case 'btf-pointer':
      return `a trusted struct ${arg.type}${arg.nullable ? ', or NULL' : ''}`;
    case 'dynptr':
      return arg.creates ? 'an empty dynptr on the stack' : 'a dynptr';
    case 'iterator':
      return `a struct ${arg.type} on the stack`;
    case 'allocated':
      return 'an object from bpf_obj_new()';
    case 'list-head':
      return 'a bpf_list_head in a map value or object';
    case 'list-node':
      return 'a bpf_list_node in an object';
    case 'tree-root':
      return 'a bpf_rb_root in a map value or object';
    case 'tree-node':
      return 'a bpf_rb_node in an object';
    case 'function':
      return 'a static function of the program';
    case 'map':
      return 'a map';
    case 'const-string':
      return 'a constant string in a read-only map';
    case 'irq-flag':
      return 'an unsigned long on the stack';
    case 'spin-lock':
      return 'a bpf_res_spin_lock in a map value';
    case 'work-queue':
      return 'a bpf_wq in a map value';
    case 'task-work':
      return 'a bpf_task_work in a map value';
    case 'ignored':
      return 'not looked at';
    default:
      return assertNever(arg, 'kfuncArgumentText');
  }
}

/** The page of a kfunc. */
export function describeKfunc(row: KfuncRow, views: readonly KernelView[]): Page {
  const facts: PageFact[] = [{ label: 'In sock_ops', text: availabilityText('kfuncs', row.lifetimes, views) }];
  for (const argument of row.arguments) facts.push({ label: argument.name, text: kfuncArgumentText(argument.arg) });
  facts.push({ label: 'Result', text: row.result });
  if (row.flags.includes('acquire'))
    facts.push({ label: 'Effect', text: 'gives something that must be released on every path' });
  if (row.flags.includes('ret-null')) facts.push({ label: 'Check', text: 'the result must be compared with NULL' });
  if (row.sleepable) {
    facts.push({ label: 'Refused', text: `${sinceText(row.sleepable)}: it may sleep, and sock_ops programs cannot` });
  }
  return {
    title: row.name,
    kind: 'kernel function',
    declaration: `extern ${row.prototype} __ksym;`,
    lead: row.doc,
    facts,
    pitfalls: [],
    seeAlso: [],
    source: row.source,
  };
}
