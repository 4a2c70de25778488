// One instruction on one path: its requirements are checked in order, then its effect happens. Gives the slot at which the path goes
// on, or undefined where it ends.

import { assertNever } from '../base/index.ts';
import type { Insn } from '../isa/index.ts';
import { arithmetic, convert, negate } from './arithmetic.ts';
import { check } from './check.ts';
import type { Env } from './env.ts';
import { callFunction, exit } from './function-call.ts';
import { callHelper } from './helper-call.ts';
import { loadImm64 } from './immediate.ts';
import { conditionalJump, mayGoto } from './jump.ts';
import { callKfunc } from './kfunc-call.ts';
import { loadedValue, store } from './memory.ts';
import { Kind, UNKNOWN_SCALAR } from './reg.ts';
import { requirementsOf } from './requirement.ts';

export function step(env: Env, insn: Insn): number | undefined {
  const { slot } = env;
  const requirements = (env.program.requirements[slot] ??= requirementsOf(insn, env.rules));
  for (const requirement of requirements) check(env, requirement);
  switch (insn.kind) {
    case 'alu':
      arithmetic(env, insn);
      return slot + 1;
    case 'load':
      env.source = env.reg(insn.base).origin;
      env.setReg(insn.dst, loadedValue(env, insn.base, insn.offset, insn.size, insn.signExtend ? 'sign' : 'zero'));
      return slot + 1;
    case 'store':
      store(
        env,
        insn.base,
        insn.offset,
        insn.size,
        insn.src.kind === 'reg' ? { kind: 'reg', reg: insn.src.reg } : { kind: 'immediate', value: insn.src.value },
      );
      return slot + 1;
    case 'jump-if':
      env.jumps++;
      return conditionalJump(env, insn);
    case 'jump':
      env.jumps++;
      return insn.target;
    case 'call-helper':
      env.jumps++;
      callHelper(env, insn);
      return slot + 1;
    case 'exit':
      env.jumps++;
      return exit(env);
    case 'load-imm64':
      env.source = undefined;
      loadImm64(env, insn);
      return slot + 2;
    case 'call-local':
      env.jumps++;
      return callFunction(env, insn);
    case 'neg':
      env.source = env.reg(insn.dst).origin;
      negate(env, insn.dst, insn.width);
      return slot + 1;
    case 'endian':
      env.source = env.reg(insn.dst).origin;
      convert(env, insn);
      return slot + 1;
    case 'atomic':
      atomic(env, insn);
      return slot + 1;
    case 'load-acquire':
      env.source = env.reg(insn.base).origin;
      env.setReg(insn.dst, loadedValue(env, insn.base, insn.offset, insn.size, 'zero'));
      return slot + 1;
    case 'store-release':
      store(env, insn.base, insn.offset, insn.size, { kind: 'reg', reg: insn.src });
      return slot + 1;
    case 'may-goto':
      env.jumps++;
      return mayGoto(env, insn);
    case 'call-kfunc':
      env.jumps++;
      callKfunc(env, insn);
      return env.calledKfunc() === 'bpf_throw' ? undefined : slot + 1;
    case 'addr-space-cast':
      env.setReg(insn.dst, env.reg(insn.src).type === Kind.arena ? UNKNOWN_SCALAR : env.reg(insn.src));
      return slot + 1;
    case 'call-indirect':
    case 'jump-indirect':
    case 'packet-load':
    case 'invalid':
      // Their requirements hold on no kernel that is described.
      return env.refuse({ kind: 'unknown-opcode', opcode: env.program.raws[slot]!.opcode });
    default:
      return assertNever(insn, 'step');
  }
}

function atomic(env: Env, insn: Extract<Insn, { kind: 'atomic' }>): void {
  if (insn.fetch) {
    const into = insn.fn === 'cmpxchg' ? 0 : insn.src;
    env.source = env.reg(insn.base).origin;
    // The register that receives the old value may be the base itself; the address is taken first.
    const value = loadedValue(env, insn.base, insn.offset, insn.size, 'zero');
    if (into !== insn.base) env.setReg(into, value);
    store(env, insn.base, insn.offset, insn.size, { kind: 'anything' });
    if (into === insn.base) env.setReg(into, value);
    return;
  }
  store(env, insn.base, insn.offset, insn.size, { kind: 'anything' });
}
