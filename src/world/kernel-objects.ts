// The kernel's own objects as typed pointers and bpf_probe_read_kernel() show them: a read at some offset becomes a member, by the kernel types
// that the program was linked against, and the member's value comes from the TCP model (tcp/kernel-members.ts) or, for what is no
// socket, from the tables below. What has no value is named, never guessed.

import { assertNever, encodeUtf8 } from '../base/index.ts';
import { type BpfObject, type Btf, strip, typeName } from '../object/index.ts';
import {
  hasMembers,
  type KernelClock,
  type MemberTarget,
  requestMember,
  type SocketMember,
  type MemberValue as SocketValue,
  type SockOpsCall,
  sockMember,
} from '../tcp/index.ts';
import type { KernelObject, KernelObjectType, KernelRead, TaskPort } from '../vm/index.ts';
import { type KernelLayout, type LayoutGuide, layoutOf, type PlacedMember } from './kernel-layout.ts';

/** What the objects are made of at the moment of a read. */
export interface KernelSurroundings {
  readonly call: SockOpsCall | undefined;
  readonly clock: KernelClock;
  readonly task: TaskPort;
  readMember(id: number, member: SocketMember): SocketValue | undefined;
  cgroupId(path: string): bigint;
  cgroupPath(id: bigint): string | undefined;
}

/** A pointer to another object; `context`: what the program's context holds. */
type Target =
  | { readonly to: 'null' }
  | { readonly to: 'object'; readonly object: KernelObject }
  | { readonly to: 'part'; readonly structure: string };
type Value = number | bigint | Uint8Array | Target | { readonly context: number } | undefined;
type Reader = (id: number, around: KernelSurroundings) => Value;

const object = (type: KernelObjectType, id: number): Target => ({ to: 'object', object: { type, id } });
const NULL: Target = { to: 'null' };

/** Text in a field of fixed size with its final NUL. */
function text(value: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(encodeUtf8(value).subarray(0, size - 1));
  return bytes;
}

/** A task other than the one that runs now has nothing left of it. */
const ofTask =
  (read: (task: TaskPort) => Value): Reader =>
  (id, { task }) =>
    task.pid === id ? read(task) : undefined;

const AF_INET6 = 10;
/** Number of the first network namespace (include/linux/proc_ns.h, fs/proc/generic.c); each simulated host has one of its own. */
const FIRST_NET_INUM = 4_026_531_840;
const FIRST_NET_COOKIE = 4096;
/** include/uapi/linux/route.h */
const RTF_UP = 1;

/** Sequence numbers and flags of the packet of a call; undefined where its TCP header is not there. */
function segmentWord(around: KernelSurroundings, at: 'seq' | 'end_seq' | 'ack_seq'): Value {
  const segment = around.call?.segment;
  if (segment === undefined || segment.data.length < 20) return undefined;
  const { data } = segment;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (at === 'ack_seq') return view.getUint32(8);
  const seq = view.getUint32(4);
  const headerBytes = (view.getUint8(12) >>> 4) * 4;
  const counted = segment.length - headerBytes + (segment.tcpFlags & 1) + ((segment.tcpFlags >> 1) & 1);
  return at === 'seq' ? seq : (seq + counted) >>> 0;
}

/** Everything that is no socket, by structure and path. */
const TABLES: Readonly<Record<string, Readonly<Record<string, Reader>>>> = {
  bpf_sock_ops_kern: {
    sk: (_id, { call }) =>
      call === undefined ? undefined : object(call.isFullSock ? 'tcp_sock' : 'request_sock', call.socketId),
    args: () => ({ context: 4 }),
    skb: (_id, { call }) => (call === undefined ? undefined : call.segment === undefined ? NULL : object('sk_buff', 0)),
    op: (_id, { call }) => call?.op,
    is_fullsock: (_id, { call }) => (call === undefined ? undefined : call.isFullSock ? 1 : 0),
    is_locked_tcp_sock: (_id, { call }) => (call === undefined ? undefined : call.isLocked ? 1 : 0),
  },
  sk_buff: {
    len: (_id, { call }) => call?.segment?.length,
  },
  tcp_skb_cb: {
    seq: (_id, around) => segmentWord(around, 'seq'),
    end_seq: (_id, around) => segmentWord(around, 'end_seq'),
    ack_seq: (_id, around) => segmentWord(around, 'ack_seq'),
    tcp_flags: (_id, { call }) => call?.segment?.tcpFlags,
  },
  task_struct: {
    pid: ofTask((task) => task.pid),
    tgid: ofTask((task) => task.tgid),
    comm: ofTask((task) => text(task.comm, 16)),
    group_leader: ofTask((task) => object('task_struct', task.tgid)),
    cgroups: ofTask((task) => object('css_set', Number(task.cgroupId))),
  },
  css_set: { dfl_cgrp: (id) => object('cgroup', id) },
  cgroup: {
    kn: (id) => object('kernfs_node', id),
    level: (id, around) => {
      const path = around.cgroupPath(BigInt(id));
      return path === undefined ? undefined : path.split('/').filter((part) => part !== '').length;
    },
  },
  kernfs_node: { id: (id) => id },
  net: {
    net_cookie: (id) => id,
    'ns.inum': (id) => FIRST_NET_INUM + id - FIRST_NET_COOKIE,
  },
  // Peers are neighbours on the link: no gateway lies between.
  rtable: {
    rt_uses_gateway: () => 0,
    rt_gw_family: () => 0,
    rt_gw4: () => 0,
    rt_gw6: () => new Uint8Array(16),
    rt_mtu_locked: () => 0,
    rt_pmtu: () => 0,
  },
  rt6_info: {
    rt6i_gateway: () => new Uint8Array(16),
    rt6i_flags: () => RTF_UP,
  },
  proto: { name: (family) => text(family === AF_INET6 ? 'TCPv6' : 'TCP', 32) },
  tcp_congestion_ops: {
    name: (id) => {
      const name = algorithms.get(id);
      return name === undefined ? undefined : text(name, 16);
    },
  },
};

/** Names of congestion control algorithms by the number that stands for them in pointers: a hash, the same in every run. */
const algorithms = new Map<number, string>();

function algorithmNumber(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encodeUtf8(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash &= 0x7fff_ffff;
  algorithms.set(hash, name);
  return hash;
}

/** Whose members a structure has. */
type Family = 'sock' | 'request' | 'other';

const GUIDES: Readonly<Record<Family, LayoutGuide>> = {
  sock: {
    isMember: (structure, path) => sockMember(structure, path) !== undefined,
    isStructure: (name) => hasMembers('sock', name),
    holds: () => undefined,
  },
  request: {
    isMember: (structure, path) => requestMember(structure, path) !== undefined,
    isStructure: (name) => hasMembers('request', name),
    holds: () => undefined,
  },
  other: {
    isMember: (structure, path) => TABLES[structure]?.[path] !== undefined,
    isStructure: (name) => TABLES[name] !== undefined,
    holds: (structure, path) => (structure === 'sk_buff' && path === 'cb' ? 'tcp_skb_cb' : undefined),
  },
};

/** How to get the value of a member; undefined where there is none. */
function readerOf(family: Family, { structure, path }: PlacedMember): Reader | undefined {
  if (family === 'other') return TABLES[structure]?.[path];
  const member = family === 'sock' ? sockMember(structure, path) : requestMember(structure, path);
  if (member === undefined) return undefined;
  return (id, around) => {
    const value = around.readMember(id, member);
    return typeof value === 'object' && 'to' in value ? targetOf(value, around) : value;
  };
}

function targetOf(target: MemberTarget, around: KernelSurroundings): Target {
  switch (target.to) {
    case 'null':
    case 'part':
      return target;
    case 'request_sock':
      return object('request_sock', target.id);
    case 'net':
      return object('net', Number(target.cookie));
    case 'proto':
      return object('proto', target.family);
    case 'cgroup':
      return object('cgroup', Number(around.cgroupId(target.path)));
    case 'route':
      return object(target.family === AF_INET6 ? 'rt6_info' : 'rtable', target.id);
    case 'tcp_congestion_ops':
      return object('tcp_congestion_ops', algorithmNumber(target.name));
    default:
      return assertNever(target, 'targetOf');
  }
}

const FAMILY_MEMBER = sockMember('sock_common', 'skc_family')!;

/** The structure that an object is, and whose members it has. */
function rootOf({ type, id }: KernelObject, around: KernelSurroundings): readonly [structure: string, family: Family] {
  if (type === 'tcp_sock')
    return [around.readMember(id, FAMILY_MEMBER) === AF_INET6 ? 'tcp6_sock' : 'tcp_sock', 'sock'];
  return type === 'request_sock' ? ['tcp_request_sock', 'request'] : [type, 'other'];
}

interface KnownStructure {
  readonly layout: KernelLayout;
  readonly readers: ReadonlyMap<PlacedMember, Reader | undefined>;
  /** By offset * 16 + size: what reads of that place touch. */
  readonly touched: Map<number, readonly PlacedMember[]>;
}

/** Structures by kernel types: many objects are linked against the same. */
const structures = new WeakMap<Btf, Map<string, KnownStructure | undefined>>();

function structureOf(btf: Btf, name: string, family: Family): KnownStructure | undefined {
  let known = structures.get(btf);
  if (known === undefined) structures.set(btf, (known = new Map()));
  if (!known.has(name)) {
    const layout = layoutOf(btf, name, GUIDES[family]);
    const readers = new Map(layout?.members.map((member) => [member, readerOf(family, member)]));
    known.set(name, layout && { layout, readers, touched: new Map() });
  }
  return known.get(name);
}

const unmodelled = (what: string, reason: string): KernelRead => ({ kind: 'unmodelled', what, reason });

/** The kernel's objects as the programs of one object file read them. */
export class KernelObjects {
  readonly #btf: Btf | undefined;
  /** Why no offset in the file can be understood; undefined where they can. */
  readonly #whyNot: string | undefined;

  constructor({ kernelTypes, programs }: Pick<BpfObject, 'kernelTypes' | 'programs'>) {
    this.#btf = kernelTypes?.btf;
    const relocated = programs.some((program) => program.coreRelocations.length > 0);
    if (kernelTypes === undefined)
      this.#whyNot = 'it is not known which kernel the offset is of; give its types with --btf';
    else if (kernelTypes.origin === 'built-in' && !relocated)
      this.#whyNot =
        "the program has no CO-RE relocations, so its offsets are those of the kernel it was built for; give that kernel's types with --btf";
  }

  /** What a read of `size` bytes (1, 2, 4, 8) at `offset` of an object gives. */
  read(object: KernelObject, offset: number, size: number, around: KernelSurroundings): KernelRead {
    const [name, family] = rootOf(object, around);
    const what = (): string => `${size} ${size === 1 ? 'byte' : 'bytes'} at offset ${offset} of struct ${name}`;
    if (this.#btf === undefined || this.#whyNot !== undefined) return unmodelled(what(), this.#whyNot ?? '');
    const structure = structureOf(this.#btf, name, family);
    if (structure === undefined) return unmodelled(what(), 'the kernel types at hand have no such structure');
    if (offset < 0 || offset + size > structure.layout.sizeBytes)
      return unmodelled(what(), `the structure has ${structure.layout.sizeBytes} bytes`);
    const key = offset * 16 + size;
    let members = structure.touched.get(key);
    if (members === undefined) structure.touched.set(key, (members = structure.layout.touched(offset, size)));
    return compose(structure, members, { object, offset, size, around });
  }

  /** Every member of an object that has a value now, in order of declaration, for people. */
  membersOf(object: KernelObject, around: KernelSurroundings): readonly KernelMember[] {
    const [name, family] = rootOf(object, around);
    const structure = this.#btf === undefined ? undefined : structureOf(this.#btf, name, family);
    if (structure === undefined) return [];
    const btf = this.#btf!;
    const out: KernelMember[] = [];
    for (const member of structure.layout.members) {
      const value = structure.readers.get(member)?.(object.id, around);
      if (value !== undefined && !(typeof value === 'object' && 'context' in value))
        out.push(shown(btf, member, value));
    }
    return out;
  }
}

/** A member of a kernel object as a debugger shows it. */
export interface KernelMember {
  /** The structure that declares it, and its path there. */
  readonly structure: string;
  readonly path: string;
  /** In C. */
  readonly type: string;
  readonly value:
    | { readonly kind: 'number'; readonly value: bigint }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    /** `to` undefined: NULL, or a part of the object itself. */
    | { readonly kind: 'pointer'; readonly to: KernelObject | undefined };
}

function shown(
  btf: Btf,
  { structure, path, sizeBits, typeId }: PlacedMember,
  value: Exclude<Value, undefined | { context: number }>,
): KernelMember {
  const named = { structure, path, type: typeName(btf, typeId) };
  if (typeof value === 'number' || typeof value === 'bigint') {
    const type = strip(btf, typeId)?.type;
    const isSigned = (type?.kind === 'int' || type?.kind === 'enum') && type.signed;
    const wide = BigInt(value);
    return {
      ...named,
      value: { kind: 'number', value: isSigned ? BigInt.asIntN(sizeBits, wide) : BigInt.asUintN(sizeBits, wide) },
    };
  }
  if (value instanceof Uint8Array) return { ...named, value: { kind: 'bytes', bytes: value } };
  return { ...named, value: { kind: 'pointer', to: value.to === 'object' ? value.object : undefined } };
}

interface Reading {
  readonly object: KernelObject;
  readonly offset: number;
  readonly size: number;
  readonly around: KernelSurroundings;
}

/** Puts the value of a read together from the members that it touches. */
function compose(structure: KnownStructure, members: readonly PlacedMember[], reading: Reading): KernelRead {
  const { object, offset, size, around } = reading;
  const start = 8 * offset;
  const bits = 8 * size;
  let value = 0n;
  let covered = 0n;
  let missing: PlacedMember | undefined;
  for (const member of members) {
    const shift = member.offsetBits - start;
    const mask = shifted((1n << BigInt(member.sizeBits)) - 1n, shift) & ((1n << BigInt(bits)) - 1n);
    // Of a union one face is enough.
    if ((mask & ~covered) === 0n) continue;
    const found = structure.readers.get(member)?.(object.id, around);
    if (found === undefined) {
      missing ??= member;
      continue;
    }
    if (typeof found === 'object' && !(found instanceof Uint8Array)) {
      const whole = shift === 0 && member.sizeBits === bits;
      if ('context' in found) return { kind: 'context', offset: found.context + (start - member.offsetBits) / 8 };
      if (whole) return pointer(found, structure, object);
      if (found.to !== 'null') return unmodelled(nameOf(member), 'a pointer is read in part');
    }
    value |= shifted(numberOf(found, member.sizeBits), shift);
    covered |= mask;
  }
  // A bit-field without a value beside others that have one reads as 0: compilers load the whole word for any of them.
  const hole = members.find(
    (member) => !isCovered(member, covered, start, bits) && !(member.isBitField && covered !== 0n),
  );
  if (hole !== undefined) return unmodelled(nameOf(missing ?? hole), whyMissing(missing ?? hole, object));
  return { kind: 'value', value: BigInt.asUintN(bits, value) };
}

function isCovered(member: PlacedMember, covered: bigint, start: number, bits: number): boolean {
  const mask = shifted((1n << BigInt(member.sizeBits)) - 1n, member.offsetBits - start) & ((1n << BigInt(bits)) - 1n);
  return (mask & ~covered) === 0n;
}

const shifted = (value: bigint, by: number): bigint => (by >= 0 ? value << BigInt(by) : value >> BigInt(-by));

function numberOf(value: Exclude<Value, undefined | { context: number }>, bits: number): bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt.asUintN(bits, BigInt(value));
  if (!(value instanceof Uint8Array)) return 0n;
  return value.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function pointer(target: Target, structure: KnownStructure, object: KernelObject): KernelRead {
  switch (target.to) {
    case 'null':
      return { kind: 'pointer', to: undefined, offset: 0 };
    case 'object':
      return { kind: 'pointer', to: target.object, offset: 0 };
    case 'part': {
      const first = structure.layout.members.find((member) => member.structure === target.structure);
      return { kind: 'pointer', to: first === undefined ? undefined : object, offset: (first?.offsetBits ?? 0) / 8 };
    }
    default:
      return assertNever(target, 'pointer');
  }
}

const nameOf = ({ structure, path }: PlacedMember): string => `struct ${structure}.${path}`;

function whyMissing(member: PlacedMember, { type }: KernelObject): string {
  if (type === 'request_sock') return 'the simulated request sock has no such thing';
  if (type === 'task_struct')
    return 'of the task only pid, tgid, name and control group are there, and only while it runs';
  return member.isPointer
    ? 'what it points to is not simulated'
    : 'the TCP model keeps nothing that it could be told from';
}

/** A read for a program that may have no kernel behind it. */
export function readKernelObject(
  objects: KernelObjects | undefined,
  object: KernelObject,
  offset: number,
  size: number,
  around: KernelSurroundings,
): KernelRead {
  if (objects !== undefined) return objects.read(object, offset, size, around);
  return unmodelled(`struct ${object.type}`, 'no program of a scenario runs');
}
