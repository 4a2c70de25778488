// Who runs: CPU, task, user, cgroup, and signals to the task. Sources: kernel/bpf/helpers.c, kernel/trace/bpf_trace.c.

import { encodeUtf8 } from '../../base/index.ts';
import { E2BIG, EAGAIN, EINVAL, ENOENT, EPERM } from '../errno.ts';
import { HEADER } from '../heap.ts';
import { KERNEL_OBJECT_TYPES } from '../kernel-port.ts';
import type { Machine } from '../machine.ts';
import { ReferenceArray } from '../maps/references.ts';
import { OwnedStorage } from '../maps/storage.ts';
import { flagsArg, type HelperImpl } from './impl.ts';

const SIGNAL_COUNT = 64;
/** Inode of the first pid namespace (include/linux/proc_ns.h PROC_PID_INIT_INO). */
const INIT_PID_NAMESPACE = 0xeffffffcn;

function ancestors(m: Machine): readonly bigint[] {
  const { cgroupAncestors, cgroupId } = m.port.task;
  return cgroupAncestors ?? (cgroupId === 1n ? [1n] : [1n, cgroupId]);
}

function sendSignal(m: Machine): number {
  const signal = m.argU32(1);
  const { pid } = m.port.task;
  // The idle task and kernel threads take no signals, and neither does init.
  if (pid <= 1) return EPERM;
  if (signal > SIGNAL_COUNT) return EINVAL;
  m.port.event({ kind: 'signal', pid, signal });
  return 0;
}

/** Owner number of a kernel object that argument `n` points to; 'null' for NULL, undefined with a fault otherwise. */
export function objectOwner(m: Machine, n: number, type: 'task_struct' | 'cgroup'): bigint | 'null' | undefined {
  if (m.isNull(n)) return 'null';
  const data = m.heap.find(m.regs32[2 * n + 1]!, m.regs32[2 * n]!);
  if (data !== 0 && data === m.regs32[2 * n] && m.heap.kind(data) === 13) {
    if (KERNEL_OBJECT_TYPES[m.heap.get(data, HEADER.a)] === type) return BigInt(m.heap.owner(data) >>> 0);
  }
  m.badArgument(n, `not a pointer to struct ${type}`);
  return undefined;
}

/** include/uapi/linux/bpf.h BPF_LOCAL_STORAGE_GET_F_CREATE */
const CREATE = 1;

/** bpf_task_storage_get() and bpf_cgrp_storage_get(): map, owner, initial value or NULL, flags. */
function storageGet(m: Machine, type: 'task_struct' | 'cgroup'): undefined {
  const map = m.mapArg(1);
  if (map === undefined) return undefined;
  if (!(map instanceof OwnedStorage)) {
    m.badArgument(1, `map \`${map.definition.name}\` is no storage map`);
    return undefined;
  }
  const owner = objectOwner(m, 2, type);
  if (owner === undefined) return undefined;
  const flags = flagsArg(m, 4);
  if (owner === 'null' || flags < 0 || flags > CREATE) return m.returnBlock(0);
  const known = map.of(owner);
  if (known !== 0 || flags !== CREATE) return m.returnBlock(known);
  const initial = m.isNull(3) ? 0 : m.pointer(3, map.definition.valueSize, 'read', 'value');
  return initial < 0 ? undefined : m.returnBlock(map.ofOrNew(owner, initial));
}

function storageDelete(m: Machine, type: 'task_struct' | 'cgroup'): number | undefined {
  const map = m.mapArg(1);
  if (map === undefined) return undefined;
  const owner = objectOwner(m, 2, type);
  if (owner === undefined) return undefined;
  if (owner === 'null') return EINVAL;
  return map instanceof OwnedStorage ? map.remove(owner) : ENOENT;
}

export const TASK_HELPERS = {
  bpf_get_prandom_u32: (m) => m.port.random() >>> 0,
  bpf_get_smp_processor_id: (m) => m.port.cpu,
  bpf_get_numa_node_id: () => 0,
  bpf_get_current_pid_tgid: (m) => (BigInt(m.port.task.tgid) << 32n) | BigInt(m.port.task.pid),
  bpf_get_current_uid_gid: (m) => (BigInt(m.port.task.gid) << 32n) | BigInt(m.port.task.uid),
  bpf_get_current_comm(m) {
    const size = m.argU32(2);
    const at = m.pointer(1, size, 'write', 'buffer');
    if (at < 0) return undefined;
    // strscpy_pad: cut to fit with its NUL, the rest zeroed.
    const comm = encodeUtf8(m.port.task.comm).subarray(0, Math.min(15, size - 1));
    m.memory.fill(at, size, 0);
    m.memory.copyIn(at, comm);
    return 0;
  },
  bpf_get_ns_current_pid_tgid(m) {
    const size = m.argU32(4);
    const at = m.pointer(3, size, 'write', 'struct bpf_pidns_info');
    if (at < 0) return undefined;
    m.memory.fill(at, size, 0);
    if (size !== 8 || m.arg(2) !== INIT_PID_NAMESPACE) return EINVAL;
    m.memory.setU32(at, m.port.task.pid);
    m.memory.setU32(at + 4, m.port.task.tgid);
    return 0;
  },
  bpf_get_current_task: (m) => m.addressOf(m.kernelObject('task_struct', m.port.task.pid)),
  bpf_get_current_task_btf: (m) => m.returnBlock(m.kernelObject('task_struct', m.port.task.pid)),
  /** net_cls: class 0 unless the cgroup v1 controller is in use. */
  bpf_get_cgroup_classid: () => 0,
  bpf_get_current_cgroup_id: (m) => m.port.task.cgroupId,
  bpf_get_current_ancestor_cgroup_id(m) {
    const level = m.argS32(1);
    return ancestors(m)[level] ?? 0n;
  },
  bpf_current_task_under_cgroup(m) {
    const map = m.mapArg(1);
    if (map === undefined) return undefined;
    if (!(map instanceof ReferenceArray)) {
      m.badArgument(1, `map \`${map.definition.name}\` is no cgroup array`);
      return undefined;
    }
    const index = m.argU32(2);
    if (index >= map.definition.maxEntries) return E2BIG;
    const reference = map.reference(index);
    if (reference === 0) return EAGAIN;
    return ancestors(m).includes(BigInt(reference - 1)) ? 1 : 0;
  },
  bpf_send_signal: sendSignal,
  bpf_send_signal_thread: sendSignal,
  bpf_task_storage_get: (m) => storageGet(m, 'task_struct'),
  bpf_task_storage_delete: (m) => storageDelete(m, 'task_struct'),
  bpf_cgrp_storage_get: (m) => storageGet(m, 'cgroup'),
  bpf_cgrp_storage_delete: (m) => storageDelete(m, 'cgroup'),
  bpf_get_local_storage(m) {
    const map = m.mapArg(1);
    if (map === undefined) return undefined;
    if (!(map instanceof OwnedStorage)) {
      m.badArgument(1, `map \`${map.definition.name}\` is no cgroup storage`);
      return undefined;
    }
    return m.returnBlock(map.ofOrNew(m.port.attachedCgroupId ?? m.port.task.cgroupId, 0, m.port.cpu));
  },
  bpf_get_task_stack: { unmodelled: 'the simulated task has no stack to walk' },
  bpf_task_pt_regs: { unmodelled: 'the simulated task has no saved registers' },
  bpf_find_vma: { unmodelled: 'the simulated task has no address space' },
  bpf_get_branch_snapshot: { unmodelled: 'there is no branch-recording hardware behind the machine' },
} satisfies Record<string, HelperImpl>;
