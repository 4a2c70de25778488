// What names mean in a debugger expression: locals innermost first, globals, registers, the context, maps, the socket, kernel constants.

import { CALLBACK_FLAGS, OPS } from '../kernel/index.ts';
import { type MapDefinition, sizeOf, type TypeRef, type Variable, writeBits } from '../object/index.ts';
import type { Moment } from '../timeline/index.ts';
import { regionText } from '../vm/index.ts';
import { ctxElements, nearest } from '../world/index.ts';
import type { MapHandle, Named, ReadResult, Scope } from './expression/evaluate.ts';
import {
  arithmeticOf,
  fromBytes,
  integer,
  memberNames,
  type Place,
  toBytes,
  type Value,
  type ValueType,
} from './expression/value.ts';
import { kernelMemberAt } from './kernel-nodes.ts';
import { globalsAt, localsAt, machineOf } from './scopes.ts';
import { socketState } from './socket-state.ts';
import type { StackFrame } from './stack.ts';
import { pointsToContext, readVariableValue } from './variable-value.ts';

const BUILTIN_TYPES: Readonly<Record<string, { readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }>> = {
  char: { bits: 8, signed: true },
  'signed char': { bits: 8, signed: true },
  'unsigned char': { bits: 8, signed: false },
  short: { bits: 16, signed: true },
  'unsigned short': { bits: 16, signed: false },
  int: { bits: 32, signed: true },
  unsigned: { bits: 32, signed: false },
  'unsigned int': { bits: 32, signed: false },
  long: { bits: 64, signed: true },
  'unsigned long': { bits: 64, signed: false },
  'long long': { bits: 64, signed: true },
  'unsigned long long': { bits: 64, signed: false },
  _Bool: { bits: 8, signed: false },
  bool: { bits: 8, signed: false },
  ...Object.fromEntries(
    ([8, 16, 32, 64] as const).flatMap((bits) =>
      [`__u${bits}`, `u${bits}`, `uint${bits}_t`, `__be${bits}`].map((name) => [name, { bits, signed: false }]),
    ),
  ),
  ...Object.fromEntries(
    ([8, 16, 32, 64] as const).flatMap((bits) =>
      [`__s${bits}`, `s${bits}`, `int${bits}_t`].map((name) => [name, { bits, signed: true }]),
    ),
  ),
};

/** Numbers with kernel names that a person types in conditions. */
const CONSTANTS: ReadonlyMap<string, number> = new Map<string, number>([
  ...OPS.map((row) => [row.name, row.number] as const),
  ...CALLBACK_FLAGS.map((row) => [row.name, row.value] as const),
  ['AF_INET', 2],
  ['AF_INET6', 10],
  ...[
    'ESTABLISHED',
    'SYN_SENT',
    'SYN_RECV',
    'FIN_WAIT1',
    'FIN_WAIT2',
    'TIME_WAIT',
    'CLOSE',
    'CLOSE_WAIT',
    'LAST_ACK',
    'LISTEN',
    'CLOSING',
    'NEW_SYN_RECV',
  ].map((name, index) => [`BPF_TCP_${name}`, index + 1] as const),
]);

/** Whether an identifier names a type in this frame's program. */
export function isTypeName(frame: StackFrame | undefined, name: string): boolean {
  return name in BUILTIN_TYPES || frame?.program?.object.debugInfo?.findType(name) !== undefined;
}

/** The scope of a frame at a stopped moment. */
export function scopeAt(moment: Moment, frame: StackFrame): Scope {
  const { callback } = moment;
  const { vm } = callback;
  const variable = (name: string): Variable | undefined =>
    localsAt(frame).find((candidate) => candidate.name === name) ??
    globalsAt(frame).find((candidate) => candidate.name === name);

  const named = (name: string): Named | undefined => {
    const local = localsAt(frame).find((candidate) => candidate.name === name);
    if (local !== undefined) {
      // In assembly the parameter has a name and a type without members: the kernel's own table knows them.
      if (isOpaqueContext(local)) return contextGroup(moment);
      return namedVariable(local, moment, frame);
    }
    const map = callback.program.object.maps.find(
      (candidate) => candidate.dataSection === undefined && candidate.name === name,
    );
    if (map !== undefined) return { kind: 'map', map: mapHandle(map, moment) };
    const global = variable(name);
    if (global !== undefined) return namedVariable(global, moment, frame);
    return registerNamed(name, moment, frame) ?? specialNamed(name, moment, frame) ?? constantNamed(name);
  };

  const allNames = (): string[] => [
    ...localsAt(frame).map((candidate) => candidate.name),
    ...globalsAt(frame).map((candidate) => candidate.name),
    ...callback.program.object.maps.map((candidate) => candidate.name),
    ...CONSTANTS.keys(),
    'ctx',
    'sock',
  ];

  return {
    named,
    suggestions: (name) => {
      const near = nearest(name, allNames());
      return near === undefined ? [] : [near];
    },
    findType: (spelling) => findType(frame, spelling),
    readMemory: (address, length): ReadResult => {
      const bytes = vm.readMemory(address, length);
      if (bytes.length === length) return { kind: 'bytes', bytes };
      const info = vm.describeAddress(address);
      if (info?.region.kind === 'kernel-object')
        return { kind: 'fault', message: `${regionText(info.region)} has no bytes here; name one of its members` };
      return {
        kind: 'fault',
        message:
          address < 4096n
            ? 'this is a null pointer'
            : `there are no ${length} readable bytes at 0x${address.toString(16)}`,
      };
    },
    kernelMember: (address, path) => kernelMemberAt(callback, address, path),
    write: (place, value) => writePlace(place, value, moment),
  };
}

/** Names that complete a prefix in the REPL and in watch expressions. */
export function completionNames(
  moment: Moment,
  frame: StackFrame,
): readonly { readonly label: string; readonly kind: 'variable' | 'map' | 'register' | 'constant' }[] {
  const { maps } = moment.callback.program.object;
  return [
    ...localsAt(frame).map(({ name }) => ({ label: name, kind: 'variable' as const })),
    ...globalsAt(frame).map(({ name }) => ({ label: name, kind: 'variable' as const })),
    ...maps.filter((map) => map.dataSection === undefined).map(({ name }) => ({ label: name, kind: 'map' as const })),
    ...Array.from({ length: 11 }, (_, number) => ({ label: `r${number}`, kind: 'register' as const })),
    { label: 'ctx', kind: 'variable' },
    { label: 'sock', kind: 'variable' },
    ...[...CONSTANTS.keys()].map((label) => ({ label, kind: 'constant' as const })),
  ];
}

/** Members that can follow `ctx->`, `sock.` or a struct's name; empty when the text before is none of these. */
export function completionMembers(moment: Moment, frame: StackFrame, object: string): readonly string[] {
  const variable = [...localsAt(frame), ...globalsAt(frame)].find(({ name }) => name === object);
  if (variable === undefined && object === 'sock') return socketState(moment).map(({ name }) => name);
  const isContext = variable?.type === undefined ? object === 'ctx' : pointsToContext(variable.type);
  if (isContext) return ctxElements(moment.callback.vm.view).map(({ name }) => name);
  if (variable?.type === undefined) return [];
  const type: ValueType = { kind: 'c', ref: variable.type };
  const arithmetic = arithmeticOf(type);
  return memberNames((arithmetic.kind === 'pointer' ? arithmetic.target : undefined) ?? type);
}

function findType(frame: StackFrame, spelling: string): ValueType | undefined {
  const builtin = BUILTIN_TYPES[spelling];
  if (builtin !== undefined) return { kind: 'int', ...builtin };
  const info = frame.program?.object.debugInfo;
  const id = info?.findType(spelling);
  return info === undefined || id === undefined ? undefined : { kind: 'c', ref: { table: info.types, id } };
}

function namedVariable(variable: Variable, moment: Moment, frame: StackFrame): Named {
  const { callback } = moment;
  const found = readVariableValue(variable, machineOf(callback, frame));
  if (found.kind === 'value') return found;
  // The compiler often drops the context pointer once it has loaded what it needs; the context itself is still there.
  if (variable.type !== undefined && pointsToContext(variable.type)) {
    return {
      kind: 'value',
      value: {
        type: { kind: 'c', ref: variable.type },
        bytes: toBytes(callback.vm.contextAddress, 8),
        place: undefined,
      },
    };
  }
  return found;
}

function registerNamed(name: string, moment: Moment, frame: StackFrame): Named | undefined {
  if (name === '$pc' || name === 'pc')
    return frame.slot === undefined ? undefined : { kind: 'value', value: integer(BigInt(frame.slot), 32, 'signed') };
  const match = /^([rw])(10|\d)$/.exec(name);
  if (match === null || frame.vmFrame === undefined) return undefined;
  const number = Number(match[2]);
  const value = frame.vmFrame.registers[number];
  if (value === undefined) return { kind: 'unavailable', why: 'belongs to the function that is being called' };
  const bits = match[1] === 'r' ? 64 : 32;
  const innermost =
    frame.vmFrame === moment.callback.vm.frames()[0] || frame.vmFrame.depth === moment.callback.vm.frames()[0]?.depth;
  const place: Place | undefined =
    innermost && number < 10 ? { kind: 'register', register: number, sizeBits: bits } : undefined;
  return { kind: 'value', value: integer(value, bits, 'unsigned', place) };
}

function specialNamed(name: string, moment: Moment, frame: StackFrame): Named | undefined {
  const { callback } = moment;
  if (name === 'sock') {
    const state = socketState(moment);
    return {
      kind: 'group',
      names: state.map((row) => row.name),
      members: (member) => {
        const row = state.find((candidate) => candidate.name === member);
        if (row === undefined) return undefined;
        const number =
          typeof row.value === 'boolean'
            ? BigInt(row.value ? 1 : 0)
            : typeof row.value === 'string'
              ? undefined
              : BigInt(Math.trunc(Number(row.value)));
        return number === undefined ? undefined : integer(number, 64, number < 0n ? 'signed' : 'unsigned');
      },
    };
  }
  if (name !== 'ctx') return undefined;
  const target = findType(frame, 'struct bpf_sock_ops');
  if (target !== undefined && memberNames(target).length > 0)
    return {
      kind: 'value',
      value: { type: { kind: 'pointer', target }, bytes: toBytes(callback.vm.contextAddress, 8), place: undefined },
    };
  return contextGroup(moment);
}

function isOpaqueContext({ type }: Variable): boolean {
  if (type === undefined || !pointsToContext(type)) return false;
  const pointer = arithmeticOf({ kind: 'c', ref: type });
  return pointer.kind === 'pointer' && pointer.target !== undefined && memberNames(pointer.target).length === 0;
}

/** The context by the kernel's own table, for programs whose debug information does not describe it. */
function contextGroup({ callback }: Moment): Named {
  const elements = ctxElements(callback.vm.view);
  return {
    kind: 'group',
    names: elements.map((element) => element.name),
    members: (member) => {
      const element =
        elements.find((candidate) => candidate.name === member) ??
        elements.find((candidate) => candidate.field.aliases?.some((alias) => alias.name === member) === true);
      if (element === undefined) return undefined;
      const address = callback.vm.contextAddress + BigInt(element.offset);
      return integer(
        fromBytes(callback.vm.readMemory(address, element.size)),
        element.size === 8 ? 64 : 32,
        'unsigned',
        { kind: 'memory', address, offsetBits: 0, sizeBits: 8 * element.size },
      );
    },
  };
}

function constantNamed(name: string): Named | undefined {
  const value = CONSTANTS.get(name);
  return value === undefined ? undefined : { kind: 'value', value: integer(BigInt(value), 32, 'signed') };
}

function mapHandle(definition: MapDefinition, moment: Moment): MapHandle {
  const { vm, program } = moment.callback;
  return {
    name: definition.name,
    keySize: definition.keySize,
    lookup: (key): Value | undefined => {
      const map = vm.map(definition.fd);
      const entry = map?.lookup(key);
      const bytes = entry === undefined || typeof entry === 'number' ? undefined : entry.values[0];
      if (map === undefined || bytes === undefined) return undefined;
      const { btf } = program.object;
      const ref: TypeRef | undefined =
        btf === undefined || definition.valueTypeId === 0 ? undefined : { table: btf, id: definition.valueTypeId };
      const address = map.addressOf(key);
      const place: Place | undefined =
        address === 0n ? undefined : { kind: 'memory', address, offsetBits: 0, sizeBits: 8 * bytes.length };
      if (ref !== undefined && sizeOf(ref.table, ref.id) === bytes.length)
        return { type: { kind: 'c', ref }, bytes, place };
      if (bytes.length === 1 || bytes.length === 2 || bytes.length === 4 || bytes.length === 8)
        return integer(fromBytes(bytes), (8 * bytes.length) as 8 | 16 | 32 | 64, 'unsigned', place);
      return undefined;
    },
  };
}

/** Writes a value where it lives, as an edit of the debugger; undefined on success, else why not. */
export function writePlace(place: Place, value: bigint, moment: Moment): string | undefined {
  const { vm } = moment.callback;
  const refused = writeRefusal(place, moment);
  if (refused !== undefined) return refused;
  switch (place.kind) {
    case 'register': {
      const old = vm.register(place.register);
      const mask = (1n << BigInt(place.sizeBits)) - 1n;
      // Writing a 32-bit register clears the upper half, as every 32-bit instruction does.
      vm.setRegister(place.register, place.sizeBits >= 32 ? value & mask : (old & ~mask) | (value & mask));
      return undefined;
    }
    case 'memory': {
      const length = Math.ceil((place.offsetBits + place.sizeBits) / 8);
      const bytes = vm.readMemory(place.address, length).slice();
      if (
        bytes.length < length ||
        !writeBits(bytes, place.offsetBits, place.sizeBits, BigInt.asUintN(place.sizeBits, value))
      )
        return 'this memory cannot be read';
      return vm.writeMemory(place.address, bytes) ? undefined : 'this memory cannot be written';
    }
    case 'pieces':
      return PIECES;
  }
}

const PIECES = 'this variable is spread over several places; set the registers instead';

/** Why a place is not to be written, as far as that is known without trying; undefined when nothing speaks against it. */
export function writeRefusal(place: Place, moment: Moment): string | undefined {
  switch (place.kind) {
    case 'register':
      return place.register === 10 ? 'r10 is the frame pointer and cannot be written' : undefined;
    case 'memory':
      return contextRefusal(place, moment);
    case 'pieces':
      return PIECES;
  }
}

/** Only what a program could write may be changed in the context: everything else comes from the socket and would be overwritten. */
function contextRefusal(place: Extract<Place, { kind: 'memory' }>, moment: Moment): string | undefined {
  const { vm } = moment.callback;
  const offset = place.address - vm.contextAddress;
  if (offset < 0n || offset >= BigInt(vm.view.ctxSize)) return undefined;
  const answer = vm.view.ctxAccess({ offset: Number(offset), size: place.sizeBits / 8, mode: 'write' });
  if (answer.ok) return undefined;
  const element = ctxElements(vm.view).find((candidate) => candidate.offset === Number(offset));
  return `${element?.name ?? 'this field'} is read-only: it shows the socket. A program may write reply and sk_txhash`;
}
