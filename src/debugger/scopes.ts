// The scopes of a stack frame: what stands under each heading of the Variables view, made from the stopped machine.

import type { CtxFieldRow } from '../kernel/index.ts';
import { readVariable, sizeOf, strip, type TypeRef, type Variable } from '../object/index.ts';
import type { Moment } from '../timeline/index.ts';
import { regionText, UNSET_STACK_BYTE, unsetRegister, type VirtualMachine, type VmFrame } from '../vm/index.ts';
import {
  addressText,
  type CallbackInProgress,
  type CtxElement,
  ctxElements,
  ctxValueText,
  stateText,
  tcpFlagsText,
} from '../world/index.ts';
import { fromBytes, toBytes } from './expression/value.ts';
import { kernelObjectNodes } from './kernel-nodes.ts';
import { mapNodes } from './map-nodes.ts';
import { type SocketValue, segmentState, socketState } from './socket-state.ts';
import type { StackFrame } from './stack.ts';
import { groupNode, memoryNode, type VariableNode } from './variables.ts';

/** Largest thing that opening a pointer shows. */
const MAX_TARGET_BYTES = 4096;

export type ScopeName = 'Locals' | 'Registers' | 'Context' | 'Socket' | 'Maps' | 'Globals' | 'Stack' | 'Segment';

export interface ScopeNode {
  readonly name: ScopeName;
  /** Costly or long: closed until asked for. */
  readonly expensive: boolean;
  readonly children: () => readonly VariableNode[];
}

/** What was there at the last stop, by a key per value; shows what changed. */
export interface ChangeTracker {
  /** Whether the value under the key differs from the last stop; remembers it for the next one. */
  changed(key: string, value: string): boolean;
}

/** Scopes of a frame, in the order of the view. The kernel's own frame has those of the callback. */
export function scopesOf(moment: Moment, frame: StackFrame, changes: ChangeTracker): readonly ScopeNode[] {
  const { callback } = moment;
  const context: ScopeNode = { name: 'Context', expensive: false, children: () => contextNodes(callback, changes) };
  const socket: ScopeNode = { name: 'Socket', expensive: false, children: () => socketNodes(moment, changes) };
  const segment: ScopeNode = { name: 'Segment', expensive: false, children: () => segmentNodes(moment) };
  const hasSegment = callback.call.segment !== undefined;
  if (frame.vmFrame === undefined) return [context, socket, ...(hasSegment ? [segment] : [])];
  const { vmFrame } = frame;
  const hasGlobals = callback.program.object.maps.some((map) => map.dataSection !== undefined);
  const plainMaps = callback.program.object.maps.filter((map) => map.dataSection === undefined);
  return [
    { name: 'Locals', expensive: false, children: () => localNodes(callback, frame) },
    { name: 'Registers', expensive: false, children: () => registerNodes(callback, vmFrame, changes) },
    context,
    socket,
    ...(plainMaps.length > 0
      ? [
          {
            name: 'Maps',
            expensive: false,
            children: () => mapNodes(callback.vm, plainMaps, callback.program.object.btf, changes),
          } as const,
        ]
      : []),
    ...(hasGlobals
      ? [{ name: 'Globals', expensive: false, children: () => globalNodes(callback, frame) } as const]
      : []),
    { name: 'Stack', expensive: true, children: () => stackNodes(callback.vm, vmFrame) },
    ...(hasSegment ? [segment] : []),
  ];
}

/** Variables of one function scope of the frame: parameters and locals. */
export function localsAt(frame: StackFrame): readonly Variable[] {
  if (frame.program?.debug === undefined || frame.slot === undefined) return [];
  return frame.program.debug
    .variablesAt(frame.slot)
    .filter((variable) => variable.kind !== 'global' && variable.scope === frame.scope && !variable.shadowed);
}

export function globalsAt(frame: StackFrame): readonly Variable[] {
  if (frame.program?.debug === undefined || frame.slot === undefined) return [];
  return frame.program.debug
    .variablesAt(frame.slot)
    .filter((variable) => variable.kind === 'global' || variable.scope === -1);
}

function localNodes(callback: CallbackInProgress, frame: StackFrame): readonly VariableNode[] {
  const variables = localsAt(frame);
  if (variables.length > 0) return variables.map((variable) => variableNode(callback, frame, variable));
  const why =
    frame.program?.debug?.source === 'dwarf'
      ? 'this function has no variables here'
      : 'the object has no DWARF (compile with -g)';
  return [{ name: '(none)', value: why, type: '', virtual: true }];
}

function globalNodes(callback: CallbackInProgress, frame: StackFrame): readonly VariableNode[] {
  const maps = new Set(
    callback.program.object.maps.filter((map) => map.dataSection === undefined).map((map) => map.name),
  );
  return globalsAt(frame)
    .filter((variable) => !maps.has(variable.name) && variable.name !== '_license' && variable.name !== 'LICENSE')
    .map((variable) => variableNode(callback, frame, variable));
}

/** A variable where it is now, or why it is nowhere. */
export function variableNode(callback: CallbackInProgress, frame: StackFrame, variable: Variable): VariableNode {
  const size = variable.type === undefined ? undefined : sizeOf(variable.type.table, variable.type.id);
  if (variable.type === undefined || size === undefined)
    return { name: variable.name, value: '(its type is not known)', type: variable.typeText, virtual: true };
  const read = readVariable(variable.location, machineOf(callback, frame), size);
  if (read.kind === 'unavailable')
    return { name: variable.name, value: `(${read.why})`, type: variable.typeText, virtual: true };
  const node = memoryNode(
    variable.name,
    variable.type,
    read.bytes,
    read.place.kind === 'memory' ? read.place.address : undefined,
    variable.name,
  );
  const placed: VariableNode =
    read.place.kind !== 'register' || node.children !== undefined
      ? node
      : { ...node, place: { kind: 'register', register: read.place.register, sizeBits: 8 * size } };
  const type = strip(variable.type.table, variable.type.id)?.type;
  return type?.kind === 'pointer'
    ? withTarget(placed, callback, fromBytes(read.bytes), { table: variable.type.table, id: type.target })
    : placed;
}

/** A pointer says what it points into and can be opened to show what is there. */
function withTarget(node: VariableNode, callback: CallbackInProgress, address: bigint, target: TypeRef): VariableNode {
  const { vm } = callback;
  const meaning = pointerText(vm, address);
  const members = kernelObjectNodes(callback, address);
  if (members !== undefined) return { ...node, value: `${node.value} (${meaning})`, address, children: members };
  const size = target.id === 0 ? undefined : sizeOf(target.table, target.id);
  const bytes = size === undefined || size > MAX_TARGET_BYTES ? undefined : vm.readMemory(address, size);
  const opens = bytes !== undefined && size !== undefined && size > 0 && bytes.length === size;
  return {
    ...node,
    value: meaning === undefined ? node.value : `${node.value} (${meaning})`,
    ...(meaning === undefined ? {} : { address }),
    ...(opens ? { children: () => [memoryNode(`*${node.name}`, target, bytes, address, `*${node.name}`)] } : {}),
  };
}

/** The frame as a location expression sees it. */
export function machineOf(callback: CallbackInProgress, frame: StackFrame) {
  const { vm } = callback;
  const { vmFrame } = frame;
  return {
    register: (number: number): bigint | undefined => vmFrame?.registers[number],
    framePointer: vmFrame?.registers[10],
    readMemory: (address: bigint, length: number): Uint8Array | undefined => {
      const bytes = vm.readMemory(address, length);
      return bytes.length === length ? bytes : undefined;
    },
    mapAddress: (mapFd: number): bigint | undefined => {
      const map = vm.map(mapFd);
      const address = map?.addressOf(new Uint8Array(map.definition.keySize)) ?? 0n;
      return address === 0n ? undefined : address;
    },
  };
}

/** "ctx + 24", "r10 - 8 in the stack (512 bytes)", "value of map `counts`": what a register's number means. */
export function pointerText(vm: VirtualMachine, address: bigint): string | undefined {
  const info = vm.describeAddress(address);
  if (info === undefined) return undefined;
  const { region, offset, state } = info;
  const moved = offset === 0 ? '' : offset > 0 ? ` + ${offset}` : ` - ${-offset}`;
  const freed = state === 'freed' ? ', released' : '';
  if (region.kind === 'context') return `ctx${moved}${freed}`;
  if (region.kind === 'stack') {
    const fromTop = offset - region.size;
    const frame = region.frame === 0 ? '' : ` of frame ${region.frame}`;
    return `fp${fromTop === 0 ? '' : ` - ${-fromTop}`}${frame}`;
  }
  if (region.kind === 'packet') return `packet${moved}${freed}`;
  return `${regionText(region)}${moved}${freed}`;
}

function registerNodes(callback: CallbackInProgress, frame: VmFrame, changes: ChangeTracker): readonly VariableNode[] {
  const { vm } = callback;
  const nodes: VariableNode[] = frame.registers.map((value, number) => {
    const name = `r${number}`;
    if (value === undefined) return { name, value: '(belongs to the function called)', type: '', virtual: true };
    if (isUnset(value)) return { name, value: '(never set)', type: '', virtual: true };
    const pointer = pointerText(vm, value);
    const members = kernelObjectNodes(callback, value);
    const signed = BigInt.asIntN(64, value);
    const text =
      pointer === undefined
        ? value < 10n
          ? value.toString()
          : `0x${value.toString(16)} (${signed})`
        : `0x${value.toString(16)} (${pointer})`;
    return {
      name,
      value: text,
      type: '__u64',
      evaluateName: name,
      place: { kind: 'register', register: number, sizeBits: 64 },
      changed: changes.changed(`register ${frame.depth} ${name}`, text),
      ...(pointer === undefined ? {} : { address: value }),
      ...(members === undefined ? {} : { children: members }),
    };
  });
  nodes.push({ name: 'pc', value: String(frame.slot), type: 'slot', evaluateName: '$pc' });
  return nodes;
}

const UNSET = new Set(Array.from({ length: 16 }, (_, number) => BigInt.asUintN(64, unsetRegister(number))));

/** Whether a register still holds what the machine puts into registers that no instruction has written. */
const isUnset = (value: bigint): boolean => UNSET.has(value);

type ContextGroup = 'event' | 'addresses' | 'TCP state' | 'counters' | 'segment';

function groupOf(field: CtxFieldRow): ContextGroup {
  if (field.guard === 'skb') return 'segment';
  switch (field.repr.kind) {
    case 'op':
    case 'op-argument':
    case 'boolean':
    case 'callback-flags':
      return 'event';
    case 'address-family':
    case 'ipv4-address':
    case 'ipv6-word':
    case 'port':
      return 'addresses';
    default:
      return /^(?:.*segs_|bytes_|total_retrans|rate_)/.test(field.name) ? 'counters' : 'TCP state';
  }
}

/** Why a field reads as zero in this callback although the socket has another value; undefined when it reads as it is. */
function guardRemark(callback: CallbackInProgress, field: CtxFieldRow): string | undefined {
  const { call } = callback;
  switch (field.guard) {
    case 'locked':
      if (call.isLocked) return undefined;
      return call.isFullSock
        ? 'reads 0: the socket is not locked in this op'
        : 'reads 0: this is a request sock, not a full socket';
    case 'full':
      return call.isFullSock ? undefined : 'NULL: this is a request sock, not a full socket';
    case 'skb':
      return call.segment === undefined ? 'reads 0: there is no packet in this callback' : undefined;
    case 'none':
      return call.isFullSock ? undefined : 'not guarded on this kernel: reads whatever lies behind the request sock';
    case 'always':
    case 'sock-common':
      return undefined;
  }
}

/** One word of the context as a node. */
export function contextNode(callback: CallbackInProgress, element: CtxElement, changes?: ChangeTracker): VariableNode {
  const { vm } = callback;
  const address = vm.contextAddress + BigInt(element.offset);
  const raw = fromBytes(vm.readMemory(address, element.size));
  const remark = guardRemark(callback, element.field);
  const text = ctxValueText(element.field, raw);
  const value = remark === undefined ? text : `${text} (${remark})`;
  return {
    name: element.name,
    value,
    type: element.field.ctype,
    evaluateName: `ctx->${element.name}`,
    address,
    watch: { kind: 'context', field: element.name, offset: element.offset, size: element.size },
    place: { kind: 'memory', address, offsetBits: 0, sizeBits: 8 * element.size },
    ...(changes === undefined
      ? {}
      : { changed: changes.changed(`context ${callback.socketId} ${element.name}`, text) }),
  };
}

const GROUPS: readonly ContextGroup[] = ['event', 'addresses', 'TCP state', 'counters', 'segment'];

function contextNodes(callback: CallbackInProgress, changes: ChangeTracker): readonly VariableNode[] {
  return GROUPS.flatMap((group) => {
    const elements = ctxElements(callback.vm.view).filter((element) => groupOf(element.field) === group);
    if (elements.length === 0) return [];
    return [
      groupNode(
        group,
        () => elements.map((element) => contextNode(callback, element, changes)),
        summaryOf(group, callback),
      ),
    ];
  });
}

/** What a group says while it is closed. */
function summaryOf(group: ContextGroup, callback: CallbackInProgress): string {
  const read = (name: string): bigint => callback.call.readField(name);
  switch (group) {
    case 'event':
      return callback.opName;
    case 'addresses': {
      const end = (side: 'local' | 'remote'): string => {
        const words = [0, 1, 2, 3].map((index) => toBytes(read(`${side}_ip6[${index}]`), 4));
        const bytes =
          read('family') === 10n
            ? Uint8Array.from(words.flatMap((word) => [...word]))
            : toBytes(read(`${side}_ip4`), 4);
        const port = side === 'local' ? Number(read('local_port')) : portOfNetworkHigh(read('remote_port'));
        return `${bytes.length === 16 ? `[${addressText(bytes)}]` : addressText(bytes)}:${port}`;
      };
      return `${end('local')} to ${end('remote')}`;
    }
    case 'segment':
      return callback.call.segment === undefined
        ? 'none in this callback'
        : tcpFlagsText(callback.call.segment.tcpFlags);
    case 'TCP state':
      return stateText(Number(read('state')));
    case 'counters':
      return '';
  }
}

/** remote_port: the port in network order, in the upper half of the word. */
const portOfNetworkHigh = (value: bigint): number =>
  Number(((value >> 24n) & 0xffn) | (((value >> 16n) & 0xffn) << 8n));

function socketNodes(moment: Moment, changes: ChangeTracker): readonly VariableNode[] {
  return socketState(moment).map((row) => {
    const { name } = row;
    const text = withUnit(row);
    return {
      name,
      value: text,
      type: '',
      evaluateName: `sock.${name}`,
      changed: changes.changed(`socket ${moment.callback.socketId} ${name}`, text),
    };
  });
}

const withUnit = ({ value, unit }: SocketValue): string => (unit === undefined ? String(value) : `${value} ${unit}`);

function segmentNodes(moment: Moment): readonly VariableNode[] {
  const nodes = segmentState(moment).map((row) => ({ name: row.name, value: withUnit(row), type: '' }));
  return [
    { name: 'skb_data', value: 'header bytes', type: '', address: moment.callback.vm.packetAddress, virtual: true },
    ...nodes,
  ];
}

/** The 512 bytes below the frame pointer as 8-byte slots, highest first; those never written are left out. */
function stackNodes(vm: VirtualMachine, frame: VmFrame): readonly VariableNode[] {
  const top = frame.registers[10];
  if (top === undefined) return [];
  const nodes: VariableNode[] = [];
  for (let offset = 8; offset <= 512; offset += 8) {
    const address = top - BigInt(offset);
    const bytes = vm.readMemory(address, 8);
    if (bytes.length < 8) break;
    const raw = fromBytes(bytes);
    if (bytes.every((byte) => byte === UNSET_STACK_BYTE)) continue;
    const pointer = pointerText(vm, raw);
    nodes.push({
      name: `fp-${offset}`,
      value: `0x${raw.toString(16).padStart(16, '0')}${pointer === undefined ? '' : ` (${pointer})`}`,
      type: '__u64',
      evaluateName: `*(unsigned long *)(r10 - ${offset})`,
      address,
      place: { kind: 'memory', address, offsetBits: 0, sizeBits: 64 },
      watch: { kind: 'memory', label: `fp-${offset}`, address, size: 8 },
    });
  }
  return nodes.length > 0 ? nodes : [{ name: '(empty)', value: 'no slot was ever written', type: '', virtual: true }];
}
