// Kernel functions called by the program: their names (from the object, or from the kernel's BTF) and rows.

import type { CallKfuncInsn } from '../isa/index.ts';
import type { KfuncAnswer, KfuncRow } from '../kernel/index.ts';
import type { Env } from './env.ts';

/** Functions that call a function of the program back, at once or later. */
const CALLS_BACK = new Set(['bpf_rbtree_add_impl', 'bpf_rbtree_add']);

export class KfuncTable {
  readonly #env: Env;
  readonly #answers = new Map<string, KfuncAnswer>();

  constructor(env: Env) {
    this.#env = env;
  }

  /** Checks that come when the program is read. */
  declare(insn: CallKfuncInsn): void {
    const env = this.#env;
    if (!env.gplCompatible) {
      env.refuse(
        { kind: 'kfunc-refused', text: 'cannot call kernel function from non-GPL compatible program', errno: 22 },
        insn.slot,
      );
    }
    if (insn.btfId === 0 && insn.btfFdIndex === 0) return;
    const { kernelTypes, kfuncNames } = env.input;
    if (kfuncNames?.has(insn.slot) === true || kernelTypes?.origin !== 'given') return;
    if (kernelTypes.btf.type(insn.btfId)?.kind !== 'func') {
      env.refuse(
        { kind: 'kfunc-refused', text: `kernel btf_id ${insn.btfId} is not a function`, errno: 22 },
        insn.slot,
      );
    }
  }

  nameAt(slot: number): string {
    const { input, program } = this.#env;
    const named = input.kfuncNames?.get(slot);
    if (named !== undefined) return named;
    const insn = program.insns[slot];
    if (insn?.kind !== 'call-kfunc') return 'kernel-function';
    const type = input.kernelTypes?.btf.type(insn.btfId);
    return type?.kind === 'func' ? type.name : 'kernel-function';
  }

  answer(name: string): KfuncAnswer {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const answer = this.#env.view.kfunc(name);
    this.#answers.set(name, answer);
    return answer;
  }

  at(insn: CallKfuncInsn): KfuncRow | undefined {
    const answer = this.answer(this.nameAt(insn.slot));
    return answer.row;
  }

  /** Whether the kernel refuses the function here because it may sleep. */
  mightSleep(insn: CallKfuncInsn): boolean {
    const answer = this.answer(this.nameAt(insn.slot));
    return !answer.ok && answer.why === 'may-sleep';
  }

  argumentCount(insn: CallKfuncInsn): number | undefined {
    const row = this.at(insn);
    return row === undefined ? undefined : Math.min(5, row.arguments.length);
  }

  callsBack(name: string): boolean {
    return CALLS_BACK.has(name);
  }
}
