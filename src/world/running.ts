// The callback that the chain is running: what a monitor and a debugger may look at meanwhile.

import { toHex } from '../base/index.ts';
import type { SockOpsCall } from '../tcp/index.ts';
import type { KernelObject } from '../vm/index.ts';
import type { ProgramChain } from './chain.ts';
import { tcpFlagsText } from './ctx-text.ts';
import type { KernelMember } from './kernel-objects.ts';
import type { CallbackInProgress, NamedValue } from './monitor.ts';
import type { LoadedProgram } from './programs.ts';
import type { Position } from './record.ts';
import type { HostSide } from './scenario-schema.ts';

/** The callback that is being run, as a monitor sees it. */
export class Running implements CallbackInProgress {
  readonly #owner: ProgramChain;
  readonly call: SockOpsCall;
  readonly chain: readonly LoadedProgram[];
  readonly index: number;
  readonly position: Position;
  readonly opName: string;
  #program: LoadedProgram;
  #chainIndex = 0;
  #turnStart: Position;

  constructor(owner: ProgramChain, call: SockOpsCall, chain: readonly LoadedProgram[], event: number, opName: string) {
    this.#owner = owner;
    this.call = call;
    this.chain = chain;
    this.index = owner.log.length;
    this.position = { event, insn: owner.retired };
    this.opName = opName;
    this.#program = chain[0]!;
    this.#turnStart = this.position;
  }

  turn(program: LoadedProgram, chainIndex: number): void {
    this.#program = program;
    this.#chainIndex = chainIndex;
    this.#turnStart = { event: this.position.event, insn: this.#owner.retired };
  }

  get op(): number {
    return this.call.op;
  }

  get host(): HostSide {
    return this.call.host === 'server' ? 'server' : 'client';
  }

  get callSite(): string {
    return this.call.callSite;
  }

  get args(): readonly [number, number, number, number] {
    return this.call.args;
  }

  get socketId(): number {
    return this.call.socketId;
  }

  get program(): LoadedProgram {
    return this.#program;
  }

  get chainIndex(): number {
    return this.#chainIndex;
  }

  get vm(): LoadedProgram['vm'] {
    return this.#program.vm;
  }

  get turnStart(): Position {
    return this.#turnStart;
  }

  socketState(): readonly NamedValue[] {
    return this.#owner.around.socketState(this.call);
  }

  segmentState(): readonly NamedValue[] {
    const { segment } = this.call;
    if (segment === undefined) return [];
    return [
      { name: 'flags', value: tcpFlagsText(segment.tcpFlags) },
      { name: 'length', value: segment.length, unit: 'bytes' },
      { name: 'visible', value: segment.visibleLength, unit: 'bytes' },
      { name: 'hardware timestamp', value: segment.hardwareTimestamp, unit: 'ns' },
      { name: 'bytes', value: toHex(segment.data.subarray(0, segment.visibleLength)) },
    ];
  }

  kernelMembers(object: KernelObject): readonly KernelMember[] {
    return this.#owner.kernelMembers(this.host, this.#program, object);
  }

  get now(): Position {
    return { event: this.position.event, insn: this.#turnStart.insn + this.vm.insns };
  }
}
