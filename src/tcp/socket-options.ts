// bpf_setsockopt() and bpf_getsockopt(): result codes in the kernel's order of checks, and the options that are no plain numbers
// (algorithm names, interface names, saved SYN). Options with a number as value are in socket-option-table.ts.

import { ruleTakes } from '../kernel/index.ts';
import type { Call } from './callback.ts';
import { changeCongestionControl } from './congestion.ts';
import { AF_INET, AF_INET6, Errno, Op } from './constants.ts';
import type { EffectValue } from './effects.ts';
import type { Host } from './engine.ts';
import { savedSynOf } from './saved-syn.ts';
import type { Sock } from './sock.ts';
import { keyOf, NO_OP, OPTIONS } from './socket-option-table.ts';

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_TCP = 6;
const SOL_IPV6 = 41;
const TCP_CONGESTION = 13;
const TCP_SAVE_SYN = 27;
const TCP_SAVED_SYN = 28;
const TCP_BPF_SYN = 1005;
const TCP_BPF_SYN_MAC = 1007;
const SO_BINDTODEVICE = 25;

const read32 = (bytes: Uint8Array): number => bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);

function write32(bytes: Uint8Array, value: number): void {
  bytes[0] = value;
  bytes[1] = value >> 8;
  bytes[2] = value >> 16;
  bytes[3] = value >> 24;
}

/** Whether the socket's family fits the level: SOL_IP wants AF_INET, SOL_IPV6 AF_INET6. */
function familyFits(sk: Sock, level: number): boolean {
  if (level === SOL_IP) return sk.family === AF_INET;
  if (level === SOL_IPV6) return sk.family === AF_INET6;
  return true;
}

/** bpf_setsockopt(): 0 or a negative errno. */
export function setSocketOption(call: Call, level: number, option: number, value: Uint8Array): number {
  const { sk, kernelHost: host } = call;
  if (!sk) return Errno.EINVAL;
  if (level === SOL_TCP && option === TCP_SAVED_SYN && host.features['options-by-socket-code']) {
    return value.length === 4 ? Errno.ENOPROTOOPT : Errno.EINVAL;
  }
  const answer = host.kernel.sockopt(level, option);
  if (!answer || answer.set.presence === 'no') return Errno.EINVAL;
  if (level === SOL_TCP && option === TCP_CONGESTION) return setCongestion(call, sk, value);
  if (level === SOL_SOCKET && option === SO_BINDTODEVICE) return bindToDevice(call, sk, value);
  if (value.length !== 4 || !familyFits(sk, level)) return Errno.EINVAL;
  const row = OPTIONS.get(keyOf(level, option));
  if (!row) return Errno.EINVAL;
  const wanted = read32(value);
  const values = answer.set.values;
  if (values && !ruleTakes(values.rule, wanted, host.config.hz)) return values.refused;
  const refused = row.refuse?.(sk, wanted, host, call.op) ?? 0;
  if (refused !== 0) return refused;
  const show = (): EffectValue => row.show?.(sk) ?? row.get?.(sk, host) ?? '';
  const before = show();
  row.set(sk, wanted, host, call.op);
  call.effect('setsockopt', row.property, before, show());
  return 0;
}

/** bpf_getsockopt(): 0, the length for TCP_BPF_SYN*, or a negative errno with the buffer zeroed. */
export function getSocketOption(call: Call, level: number, option: number, buffer: Uint8Array): number {
  const host = call.kernelHost;
  const answer = host.kernel.sockopt(level, option);
  const exists = answer !== undefined && answer.get.presence !== 'no';
  if (exists && level === SOL_TCP && TCP_BPF_SYN <= option && option <= TCP_BPF_SYN_MAC) {
    return getSyn(call, option, buffer);
  }
  const result = exists ? getValue(call, level, option, buffer) : Errno.EINVAL;
  if (result < 0) buffer.fill(0);
  return result;
}

function getValue(call: Call, level: number, option: number, buffer: Uint8Array): number {
  const { sk, kernelHost: host } = call;
  if (!sk) return Errno.EINVAL;
  if (level === SOL_TCP && option === TCP_CONGESTION) {
    if (buffer.length <= 1) return Errno.EINVAL;
    buffer.fill(0);
    for (let i = 0; i < Math.min(sk.ca.length, buffer.length - 1); i++) buffer[i] = sk.ca.charCodeAt(i);
    return 0;
  }
  if (level === SOL_TCP && option === TCP_SAVED_SYN) {
    const saved = sk.savedSyn;
    if (!saved || buffer.length === 0 || buffer.length > saved.bytes.length) return Errno.EINVAL;
    buffer.set(saved.bytes.subarray(0, buffer.length));
    return 0;
  }
  if (buffer.length !== 4 || !familyFits(sk, level)) return Errno.EINVAL;
  const row = OPTIONS.get(keyOf(level, option));
  if (!row?.get) return Errno.EINVAL;
  write32(buffer, row.get(sk, host));
  return 0;
}

/** TCP_BPF_SYN, _IP and _MAC: the headers of the SYN from the TCP, IP or MAC header on. */
function getSyn(call: Call, option: number, buffer: Uint8Array): number {
  const syn = savedSynOf(call);
  const wantsMac = option === TCP_BPF_SYN_MAC;
  if (!syn || (wantsMac && syn.mac === 0)) {
    buffer.fill(0);
    return Errno.ENOENT;
  }
  const start = option === TCP_BPF_SYN ? syn.mac + syn.ip : wantsMac ? 0 : syn.mac;
  const length = syn.bytes.length - start;
  const copied = Math.min(length, buffer.length);
  buffer.set(syn.bytes.subarray(start, start + copied));
  buffer.fill(0, copied);
  return copied < length ? Errno.ENOSPC : length;
}

function asciiUntilNul(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

function setCongestion(call: Call, sk: Sock, value: Uint8Array): number {
  const host = call.kernelHost;
  // TCP_CA_NAME_MAX less the NUL that the kernel adds.
  const bytes = value.subarray(0, 15);
  const name = asciiUntilNul(bytes);
  if (host.features['options-by-socket-code']) {
    if (value.length < 2) return Errno.EINVAL;
    if (value.length >= 3 && name === 'cdg') return Errno.ENOTSUPP;
  }
  // Without a NUL the kernel's name buffer goes on with whatever is on its stack, which names no algorithm.
  if (host.features['congestion-name-needs-nul'] && !bytes.includes(0) && value.length < 16) return Errno.ENOENT;
  const before = sk.ca;
  const reinit = !host.features['congestion-name-copied-raw'] || call.op > Op.NEEDS_ECN;
  const result = changeCongestionControl(host, sk, name, reinit ? 'at-once' : 'at-establishment');
  if (result === 0) call.effect('setsockopt', 'congestion control', before, sk.ca);
  return result;
}

/** Interfaces by index; an end of a simulated connection has a loopback device and one network card. */
const INTERFACES = ['', 'lo', 'eth0'] as const;

function bindToDevice(call: Call, sk: Sock, value: Uint8Array): number {
  const name = asciiUntilNul(value.subarray(0, 15));
  const index = INTERFACES.indexOf(name as (typeof INTERFACES)[number]);
  if (index < 0) return Errno.ENODEV;
  call.effect('setsockopt', 'bound interface index', sk.boundDevice, index);
  sk.boundDevice = index;
  return 0;
}

/**
 * setsockopt() of a process, for an option with a number as value: no program is involved, and values outside the range that the
 * kernel documents are refused. 0 or a negative errno.
 */
export function setProcessOption(host: Host, sk: Sock, level: number, option: number, value: number): number {
  const row = OPTIONS.get(keyOf(level, option));
  if (!row) return Errno.ENOPROTOOPT;
  const side = host.kernel.sockopt(level, option)?.set;
  // A process may set what BPF programs cannot yet; TCP_SAVE_SYN takes 2 from processes first.
  const wide = level === SOL_TCP && option === TCP_SAVE_SYN && host.features['save-syn-with-mac'] && value === 2;
  const values = side && side.presence !== 'no' ? side.values : undefined;
  if (values && !wide && !ruleTakes(values.rule, value, host.config.hz)) {
    return values.refused;
  }
  const refused = row.refuse?.(sk, value, host, NO_OP) ?? 0;
  if (refused !== 0) return refused;
  row.set(sk, value, host, NO_OP);
  return 0;
}
