// Data breakpoints: what is watched, as a value that survives a restart and can be written down (`dataId` of DAP).

import type { VirtualMachine } from '../vm/index.ts';
import { ctxElements, ctxValueText } from '../world/index.ts';
import { fromBytes } from './expression/value.ts';

export type WatchTarget =
  /** Bytes of struct bpf_sock_ops. */
  | { readonly kind: 'context'; readonly field: string; readonly offset: number; readonly size: number }
  /** Bytes of guest memory: a stack slot, a global, a map value that stays where it is. */
  | { readonly kind: 'memory'; readonly label: string; readonly address: bigint; readonly size: number }
  /** An entry of a map, wherever it is stored; it may come and go. */
  | { readonly kind: 'map-entry'; readonly map: string; readonly keyHex: string };

export type WatchAccess = 'read' | 'write' | 'readWrite' | 'change';

/** A text that names the target; `parseWatchTarget` reads it back. */
export function watchTargetId(target: WatchTarget): string {
  switch (target.kind) {
    case 'context':
      return `context:${target.field}:${target.offset}:${target.size}`;
    case 'memory':
      return `memory:${target.address.toString(16)}:${target.size}:${target.label}`;
    case 'map-entry':
      return `map:${target.map}:${target.keyHex}`;
  }
}

/** Reads what `watchTargetId` wrote; undefined for any other text. */
export function parseWatchTarget(id: string): WatchTarget | undefined {
  const context = /^context:(.+):(\d+):(\d+)$/.exec(id);
  if (context !== null)
    return { kind: 'context', field: context[1]!, offset: Number(context[2]), size: Number(context[3]) };
  const memory = /^memory:([0-9a-f]+):(\d+):(.*)$/.exec(id);
  if (memory !== null)
    return { kind: 'memory', address: BigInt(`0x${memory[1]!}`), size: Number(memory[2]), label: memory[3]! };
  const entry = /^map:(.+):([0-9a-f]*)$/.exec(id);
  if (entry !== null) return { kind: 'map-entry', map: entry[1]!, keyHex: entry[2]! };
  return undefined;
}

export function watchTargetText(target: WatchTarget): string {
  switch (target.kind) {
    case 'context':
      return `skops->${target.field}`;
    case 'memory':
      return target.label;
    case 'map-entry':
      return `${target.map}[${target.keyHex}]`;
  }
}

const hexBytes = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length >> 1 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

/** The watched bytes as hex; '' when they are not there. Per-cpu entries are all their values in a row. */
export function watchedBytes(target: WatchTarget, vm: VirtualMachine): string {
  switch (target.kind) {
    case 'context':
      return hexOf(vm.readMemory(vm.contextAddress + BigInt(target.offset), target.size));
    case 'memory':
      return hexOf(vm.readMemory(target.address, target.size));
    case 'map-entry': {
      const entry = vm.mapByName(target.map)?.lookup(hexBytes(target.keyHex));
      return entry === undefined || typeof entry === 'number' ? '' : entry.values.map(hexOf).join('');
    }
  }
}

/** Watched bytes (as `watchedBytes` gives them) for a person: a context field by its meaning, else a number, else bytes. */
export function watchedText(target: WatchTarget, vm: VirtualMachine, hex: string): string {
  if (hex === '') return 'nothing';
  const bytes = hexBytes(hex);
  if (bytes.length > 8) return hex.replace(/..(?=.)/g, '$& ');
  const number = fromBytes(bytes);
  const element =
    target.kind === 'context'
      ? ctxElements(vm.view).find((candidate) => candidate.offset === target.offset)
      : undefined;
  return element === undefined ? number.toString() : ctxValueText(element.field, number);
}

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}

/** Whether the next instruction itself reads (or writes) any of the watched bytes. */
export function touches(target: WatchTarget, vm: VirtualMachine, mode: 'read' | 'write'): boolean {
  const access = vm.pendingAccess();
  if (access === undefined || (access.mode !== mode && access.mode !== 'read-write')) return false;
  const place = placeOf(target, vm);
  if (place === undefined) return false;
  return access.address < place.address + BigInt(place.size) && place.address < access.address + BigInt(access.size);
}

function placeOf(
  target: WatchTarget,
  vm: VirtualMachine,
): { readonly address: bigint; readonly size: number } | undefined {
  switch (target.kind) {
    case 'context':
      return { address: vm.contextAddress + BigInt(target.offset), size: target.size };
    case 'memory':
      return target;
    case 'map-entry': {
      const map = vm.mapByName(target.map);
      const address = map?.addressOf(hexBytes(target.keyHex)) ?? 0n;
      return address === 0n || map === undefined ? undefined : { address, size: map.definition.valueSize };
    }
  }
}
