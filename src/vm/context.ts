// What a program reaches through its context pointer: the image of struct bpf_sock_ops, the packet, and the two views of the
// socket. The image is filled by whoever runs the program; here it is kept fresh, its few writable words are let through, and
// the places where real kernels convert an access wrongly are imitated.

import type { ContextSource } from './api.ts';
import type { AccessMode } from './fault.ts';
import { BLOCK, HEADER } from './heap.ts';
import type { Machine } from './machine.ts';

/** Offsets in struct bpf_sock_ops that the machine itself writes or treats specially (include/uapi/linux/bpf.h). */
const REPLY = 4;
const ARGS_END = 20;
const RTT_MIN = 92;
const TX_HASH = 164;
const SK = 184;
const SKB_DATA = 192;
const SKB_DATA_END = 200;
/** sizeof(struct bpf_sock), sizeof(struct bpf_tcp_sock) */
const SOCK_BYTES = 80;
const TCP_SOCK_BYTES = 112;
/** Room for options that the program stores while it runs. */
const PACKET_SLACK = 64;

interface ContextState {
  readonly stale: boolean;
  readonly packet: number;
  readonly packetCapacity: number;
  readonly input: number;
  readonly inputCapacity: number;
}

export class ContextRegion {
  readonly #m: Machine;
  readonly #data: number;
  readonly #sock: number;
  readonly #tcpSock: number;
  readonly #colours: readonly number[];
  #source: ContextSource | undefined;
  /** View of the image in the current buffer of the memory. */
  #image: DataView | undefined;
  /** The image is older than the socket; it is filled again when the program looks. */
  #stale = false;
  #packet = 0;
  #packetCapacity = 0;
  #input = 0;
  #inputCapacity = 0;
  /** By offset, the fields that read 0 unless the socket is full or locked. */
  readonly #guarded: ReadonlyMap<number, { readonly name: string; readonly guard: 'full' | 'locked' }>;
  readonly #selfLoad: 'right' | 'crashes' | 'leaks';
  readonly #rttMinUnguarded: boolean;

  constructor(machine: Machine) {
    this.#m = machine;
    const { heap, view } = machine;
    this.#data = heap.allocate({ kind: BLOCK.context, mapped: view.ctxSize, readOnly: true });
    this.#sock = heap.allocate({ kind: BLOCK.sock, mapped: SOCK_BYTES, readOnly: true });
    this.#tcpSock = heap.allocate({ kind: BLOCK.tcpSock, mapped: TCP_SOCK_BYTES, readOnly: true });
    heap.unmap(this.#sock);
    heap.unmap(this.#tcpSock);
    this.#colours = [this.#data, this.#sock, this.#tcpSock].map((data) => heap.colour(data));
    const guarded = new Map<number, { name: string; guard: 'full' | 'locked' }>();
    for (const field of view.ctxFields)
      if (field.guard === 'full' || field.guard === 'locked')
        for (let i = 0; i < field.count; i++)
          guarded.set(field.offset + i * field.size, { name: field.name, guard: field.guard });
    this.#guarded = guarded;
    this.#selfLoad = view.has('context-self-load-crashes')
      ? 'crashes'
      : view.has('context-self-load-leaks')
        ? 'leaks'
        : 'right';
    this.#rttMinUnguarded = view.has('context-rtt-min-unguarded');
  }

  get data(): number {
    return this.#data;
  }
  get packet(): number {
    return this.#packet;
  }
  get sock(): number {
    return this.#sock;
  }
  get tcpSock(): number {
    return this.#tcpSock;
  }
  get source(): ContextSource | undefined {
    return this.#source;
  }

  attach(source: ContextSource | undefined): void {
    this.#source = source;
  }

  /** Fills the image for a new call and points r1 to it. */
  begin(): void {
    const { heap, memory } = this.#m;
    memory.fill(this.#data, heap.size(this.#data), 0);
    this.#fill('start');
    this.#m.setPointer(1, this.#data);
  }

  /** For a call without a context: r1 and r2 are the address and length of a copy of `bytes`. */
  beginRaw(bytes: Uint8Array | undefined): void {
    const m = this.#m;
    m.regs64[2] = BigInt(bytes?.length ?? 0);
    m.regs64[1] = 0n;
    if (bytes === undefined) return;
    if (this.#input === 0 || this.#inputCapacity < bytes.length) {
      if (this.#input !== 0) m.heap.free(this.#input);
      this.#input = m.heap.allocate({ kind: BLOCK.input, mapped: bytes.length });
      this.#inputCapacity = bytes.length;
      if (this.#input < 0) {
        this.#input = 0;
        return;
      }
    } else m.heap.resize(this.#input, bytes.length);
    m.memory.copyIn(this.#input, bytes);
    m.setPointer(1, this.#input);
  }

  /** A helper may have changed the socket: what the program reads from now on must be asked for anew. */
  changed(): void {
    if (this.#source === undefined) return;
    const { heap } = this.#m;
    this.#stale = true;
    heap.unmap(this.#data);
    heap.unmap(this.#sock);
    heap.unmap(this.#tcpSock);
  }

  /** Brings the image up to date, for those who read memory directly. */
  refresh(): void {
    if (!this.#stale || this.#source === undefined) return;
    const { memory, heap } = this.#m;
    const args = memory.bytes(this.#data + REPLY, ARGS_END - REPLY);
    this.#fill('refresh');
    memory.copyIn(this.#data + REPLY, args);
    heap.map(this.#data);
  }

  #fill(when: 'start' | 'refresh'): void {
    const m = this.#m;
    const source = this.#source;
    if (source === undefined) return;
    const { memory, heap } = m;
    const size = heap.size(this.#data);
    const { packet } = source;
    this.#placePacket(packet);
    source.fill(this.#imageView(), when);
    memory.touched(this.#data, size);
    if (size > SK) this.#storePointer(SK, source.hasSock ? this.#sock : 0, 0);
    if (size > SKB_DATA_END) {
      const data = packet === undefined ? 0 : this.#packet;
      this.#storePointer(SKB_DATA, data, 0);
      this.#storePointer(SKB_DATA_END, data, packet?.length ?? 0);
    }
    if (this.#stale || when === 'start') {
      this.#stale = false;
      heap.map(this.#data);
      heap.unmap(this.#sock);
      heap.unmap(this.#tcpSock);
      heap.set(this.#sock, HEADER.owner, m.port.socket?.socketId ?? -1);
      heap.set(this.#tcpSock, HEADER.owner, m.port.socket?.socketId ?? -1);
    }
  }

  /** Writes a pointer to a byte of a block (0: NULL) into the image, in halves: no bigint is made. */
  #storePointer(field: number, data: number, offset: number): void {
    const { heap, memory } = this.#m;
    memory.view.setInt32(this.#data + field, data === 0 ? 0 : data + offset, true);
    memory.view.setInt32(this.#data + field + 4, data === 0 ? 0 : heap.colour(data), true);
  }

  #imageView(): DataView {
    const { heap, memory } = this.#m;
    const { buffer } = memory.linear;
    if (this.#image?.buffer !== buffer) this.#image = new DataView(buffer, this.#data, heap.size(this.#data));
    return this.#image;
  }

  #placePacket(packet: Uint8Array | undefined): void {
    const { heap, memory } = this.#m;
    if (packet === undefined) {
      if (this.#packet !== 0) heap.unmap(this.#packet);
      return;
    }
    if (this.#packet === 0 || this.#packetCapacity < packet.length) {
      if (this.#packet !== 0) heap.free(this.#packet);
      this.#packetCapacity = packet.length + PACKET_SLACK;
      this.#packet = heap.allocate({ kind: BLOCK.packet, mapped: this.#packetCapacity, readOnly: true });
    }
    memory.copyIn(this.#packet, packet);
    heap.resize(this.#packet, packet.length);
  }

  /** The reply word as it stands. */
  reply(): number {
    return this.#m.memory.i32[(this.#data + REPLY) >> 2]!;
  }

  owns(high: number): boolean {
    return this.#colours.includes(high);
  }

  /** Makes fresh what the access wants to see; the linear address, or -1 where the access is not possible at all. */
  resolve(high: number, low: number, size: number, mode: AccessMode): number {
    const m = this.#m;
    const { heap } = m;
    if (high === heap.colour(this.#data)) this.refresh();
    else if (high === heap.colour(this.#sock)) this.#fillSock();
    else this.#fillTcpSock();
    return m.access.allowed(high, low, size, mode) ? low : -1;
  }

  #fillSock(): void {
    const { heap, memory } = this.#m;
    const socket = this.#m.port.socket;
    if (this.#source?.hasSock !== true || socket === undefined) return;
    const image = new Uint8Array(SOCK_BYTES);
    socket.fillSock?.(image);
    memory.copyIn(this.#sock, image);
    heap.map(this.#sock);
  }

  /** Fills struct bpf_tcp_sock; false when there is none. */
  #fillTcpSock(): boolean {
    const { heap, memory } = this.#m;
    const image = new Uint8Array(TCP_SOCK_BYTES);
    if (this.#m.port.socket?.fillTcpSock?.(image) !== true) return false;
    memory.copyIn(this.#tcpSock, image);
    heap.map(this.#tcpSock);
    return true;
  }

  /** bpf_tcp_sock(): data address of the image, 0 for NULL. */
  tcpSockOf(): number {
    return this.#fillTcpSock() ? this.#tcpSock : 0;
  }

  /** A store into the context. True: it has been dealt with. */
  store(high: number, low: number, size: number, value: bigint): boolean {
    const m = this.#m;
    if (high !== m.heap.colour(this.#data) || this.#source === undefined) return false;
    const offset = low - this.#data;
    if (!m.view.ctxAccess({ offset, size, mode: 'write' }).ok) return false;
    this.refresh();
    if (offset === TX_HASH && !this.#source.isLocked) {
      m.diagnose({ kind: 'dropped-context-write', offset });
      return true;
    }
    const word = Number(BigInt.asIntN(32, value));
    m.memory.setU32(low, word);
    if (offset === TX_HASH) this.#source.writeTxHash(word >>> 0);
    return true;
  }

  /** Whether a load must be looked at when it is executed because the target kernel may convert it wrongly. */
  mayQuirk(insn: {
    readonly dst: number;
    readonly base: number;
    readonly offset: number;
    readonly size: number;
  }): boolean {
    if (this.#rttMinUnguarded && insn.offset === RTT_MIN && insn.size === 4) return true;
    return this.#selfLoad !== 'right' && insn.dst === insn.base && this.#guarded.has(insn.offset);
  }

  /** `none`: load as usual. `done`: the register holds what this kernel leaves there. */
  quirk(d: number, base: number, offset: number, _size: number): 'none' | 'done' | 'fault' {
    const m = this.#m;
    const source = this.#source;
    if (source === undefined || m.regs32[2 * base + 1] !== m.heap.colour(this.#data)) return 'none';
    const field = m.regs32[2 * base]! + offset - this.#data;
    if (field === RTT_MIN && this.#rttMinUnguarded && !source.isLocked)
      m.diagnose({ kind: 'unguarded-context-read', offset: RTT_MIN });
    const guarded = this.#guarded.get(field);
    if (d !== base || guarded === undefined || this.#selfLoad === 'right') return 'none';
    const holds = guarded.guard === 'full' ? source.isFullSock : source.isLocked;
    if (this.#selfLoad === 'crashes') {
      if (!holds) return 'none';
      m.setFault({
        kind: 'kernel-oops',
        why: `it reads ${guarded.name} into the register that holds the context and then follows the number 1 as a pointer; use another register`,
      });
      return 'fault';
    }
    if (holds) return 'none';
    m.diagnose({ kind: 'context-pointer-leak', offset: field });
    return 'done';
  }

  state(): ContextState {
    return {
      stale: this.#stale,
      packet: this.#packet,
      packetCapacity: this.#packetCapacity,
      input: this.#input,
      inputCapacity: this.#inputCapacity,
    };
  }

  restore(state: unknown): void {
    const from = state as ContextState;
    this.#stale = from.stale;
    this.#packet = from.packet;
    this.#packetCapacity = from.packetCapacity;
    this.#input = from.input;
    this.#inputCapacity = from.inputCapacity;
  }
}
