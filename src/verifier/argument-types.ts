// Which kinds of register each kind of helper argument takes, in the order in which a refusal lists them.
// Source of truth: kernel/bpf/verifier.c compatible_reg_types; the probe files' messages for what each kernel lists.

import type { ArgKind, KernelView } from '../kernel/index.ts';
import { Flag, Kind, type RegType } from './reg.ts';

/** A kind that is accepted. `name`: what the refusal says where that differs from the type's own name. */
export interface Accepted {
  readonly type: RegType;
  readonly name?: string;
}

const RINGBUF_MEMORY = Kind.mem | Flag.ringbuf;
const TRUSTED = Kind.btfId | Flag.trusted;
const RCU = Kind.btfId | Flag.rcu;

export type ArgumentTypes = Readonly<Record<Exclude<ArgKind['kind'], 'anything'>, readonly Accepted[]>>;

const known = new WeakMap<KernelView, ArgumentTypes>();

/** The lists of one kernel. */
export function argumentTypesOf(view: KernelView): ArgumentTypes {
  const cached = known.get(view);
  if (cached !== undefined) return cached;
  const made = make(view);
  known.set(view, made);
  return made;
}

function make(view: KernelView): ArgumentTypes {
  const modern = view.has('memory-argument-takes-ringbuf');
  const keyed = view.has('memory-argument-takes-map-key');
  // pkt_meta exists for other program types only, but is listed.
  const packets: readonly Accepted[] = [{ type: Kind.packet }, { type: -1, name: 'pkt_meta' }];
  const ringbuf: Accepted = {
    type: RINGBUF_MEMORY,
    ...(modern ? {} : { name: keyed ? 'alloc_mem' : 'mem' }),
  };
  const memory: readonly Accepted[] = [
    { type: Kind.stack },
    ...packets,
    ...(keyed ? [{ type: Kind.mapKey }] : []),
    { type: Kind.mapValue },
    { type: Kind.mem },
    ...(keyed ? [ringbuf] : [{ type: RINGBUF_MEMORY, name: '' }]),
    ...(keyed
      ? [{ type: Kind.buf }]
      : [
          { type: Kind.buf | Flag.rdonly, name: 'rdonly_buf' },
          { type: Kind.buf, name: 'rdwr_buf' },
        ]),
    ...(modern ? [{ type: TRUSTED }] : []),
    ...(view.has('memory-argument-takes-context') ? [{ type: Kind.ctx }] : []),
  ];
  const keys: readonly Accepted[] = view.has('map-keys-in-any-memory')
    ? memory
    : [{ type: Kind.stack }, ...packets, ...(keyed ? [{ type: Kind.mapKey }] : []), { type: Kind.mapValue }];
  const socks: readonly Accepted[] = [
    { type: Kind.sockCommon },
    { type: Kind.sock },
    { type: Kind.tcpSock },
    { type: Kind.xdpSock },
  ];
  const allocated: Accepted = { type: Kind.btfId | Flag.alloc };
  const pointers: readonly Accepted[] = modern
    ? [{ type: Kind.btfId }, { type: TRUSTED }, { type: RCU }]
    : [{ type: Kind.btfId }];
  const scalar: readonly Accepted[] = [{ type: Kind.scalar }];
  const value: readonly Accepted[] = [{ type: Kind.mapValue }];
  return {
    ctx: [{ type: Kind.ctx }],
    map: [{ type: Kind.mapPtr }],
    'map-key': keys,
    'map-value': keys,
    memory,
    'fixed-memory': memory,
    size: scalar,
    'alloc-size': scalar,
    'spin-lock': modern ? [...value, allocated] : value,
    timer: value,
    'sock-common': socks,
    'btf-sock-common': [...socks, { type: Kind.btfId }, ...(modern ? [{ type: TRUSTED }] : [])],
    'btf-pointer': pointers,
    'percpu-btf': modern
      ? [
          { type: Kind.btfId | Flag.percpu },
          { type: Kind.btfId | Flag.percpu | Flag.rcu },
          { type: Kind.btfId | Flag.percpu | Flag.trusted },
        ]
      : [{ type: Kind.btfId | Flag.percpu }],
    function: [{ type: Kind.func }],
    'stack-or-null': [{ type: Kind.stack }],
    'const-string': value,
    'ringbuf-memory': [ringbuf],
    dynptr: [{ type: Kind.stack }, { type: Kind.dynptr }],
    'kptr-slot': view.has('kptr-in-allocated')
      ? [...value, allocated, ...(view.has('kptr-slot-takes-rcu') ? [allocated, RCU_ALLOCATED] : [])]
      : value,
  };
}

const RCU_ALLOCATED: Accepted = { type: Kind.btfId | Flag.alloc | Flag.rcu };
