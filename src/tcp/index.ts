// L3: a deterministic model of the Linux TCP stack that calls sock_ops programs where the kernel does. Knows nothing of BPF
// instructions: programs run behind SockOpsHook. `createNetwork()` is the way in.

export { formatAddress, parseAddress } from './address.ts';
export { CallbackFlag, Flag, Op, STATE_NAMES, State } from './constants.ts';
export type { Effect, EffectValue } from './effects.ts';
export type { HostConfig, NetEvent, Notice, TimerName } from './engine.ts';
export type { HostName, SegmentView, SockOpsCall, SockOpsHook, SockOpsResult, SockView } from './hook.ts';
export type { TcpKernel } from './kernel.ts';
export {
  hasMembers,
  type KernelClock,
  type MemberTarget,
  type MemberValue,
  requestMember,
  type SocketMember,
  sockMember,
} from './kernel-members.ts';
export type { LinkOptions, LinkRule, SegmentFilter, SegmentRecord } from './link.ts';
export {
  createNetwork,
  type HostOptions,
  Network,
  type NetworkOptions,
  type SocketSummary,
} from './network.ts';
export { type IncomingOptions, parseOptions } from './options.ts';
export { encodeHeader, type Segment, segmentEnd } from './segment.ts';
export type { NetworkSnapshot } from './snapshot.ts';
export type { AddressWords } from './sock.ts';
export type { ProcessOption } from './syscalls.ts';
export { defaultSysctls, type Sysctls } from './sysctl.ts';
