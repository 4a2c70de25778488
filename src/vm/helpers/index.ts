// Every helper that a sock_ops program may call on some kernel, by name, and the kernel functions. A row of the kernel table
// without an entry here does not compile; an entry that says `unmodelled` becomes a fault that shows its reason.

import { rowOf } from '../../isa/index.ts';
import { HELPER_ROWS, type HelperName, type KernelView, type KfuncName } from '../../kernel/index.ts';
import type { ResumeTable } from '../continuation.ts';
import type { CallFunction, Code } from '../lower.ts';
import type { HelperImpl } from './impl.ts';
import { OTHER_KFUNCS } from './kfuncs.ts';
import { MAP_HELPERS, resumeForEach, resumeLoop } from './maps.ts';
import { cancelTimerLater, MEMORY_HELPERS } from './memory.ts';
import { OBJECT_KFUNCS, resumeTreeInsert } from './objects.ts';
import { RINGBUF_HELPERS, resumeDrain } from './ringbuf.ts';
import { SOCKET_HELPERS } from './socket.ts';
import { TASK_HELPERS } from './task.ts';
import { TIME_HELPERS } from './time.ts';
import { TRACE_HELPERS } from './trace.ts';

export const HELPER_IMPLS = {
  ...MAP_HELPERS,
  ...TIME_HELPERS,
  ...TASK_HELPERS,
  ...SOCKET_HELPERS,
  ...TRACE_HELPERS,
  ...RINGBUF_HELPERS,
  ...MEMORY_HELPERS,
} satisfies Record<HelperName, HelperImpl>;

const SLEEPS = { unmodelled: 'it may sleep, and sock_ops programs never may' };
const OTHER_HOOK = { unmodelled: 'it needs the context of another program type' };
const NO_TASKS = { unmodelled: 'there is one task and no list of tasks behind the machine' };
const NO_FILES = { unmodelled: 'there are no files behind the machine' };
const NO_MEMORY_CGROUPS = { unmodelled: 'memory is not accounted to control groups here' };
const NO_SLAB = { unmodelled: 'there is no kernel memory allocator behind the machine' };
const NO_KEYS = { unmodelled: 'there are no keyrings behind the machine' };
const NO_DEVICE = { unmodelled: 'it needs a program bound to a network device' };
const NO_WORKERS = { unmodelled: 'there are no kernel threads behind the machine that could run the callback' };

export const KFUNC_IMPLS = {
  ...OTHER_KFUNCS,
  ...OBJECT_KFUNCS,
  bpf_arena_alloc_pages: SLEEPS,
  bpf_arena_free_pages: SLEEPS,
  bpf_arena_reserve_pages: SLEEPS,
  bpf_copy_from_user_dynptr: SLEEPS,
  bpf_copy_from_user_str: SLEEPS,
  bpf_copy_from_user_str_dynptr: SLEEPS,
  bpf_copy_from_user_task_dynptr: SLEEPS,
  bpf_copy_from_user_task_str: SLEEPS,
  bpf_copy_from_user_task_str_dynptr: SLEEPS,
  bpf_iter_dmabuf_new: SLEEPS,
  bpf_iter_dmabuf_next: SLEEPS,
  bpf_iter_dmabuf_destroy: SLEEPS,
  bpf_iter_kmem_cache_new: SLEEPS,
  bpf_iter_kmem_cache_next: SLEEPS,
  bpf_iter_kmem_cache_destroy: SLEEPS,
  bpf_lookup_user_key: SLEEPS,
  bpf_timer_cancel_async: cancelTimerLater,
  bpf_dynptr_from_file: NO_FILES,
  bpf_dynptr_file_discard: NO_FILES,
  bpf_get_mem_cgroup: NO_MEMORY_CGROUPS,
  bpf_get_root_mem_cgroup: NO_MEMORY_CGROUPS,
  bpf_put_mem_cgroup: NO_MEMORY_CGROUPS,
  bpf_mem_cgroup_flush_stats: NO_MEMORY_CGROUPS,
  bpf_mem_cgroup_memory_events: NO_MEMORY_CGROUPS,
  bpf_mem_cgroup_page_state: NO_MEMORY_CGROUPS,
  bpf_mem_cgroup_usage: NO_MEMORY_CGROUPS,
  bpf_mem_cgroup_vm_events: NO_MEMORY_CGROUPS,
  bpf_stream_print_stack: { unmodelled: 'the machine has no stack trace in the form that kernels print' },
  bpf_verify_pkcs7_signature: NO_KEYS,
  bpf_lookup_system_key: NO_KEYS,
  bpf_key_put: NO_KEYS,
  bpf_dynptr_from_skb: OTHER_HOOK,
  bpf_sock_addr_set_sun_path: OTHER_HOOK,
  bpf_modify_return_test_tp: OTHER_HOOK,
  bpf_get_kmem_cache: NO_SLAB,
  bpf_cgroup_read_xattr: { unmodelled: 'cgroups have no extended attributes here' },
  bpf_iter_css_new: NO_TASKS,
  bpf_iter_css_next: NO_TASKS,
  bpf_iter_css_destroy: NO_TASKS,
  bpf_iter_css_task_new: NO_TASKS,
  bpf_iter_css_task_next: NO_TASKS,
  bpf_iter_css_task_destroy: NO_TASKS,
  bpf_iter_task_new: NO_TASKS,
  bpf_iter_task_next: NO_TASKS,
  bpf_iter_task_destroy: NO_TASKS,
  bpf_iter_task_vma_new: NO_TASKS,
  bpf_iter_task_vma_next: NO_TASKS,
  bpf_iter_task_vma_destroy: NO_TASKS,
  bpf_send_signal_task: NO_TASKS,
  bpf_task_get_cgroup1: { unmodelled: 'there are no cgroup v1 hierarchies behind the machine' },
  bpf_task_work_schedule_resume_impl: NO_WORKERS,
  bpf_task_work_schedule_signal_impl: NO_WORKERS,
  bpf_wq_init: NO_WORKERS,
  bpf_task_work_schedule_resume: NO_WORKERS,
  bpf_task_work_schedule_signal: NO_WORKERS,
  bpf_wq_set_callback_impl: NO_WORKERS,
  bpf_wq_set_callback: NO_WORKERS,
  bpf_wq_start: NO_WORKERS,
  crash_kexec: { unmodelled: 'there is no kernel behind the machine that could crash' },
  bpf_xdp_metadata_rx_hash: NO_DEVICE,
  bpf_xdp_metadata_rx_timestamp: NO_DEVICE,
  bpf_xdp_metadata_rx_vlan_tag: NO_DEVICE,
} satisfies Record<KfuncName, HelperImpl>;

/** How each helper that calls back goes on when its callback returns. */
export const RESUME: ResumeTable = {
  loop: resumeLoop,
  'for-each-element': resumeForEach,
  'user-ringbuf': resumeDrain,
  'tree-insert': resumeTreeInsert,
};

const NAME_BY_ID: ReadonlyMap<number, string> = new Map(HELPER_ROWS.map((row) => [row.id, row.name]));

function executable(name: string, impl: HelperImpl): CallFunction {
  if (typeof impl === 'function') return impl;
  return (m) => m.unmodelled(`${name}()`, impl.unmodelled);
}

/** What a call of that helper does on that kernel; undefined for an id that no kernel has. */
export function callFunction(view: KernelView, id: number): CallFunction | undefined {
  const name = NAME_BY_ID.get(id);
  if (name === undefined) return undefined;
  const impls: Partial<Record<string, HelperImpl>> = HELPER_IMPLS;
  const impl = impls[name];
  const answer = view.helper(id);
  if (impl !== undefined && answer.ok) return executable(name, impl);
  const reason =
    impl === undefined || (!answer.ok && answer.why === 'never')
      ? 'no kernel lets a sock_ops program call it'
      : `${view.target.title} does not let a sock_ops program call it`;
  return refused(name, reason);
}

function refused(name: string, why: string): CallFunction {
  return (m) => {
    m.setFault({ kind: 'refused-call', what: `${name}()`, why });
    return undefined;
  };
}

/** What a call of that kernel function does on that kernel; undefined for a name that is not known. */
export function kfuncFunction(view: KernelView, name: string): CallFunction | undefined {
  const impls: Partial<Record<string, HelperImpl>> = KFUNC_IMPLS;
  const impl = impls[name];
  if (impl === undefined) return undefined;
  const answer = view.kfunc(name);
  if (answer.ok || typeof impl !== 'function') return executable(name, impl);
  return refused(name, `${view.target.title} does not let a sock_ops program call it`);
}

/** Name of what the instruction at a slot calls, for messages. */
export function nameOfCall(code: Code, slot: number): string {
  const insn = code.insns[slot];
  if (insn?.kind === 'call-helper') return NAME_BY_ID.get(insn.helper) ?? `helper #${insn.helper}`;
  if (insn?.kind === 'call-kfunc')
    return code.program.kfuncReferences?.find((each) => each.slot === slot)?.name ?? `kfunc #${insn.btfId}`;
  return insn === undefined ? 'helper' : (rowOf(insn)?.name ?? 'helper');
}
