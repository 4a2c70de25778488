// The running kernel as an oracle: the least of bpf(2) that a differential test needs, through koffi.
// Source: include/uapi/linux/bpf.h (union bpf_attr). Works as root on Linux/x86-64 only; `openKernel()` says why not otherwise.

import { closeSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SYS_BPF = 321;
const BPF_MAP_CREATE = 0;
const BPF_PROG_LOAD = 5;
const BPF_BTF_LOAD = 18;
const PROG_TYPE_SOCK_OPS = 13;
const ATTR_SIZE = 152;
/** BPF_OBJ_NAME_LEN without the zero at the end. */
const MAP_NAME_BYTES = 15;
const LOG_SIZE = 64 << 20;
const ARENA_SIZE = 24 << 20;

export interface OracleMap {
  readonly name?: string;
  readonly typeId: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags?: number;
  readonly innerFd?: number;
  readonly btfFd?: number;
  readonly keyTypeId?: number;
  readonly valueTypeId?: number;
  readonly extra?: bigint;
}

export interface OracleLoad {
  readonly bytes: Uint8Array;
  readonly license?: string;
  readonly logLevel?: number;
  readonly btfFd?: number;
  /** Raw struct bpf_func_info / bpf_line_info arrays. */
  readonly funcInfo?: Uint8Array;
  readonly lineInfo?: Uint8Array;
  readonly flags?: number;
  readonly attachType?: number;
  readonly fdArray?: readonly number[];
}

export interface OracleVerdict {
  readonly accepted: boolean;
  /** 0, or the positive errno. */
  readonly errno: number;
  readonly log: string;
  /** The kernel's messages: log lines that are neither instructions, register states, source lines nor statistics. */
  readonly messages: readonly string[];
  readonly processedInsns: number | undefined;
  readonly verificationMicroseconds: number | undefined;
}

export interface Kernel {
  readonly release: string;
  createMap(map: OracleMap): number;
  loadBtf(bytes: Uint8Array): number;
  /** Loads and at once forgets the program. */
  load(load: OracleLoad): OracleVerdict;
  /**
   * Any other command. `fill` writes union bpf_attr; `place` puts bytes where the kernel can reach them, and `read` gives them
   * back afterwards. A negative errno on failure.
   */
  command(
    number: number,
    fill: (attr: DataView, place: (bytes: Uint8Array) => { readonly address: bigint; read(): Uint8Array }) => void,
  ): number;
  close(fd: number): void;
}

interface Koffi {
  load(name: string): { func(signature: string): (...args: unknown[]) => unknown };
  errno(): number;
  address(pointer: unknown): bigint;
  view(pointer: unknown, length: number): ArrayBuffer;
}

/** Lines of a log that state what is wrong, in order. */
export function messagesOf(log: string): string[] {
  return log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(
      (line) =>
        line !== '' &&
        !/^\d+: /.test(line) &&
        !/^; /.test(line) &&
        !/^(processed \d+ insns|insns processed|verification time|stack depth|mark_precise:|from \d+ to \d+|returning from callee|to caller at|caller:|callee:|last_idx \d+|regs=| ?frame\d|parent |Func#\d|Validating |func#\d|propagating|cur state:|old state:|Live regs before insn:|subprog #|\(\d+\) )/.test(
          line,
        ) &&
        !/^ (frame\d+: ?)?R\d+[=(]/.test(line) &&
        !/^R\d+=/.test(line),
    );
}

/** The running kernel, or the reason why it cannot be asked. */
export function openKernel(): Kernel | { readonly unavailable: string } {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { unavailable: 'not Linux on x86-64' };
  if (process.getuid?.() !== 0) return { unavailable: 'not root' };
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)('koffi') as Koffi;
  } catch {
    return { unavailable: 'koffi is not installed' };
  }
  const libc = koffi.load('libc.so.6');
  const syscall = libc.func('long syscall(long nr, int cmd, void *attr, unsigned int size)');
  const malloc = libc.func('void *malloc(size_t size)');
  // Memory at addresses that do not move: the log, and an arena for everything that an attribute points to.
  const allocate = (size: number): { readonly bytes: Uint8Array; readonly address: bigint } => {
    const pointer = malloc(size);
    return { bytes: new Uint8Array(koffi.view(pointer, size)), address: BigInt(koffi.address(pointer)) };
  };
  const logMemory = allocate(LOG_SIZE);
  const log = logMemory.bytes;
  const arena = allocate(ARENA_SIZE);
  const decoder = new TextDecoder();

  const call = (cmd: number, attr: Uint8Array): number => {
    const result = syscall(SYS_BPF, cmd, attr, attr.length) as number;
    return result < 0 ? -koffi.errno() : result;
  };
  const withAddresses = (fill: (view: DataView, address: (bytes: Uint8Array) => bigint) => void): Uint8Array => {
    const attr = new Uint8Array(ATTR_SIZE);
    let used = 0;
    fill(new DataView(attr.buffer), (bytes) => {
      const at = used;
      used = (used + bytes.length + 15) & ~15;
      if (used > ARENA_SIZE) throw new RangeError('program too large for the test arena');
      arena.bytes.set(bytes, at);
      return arena.address + BigInt(at);
    });
    return attr;
  };

  const kernel: Kernel = {
    release: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    createMap(map) {
      const attr = withAddresses((view) => {
        view.setUint32(0, map.typeId, true);
        view.setUint32(4, map.keySize, true);
        view.setUint32(8, map.valueSize, true);
        view.setUint32(12, map.maxEntries, true);
        view.setUint32(16, map.flags ?? 0, true);
        view.setUint32(20, map.innerFd ?? 0, true);
        const name = new TextEncoder().encode((map.name ?? '').replace(/[^\w.]/g, '_').slice(0, MAP_NAME_BYTES));
        name.forEach((byte, index) => {
          view.setUint8(28 + index, byte);
        });
        view.setUint32(48, map.btfFd ?? 0, true);
        view.setUint32(52, map.keyTypeId ?? 0, true);
        view.setUint32(56, map.valueTypeId ?? 0, true);
        view.setBigUint64(64, map.extra ?? 0n, true);
      });
      return call(BPF_MAP_CREATE, attr);
    },
    loadBtf(bytes) {
      const attr = withAddresses((view, address) => {
        view.setBigUint64(0, address(bytes), true);
        view.setUint32(16, bytes.length, true);
      });
      return call(BPF_BTF_LOAD, attr);
    },
    load(load) {
      const license = new TextEncoder().encode(`${load.license ?? 'GPL'}\0`);
      const fds = Int32Array.from(load.fdArray ?? []);
      const fdBytes = new Uint8Array(fds.buffer);
      const wanted = load.logLevel ?? 1;
      log[0] = 0;
      const attr = withAddresses((view, address) => {
        view.setUint32(0, PROG_TYPE_SOCK_OPS, true);
        view.setUint32(4, load.bytes.length / 8, true);
        view.setBigUint64(8, load.bytes.length === 0 ? 0n : address(load.bytes), true);
        view.setBigUint64(16, address(license), true);
        if (wanted > 0) {
          view.setUint32(24, wanted, true);
          view.setUint32(28, log.length, true);
          view.setBigUint64(32, logMemory.address, true);
        }
        view.setUint32(44, load.flags ?? 0, true);
        view.setUint32(68, load.attachType ?? 0, true);
        view.setUint32(72, load.btfFd ?? 0, true);
        if (load.funcInfo !== undefined) {
          view.setUint32(76, 8, true);
          view.setBigUint64(80, address(load.funcInfo), true);
          view.setUint32(88, load.funcInfo.length / 8, true);
        }
        if (load.lineInfo !== undefined) {
          view.setUint32(92, 16, true);
          view.setBigUint64(96, address(load.lineInfo), true);
          view.setUint32(104, load.lineInfo.length / 16, true);
        }
        if (fds.length > 0) view.setBigUint64(120, address(fdBytes), true);
      });
      const result = call(BPF_PROG_LOAD, attr);
      if (result >= 0) closeSync(result);
      const end = log.indexOf(0);
      const text = wanted > 0 ? decoder.decode(log.subarray(0, end < 0 ? log.length : end)) : '';
      const processed = /processed (\d+) insns/.exec(text);
      const time = /verification time (\d+) usec/.exec(text);
      return {
        accepted: result >= 0,
        errno: result < 0 ? -result : 0,
        log: text,
        messages: result < 0 ? messagesOf(text) : [],
        processedInsns: processed ? Number(processed[1]) : undefined,
        verificationMicroseconds: time ? Number(time[1]) : undefined,
      };
    },
    command(number, fill) {
      const attr = withAddresses((view, address) => {
        fill(view, (bytes) => {
          const at = address(bytes);
          const offset = Number(at - arena.address);
          return { address: at, read: () => arena.bytes.slice(offset, offset + bytes.length) };
        });
      });
      return call(number, attr);
    },
    close: closeSync,
  };
  // Ask the least question: r0 = 0; exit.
  const probe = kernel.load({ bytes: Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0) });
  return probe.accepted ? kernel : { unavailable: `BPF_PROG_LOAD fails with errno ${probe.errno}` };
}
