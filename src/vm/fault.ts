// How a running program goes wrong: a closed set of faults as plain data, and the one place where their words are made.
// A fault is part of the machine's state (the program stays where it faulted); it is never an exception.

import { assertNever } from '../base/index.ts';

/** Where the instruction stands that faulted. */
export interface FaultPlace {
  /** Name of the running program (after tail calls, the one called last). */
  readonly program: string;
  readonly slot: number;
}

export type AccessMode = 'read' | 'write';

/** What an address belongs to, as a person would say it. Sizes in bytes. */
export type RegionName =
  | { readonly kind: 'context'; readonly size: number }
  | { readonly kind: 'stack'; readonly frame: number; readonly size: number }
  | {
      readonly kind: 'map-value';
      readonly map: string;
      /** Hex of the key, or the decimal index of an array; undefined where the element has none. */
      readonly key: string | undefined;
      readonly cpu: number | undefined;
      readonly size: number;
    }
  | { readonly kind: 'map-key'; readonly map: string; readonly size: number }
  | { readonly kind: 'program-data'; readonly section: string; readonly size: number }
  | { readonly kind: 'packet'; readonly size: number }
  | { readonly kind: 'input'; readonly size: number }
  | { readonly kind: 'sock'; readonly type: 'bpf_sock' | 'bpf_tcp_sock'; readonly size: number }
  | { readonly kind: 'kernel-object'; readonly type: string; readonly size: number }
  | { readonly kind: 'ringbuf-record'; readonly map: string; readonly size: number }
  | { readonly kind: 'dynptr-data'; readonly size: number }
  | { readonly kind: 'allocated-object'; readonly typeId: number; readonly size: number }
  | { readonly kind: 'map-object'; readonly map: string; readonly size: number };

/** Why an access was refused. */
export type AccessFault =
  /** The address lies in the null page; `offset` from 0. */
  | { readonly kind: 'null-pointer'; readonly offset: number }
  /** The register was never written. */
  | { readonly kind: 'uninitialised-register'; readonly register: number; readonly offset: number }
  /** The pointer came out of a stack slot that was never written. */
  | { readonly kind: 'uninitialised-stack' }
  /** Beside a region: `offset` is counted from its start and is negative before it. */
  | { readonly kind: 'out-of-bounds'; readonly region: RegionName; readonly offset: number }
  /** The pointer's region was deleted, released or popped. */
  | { readonly kind: 'use-after-free'; readonly region: RegionName; readonly offset: number }
  | { readonly kind: 'read-only'; readonly region: RegionName; readonly offset: number }
  /** A pointer that may be passed on but not followed (map objects, functions). */
  | { readonly kind: 'opaque'; readonly region: RegionName }
  | { readonly kind: 'function-pointer'; readonly slot: number }
  /** No region was ever there. */
  | { readonly kind: 'wild' };

/** A refused access with its instruction's or helper argument's particulars. */
export interface AccessRefusal {
  readonly access: AccessFault;
  readonly mode: AccessMode;
  readonly size: number;
  /** The 64-bit address as an unsigned number. */
  readonly address: bigint;
}

export type Fault = { readonly place: FaultPlace } & (
  | ({
      readonly kind: 'access';
      /** The argument of the helper that was running, when a helper made the access. */
      readonly argument?: { readonly helper: string; readonly index: number; readonly what: string };
    } & AccessRefusal)
  /** A helper got an argument that no verified program could give it. */
  | { readonly kind: 'bad-argument'; readonly helper: string; readonly index: number; readonly why: string }
  | { readonly kind: 'unknown-helper'; readonly helper: number }
  | { readonly kind: 'unknown-kfunc'; readonly btfId: number }
  /** A helper or kernel function that exists and that the target kernel keeps from sock_ops programs. */
  | { readonly kind: 'refused-call'; readonly what: string; readonly why: string }
  /** A helper, map or instruction that exists and that Sockscope has no model of. */
  | { readonly kind: 'unmodelled'; readonly what: string; readonly reason: string }
  | { readonly kind: 'invalid-instruction'; readonly why: string }
  | { readonly kind: 'jump-out-of-program'; readonly target: number }
  | { readonly kind: 'fell-off-the-end' }
  | { readonly kind: 'call-depth'; readonly limit: number }
  | { readonly kind: 'budget-exhausted'; readonly budget: number }
  /** __bpf_trap(): the compiler put it where the program's behaviour is undefined. */
  | { readonly kind: 'trap-reached' }
  /** A step that this kernel version would not survive (context conversion with dst == src up to 5.8). */
  | { readonly kind: 'kernel-oops'; readonly why: string }
);

export type FaultKind = Fault['kind'];

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
const bytes = (n: number): string => count(n, 'byte');

/** "the value of map `config` (16 bytes)" */
export function regionText(region: RegionName): string {
  switch (region.kind) {
    case 'context':
      return `the context (${bytes(region.size)})`;
    case 'stack':
      return region.frame === 0
        ? `the stack (${bytes(region.size)})`
        : `the stack of call frame ${region.frame} (${bytes(region.size)})`;
    case 'map-value': {
      const key = region.key === undefined ? '' : ` at key ${region.key}`;
      const cpu = region.cpu === undefined ? '' : ` on CPU ${region.cpu}`;
      return `the value of map \`${region.map}\`${key}${cpu} (${bytes(region.size)})`;
    }
    case 'map-key':
      return `a key of map \`${region.map}\` (${bytes(region.size)})`;
    case 'program-data':
      return `the data section \`${region.section}\` (${bytes(region.size)})`;
    case 'packet':
      return `the packet (${bytes(region.size)} between skb_data and skb_data_end)`;
    case 'input':
      return `the input memory (${bytes(region.size)})`;
    case 'sock':
      return `struct ${region.type} (${bytes(region.size)})`;
    case 'kernel-object':
      return `the kernel's struct ${region.type}`;
    case 'ringbuf-record':
      return `a record of ring buffer \`${region.map}\` (${bytes(region.size)})`;
    case 'dynptr-data':
      return `the data of a dynptr (${bytes(region.size)})`;
    case 'allocated-object':
      return `an object from bpf_obj_new() (${bytes(region.size)})`;
    case 'map-object':
      return `map \`${region.map}\``;
    default:
      return assertNever(region, 'regionText');
  }
}

const REGION_SIZE = (region: RegionName): number => region.size;

function placeText(region: RegionName, offset: number, size: number): string {
  const name = regionText(region);
  const limit = REGION_SIZE(region);
  if (offset < 0) {
    return region.kind === 'stack'
      ? `${bytes(-offset)} below the lowest byte of ${name}`
      : `${bytes(-offset)} before the start of ${name}`;
  }
  if (offset >= limit) {
    const past = offset - limit;
    return past === 0 ? `just past the end of ${name}` : `${bytes(past)} past the end of ${name}`;
  }
  return `at offset ${offset}, of which the last ${bytes(offset + size - limit)} lie past the end of ${name}`;
}

function whyFreed(region: RegionName): string {
  switch (region.kind) {
    case 'map-value':
    case 'map-key':
      return 'whose element has been deleted';
    case 'ringbuf-record':
      return 'that has been submitted or discarded';
    case 'stack':
      return 'that has returned';
    default:
      return 'that has been released';
  }
}

/** "read of 8 bytes, 8 bytes past the end of the value of map `config` (16 bytes)" */
export function accessText(refusal: AccessRefusal): string {
  const { access, mode, size } = refusal;
  const head = `${mode} of ${bytes(size)}`;
  const hex = `0x${refusal.address.toString(16)}`;
  switch (access.kind) {
    case 'null-pointer':
      return access.offset === 0
        ? `${head} through a null pointer`
        : `${head} through a null pointer (offset ${access.offset})`;
    case 'uninitialised-register':
      return `${head} through r${access.register}, which was never set`;
    case 'uninitialised-stack':
      return `${head} through a pointer that came out of a stack slot never written`;
    case 'out-of-bounds':
      return `${head}, ${placeText(access.region, access.offset, size)}`;
    case 'use-after-free':
      return `${head} in ${regionText(access.region)} ${whyFreed(access.region)}`;
    case 'read-only':
      return `${head} at offset ${access.offset} of ${regionText(access.region)}, which is read-only`;
    case 'opaque':
      return `${head} inside ${regionText(access.region)}, which can be passed to helpers but not followed`;
    case 'function-pointer':
      return `${head} through the address of the function at instruction ${access.slot}`;
    case 'wild':
      return `${head} at ${hex}, where nothing is`;
    default:
      return assertNever(access, 'accessText');
  }
}

/** What went wrong, without the place; no final full stop. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'access': {
      const text = accessText(fault);
      return fault.argument === undefined
        ? text
        : `${fault.argument.helper}() argument ${fault.argument.index} (${fault.argument.what}): ${text}`;
    }
    case 'bad-argument':
      return `${fault.helper}() argument ${fault.index}: ${fault.why}`;
    case 'unknown-helper':
      return `call of helper #${fault.helper}, which no kernel has for sock_ops programs`;
    case 'unknown-kfunc':
      return `call of a kernel function with BTF id ${fault.btfId}, whose name is not known`;
    case 'refused-call':
      return `call of ${fault.what}: ${fault.why}`;
    case 'unmodelled':
      return `${fault.what} is not modelled: ${fault.reason}`;
    case 'invalid-instruction':
      return `not an instruction: ${fault.why}`;
    case 'jump-out-of-program':
      return `jump to instruction ${fault.target}, outside the program`;
    case 'fell-off-the-end':
      return 'the program ran past its last instruction without an exit';
    case 'call-depth':
      return `more than ${fault.limit} nested calls`;
    case 'budget-exhausted':
      return `stopped after ${fault.budget} instructions without an end; the program loops for ever or nearly so`;
    case 'trap-reached':
      return 'reached __bpf_trap(), which the compiler puts where a value was never set';
    case 'kernel-oops':
      return `this kernel would crash here: ${fault.why}`;
    default:
      return assertNever(fault, 'faultText');
  }
}
