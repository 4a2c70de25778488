// One verification under way: the program, the kernel's rules, the path being followed, the paths still to follow, and the log.
// The parts of the verifier are functions over this object; it holds state and bookkeeping, no rules.

import { Bug } from '../base/index.ts';
import { type CtxAccessAnswer, isGplCompatible, type KernelView } from '../kernel/index.ts';
import { insnText, type Names } from './disasm.ts';
import { HelperTable } from './helper-table.ts';
import { KernelTypeTable } from './kernel-type-table.ts';
import { KfuncTable } from './kfunc-table.ts';
import { alignsStrictly, hasFlag } from './load-attributes.ts';
import { Log } from './log.ts';
import type { MapInfo } from './map-info.ts';
import { MapTable } from './map-table.ts';
import { type Selection, stateText } from './print.ts';
import { type PreparedProgram, prepare } from './program.ts';
import type { Reason } from './reason.ts';
import { type BtfTypeRef, Kind, NOT_INIT, type Origin, type Reg, type RegType, typeText, withOrigin } from './reg.ts';
import { type Rules, rulesOf } from './rules.ts';
import { Signatures } from './signatures.ts';
import { EMPTY_SLOT, type StackSlot } from './stack-slot.ts';
import { FRAME_POINTER, type Frame, type HistoryEntry, REGISTERS, State } from './state.ts';
import type { InsnState, VerifyInput, VerifyOptions } from './verdict.ts';

/** Thrown where a program is refused and caught in verify.ts only: the kernel too stops at the first mistake. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly reason: Reason;
  readonly slot: number | undefined;

  constructor(reason: Reason, slot: number | undefined) {
    super(reason.kind);
    this.reason = reason;
    this.slot = slot;
  }
}

/** A path to follow later. */
interface Pending {
  readonly state: State;
  readonly slot: number;
  readonly previousSlot: number;
  readonly logPosition: number;
  readonly remarks: number;
}

const TRACED_STATES_PER_SLOT = 4;
const PATH_LENGTH = 512;
const ORIGIN_DEPTH = 40;

export class Env {
  readonly input: VerifyInput;
  readonly view: KernelView;
  readonly rules: Rules;
  readonly program: PreparedProgram;
  readonly log: Log;
  readonly maps: MapTable;
  readonly helpers: HelperTable;
  readonly kfuncs: KfuncTable;
  readonly kernelTypes: KernelTypeTable;
  readonly signatures: Signatures;
  readonly mapOfSlot = new Map<number, MapInfo>();
  readonly uncertain = new Set<string>();
  /** Lines that the kernel prints on this path without refusing anything for them. */
  readonly remarks: string[] = [];
  readonly names: Names;
  readonly hasFunctionInfo: boolean;
  readonly gplCompatible: boolean;
  /** prog_flags of the load. */
  readonly loadFlags: number;
  readonly strictAlignment: boolean;
  /** A state is remembered at every checkpoint. */
  readonly remembersEveryState: boolean;

  state = new State();
  /** Slot being verified and the one before it on this path (-1 at the start). */
  slot = 0;
  previousSlot = -1;
  /** History entry of the instruction being verified, if it has one. */
  historyEntry: HistoryEntry | undefined;
  readonly pending: Pending[] = [];
  explored: (State[] | undefined)[] = [];

  /** A context access that this kernel's rule lets through but its conversion does not know; found when all paths are done. */
  conversionFailure: { readonly slot: number; readonly off: number; readonly size: number } | undefined;

  /** Kind of pointer that the memory instruction being verified goes through. */
  accessedType = 0;
  /** CPUs of the kernel at hand, where known: bounds bpf_get_smp_processor_id(). */
  readonly cpuCount: number | undefined;

  lastId = 0;
  lastMapUid = 0;
  processed = 0;
  jumps = 0;
  processedAtCheckpoint = 0;
  jumpsAtCheckpoint = 0;
  totalStates = 0;
  liveStates = 0;
  peakStates = 0;
  maxStatesPerInsn = 0;

  /** Registers and stack slots touched since the last print. */
  touchedRegs = 0;
  #touchedLow = 0;
  #touchedHigh = 0;
  #previousLine = -1;

  readonly tracesOrigins: boolean;
  readonly tracesStates: boolean;
  readonly traced = new Map<number, InsnState[]>();
  /** What the value being written was made from, while tracing. */
  source: Origin | undefined;
  readonly #path: number[] = [];
  readonly #ctxAnswers = new Map<number, CtxAccessAnswer>();

  constructor(input: VerifyInput, view: KernelView, options: VerifyOptions) {
    this.input = input;
    this.view = view;
    this.rules = rulesOf(view);
    // A program beyond the limit is refused for that, and nothing of it needs to be decoded.
    const most = 8 * view.limit('program-instructions');
    this.program = prepare(input.bytes.length > most ? input.bytes.subarray(0, 0) : input.bytes);
    this.loadFlags = input.loadFlags ?? 0;
    this.strictAlignment = alignsStrictly(this.loadFlags);
    this.remembersEveryState = hasFlag(this.loadFlags, 'BPF_F_TEST_STATE_FREQ');
    this.log = new Log(options.logLevel ?? 0);
    this.maps = new MapTable(input, view);
    this.gplCompatible = isGplCompatible(input.license);
    this.helpers = new HelperTable(view, this.gplCompatible);
    this.kfuncs = new KfuncTable(this);
    this.kernelTypes = new KernelTypeTable(input);
    this.signatures = new Signatures(input.btf, view.has('global-functions-may-be-void'));
    this.hasFunctionInfo = input.btf !== undefined && input.subprograms?.some((one) => one.btfFuncId !== 0) === true;
    this.cpuCount = view.has('processor-id-bounded') ? options.cpuCount : undefined;
    const trace = options.trace ?? 'none';
    this.tracesOrigins = trace === 'origins' || trace === 'all';
    this.tracesStates = trace === 'states' || trace === 'all';
    this.names = {
      helper: (id) => this.helpers.nameOf(id),
      kfunc: (slot) => this.kfuncs.nameAt(slot),
      address: (insn) => {
        const map = this.mapOfSlot.get(insn.slot);
        if (map === undefined) return (BigInt(insn.high) << 32n) | BigInt(insn.low);
        // Any address will do; it only has to differ from map to map.
        return 0xffff_8880_0000_0000n + BigInt(map.definition.fd) * 0x1000n + BigInt(insn.high);
      },
    };
  }

  /** What the kernel says of a context access; asked once for each. */
  ctxAccess(offset: number, size: number, mode: 'read' | 'write'): CtxAccessAnswer {
    const key = (offset * 16 + size) * 2 + (mode === 'read' ? 0 : 1);
    let answer = this.#ctxAnswers.get(key);
    if (answer === undefined) this.#ctxAnswers.set(key, (answer = this.view.ctxAccess({ offset, size, mode })));
    return answer;
  }

  /** Refuses the program for `reason`, at the instruction being verified unless another slot is given. */
  refuse(reason: Reason, slot: number | undefined = this.slot): never {
    throw new Stop(reason, slot);
  }

  // --- Registers of the frame on top ------------------------------------------------------------------------------------

  get frame(): Frame {
    const { frames } = this.state;
    return frames[frames.length - 1]!;
  }

  reg(number: number): Reg {
    const { frames } = this.state;
    return frames[frames.length - 1]!.regs[number]!;
  }

  /** The frame on top, safe to write to. */
  ownFrame(): Frame {
    return this.state.own(this.state.frames.length - 1);
  }

  /** The register exists and holds a value. */
  checkReadable(number: number): void {
    if (number >= REGISTERS) this.refuse({ kind: 'no-such-register', reg: number });
    this.touchedRegs |= 1 << number;
    if (this.reg(number).type === Kind.notInit) this.refuse({ kind: 'not-readable', reg: number });
  }

  /** The register exists and is not the frame pointer. */
  checkWritable(number: number): void {
    if (number >= REGISTERS) this.refuse({ kind: 'no-such-register', reg: number });
    this.touchedRegs |= 1 << number;
    if (number === FRAME_POINTER) this.refuse({ kind: 'frame-pointer-written' });
  }

  setReg(number: number, reg: Reg): void {
    const frame = this.ownFrame();
    this.touchedRegs |= 1 << number;
    frame.regs[number] = this.tracesOrigins ? this.#traced(reg) : reg;
  }

  #traced(reg: Reg): Reg {
    if (reg.type === NOT_INIT.type) return reg;
    const from = reg.origin ?? this.source;
    if (from?.slot === this.slot && reg.origin !== undefined) return reg;
    const depth = (from?.depth ?? 0) + 1;
    return withOrigin(reg, { slot: this.slot, from: depth > ORIGIN_DEPTH ? undefined : from, depth });
  }

  /** Registers that a call destroys. */
  clearCallerSaved(): void {
    const frame = this.ownFrame();
    for (let i = 0; i <= 5; i++) frame.regs[i] = NOT_INIT;
    this.touchedRegs |= 0x3f;
  }

  /** The kernel's name of a type; older kernels call numbers "inv" and ring buffer memory otherwise. */
  typeText(type: RegType): string {
    const text = typeText(type);
    if (type === Kind.scalar) return this.rules.saysScalar ? text : 'inv';
    return text.includes('ringbuf_mem') ? text.replace('ringbuf_mem', this.rules.ringbufMemory) : text;
  }

  get usesArena(): boolean {
    return [...this.mapOfSlot.values()].some((map) => map.type === 'arena');
  }

  /** An argument of a function in messages: counted from 0, or by its register. */
  argumentName(index: number, before = 'arg#'): string {
    return this.view.has('arguments-named-by-register') ? `R${index + 1}` : `${before}${index}`;
  }

  /** The structure that a kernel pointer in a map value leads to: the kernel's of that name, else the program's own. */
  kptrTarget({ target, targetId }: { readonly target: string; readonly targetId: number }): BtfTypeRef {
    const isOwn = this.kernelTypes.knows(target) === false;
    return isOwn ? { kernel: false, id: targetId, name: target } : this.kernelTypes.structure(target);
  }

  /** Name of the kernel function that the instruction being verified calls. */
  calledKfunc(): string {
    return this.kfuncs.nameAt(this.slot);
  }

  nextId(): number {
    return ++this.lastId;
  }

  // --- Stack ------------------------------------------------------------------------------------------------------------

  stackSlot(frame: number, spi: number): StackSlot {
    return this.state.frames[frame]!.stack[spi] ?? EMPTY_SLOT;
  }

  setStackSlot(frame: number, spi: number, slot: StackSlot): void {
    const own = this.state.own(frame);
    while (own.stack.length <= spi) own.stack.push(EMPTY_SLOT);
    own.stack[spi] = slot;
  }

  touchSlot(spi: number): void {
    if (spi < 32) this.#touchedLow |= 1 << spi;
    else this.#touchedHigh |= 1 << (spi - 32);
  }

  readonly #slotTouched = (spi: number): boolean =>
    spi < 32 ? (this.#touchedLow & (1 << spi)) !== 0 : (this.#touchedHigh & (1 << (spi - 32))) !== 0;

  touchEverything(): void {
    this.touchedRegs = -1;
    this.#touchedLow = -1;
    this.#touchedHigh = -1;
  }

  get anythingTouched(): boolean {
    return this.touchedRegs !== 0 || this.#touchedLow !== 0 || this.#touchedHigh !== 0;
  }

  // --- Paths ------------------------------------------------------------------------------------------------------------

  /** Queues the path that goes on at `slot` from the state as it is now; gives the queued state for the caller to adjust. */
  branchTo(slot: number, previousSlot = this.slot): State {
    const state = this.state.copy();
    state.branches = 1;
    this.#queue(state, slot, previousSlot);
    if (state.parent !== undefined) state.parent.branches++;
    if (this.pending.length > this.rules.maxPending)
      this.refuse({ kind: 'too-many-branches', count: this.pending.length, async: 'no' });
    return state;
  }

  #queue(state: State, slot: number, previousSlot: number): void {
    this.pending.push({ state, slot, previousSlot, logPosition: this.log.position, remarks: this.remarks.length });
  }

  /** Queues a path that starts afresh, for an asynchronous callback. */
  startAsync(state: State, slot: number): void {
    this.#queue(state, slot, this.slot);
    if (this.pending.length > this.rules.maxPending)
      this.refuse({ kind: 'too-many-branches', count: this.pending.length, async: 'yes' });
  }

  /** Takes up the next path; false when none is left. */
  takeNext(): boolean {
    const next = this.pending.pop();
    if (next === undefined) return false;
    // Lines about a path that turned out well are forgotten, but for the full log.
    if (this.log.level === 1) this.log.rollBack(next.logPosition);
    if (this.log.level !== 2) this.remarks.length = next.remarks;
    this.state = next.state;
    this.slot = next.slot;
    this.previousSlot = next.previousSlot;
    return true;
  }

  /** Notes that this path passes `slot`, for the report of a refusal. */
  step(slot: number): void {
    const path = this.#path;
    if (path.length >= 2 * PATH_LENGTH) path.splice(0, PATH_LENGTH);
    path.push(slot);
  }

  get path(): readonly number[] {
    return this.#path.slice(-PATH_LENGTH);
  }

  useMap(fd: number, slot: number): MapInfo {
    const answer = this.maps.use(fd);
    return answer.kind === 'map' ? answer.map : this.refuse(answer.reason, slot);
  }

  /** Says something in the log that refuses nothing by itself. */
  remark(text: string): void {
    if (this.log.on) this.log.write(`${text}\n`);
    this.remarks.push(text);
  }

  // --- Log --------------------------------------------------------------------------------------------------------------

  stateLine(state: State, frame: number, selection: Selection): string {
    return stateText(state, frame, selection);
  }

  /** What changed since the last print, behind the instruction where nothing was written in between. */
  printTouched(): void {
    const text = this.stateLine(this.state, this.state.current, {
      regs: this.touchedRegs,
      slots: this.#slotTouched,
    });
    this.log.appendState(this.slot, text);
    this.touchedRegs = 0;
    this.#touchedLow = 0;
    this.#touchedHigh = 0;
  }

  /** The line of the source that a slot belongs to, when it is another than the last one printed. */
  printLine(slot: number): void {
    const { lines } = this.input;
    if (lines === undefined || lines.length === 0) return;
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lines[middle]!.slot <= slot) low = middle;
      else high = middle - 1;
    }
    if (low === this.#previousLine) return;
    const line = lines[low]!;
    const previous = this.#previousLine < 0 ? undefined : lines[this.#previousLine];
    if (this.view.has('log-names-lines')) {
      if (previous !== undefined && previous.file === line.file && previous.line0 === line.line0) return;
      const file = line.file.slice(line.file.lastIndexOf('/') + 1);
      this.log.write(`; ${line.text.trimStart()} @ ${file}:${line.line0 + 1}\n`);
    } else this.log.write(`; ${line.text.trimStart()}\n`);
    this.#previousLine = low;
  }

  forgetLine(): void {
    this.#previousLine = -1;
  }

  insnText(slot: number): string {
    const insn = this.program.insns[slot];
    if (insn === undefined) throw new Bug(`no instruction at slot ${slot}`);
    return insnText(insn, this.program.raws[slot]!, this.names);
  }

  recordState(slot: number, state: InsnState): void {
    const list = this.traced.get(slot);
    if (list === undefined) this.traced.set(slot, [state]);
    else if (list.length < TRACED_STATES_PER_SLOT) list.push(state);
  }
}
