// The 16-byte load: a number, a map, the address of a map value, a function, or a kernel variable.
// Source of truth: kernel/bpf/verifier.c check_ld_imm.

import { assertNever } from '../base/index.ts';
import type { LoadImm64Insn } from '../isa/index.ts';
import type { Env } from './env.ts';
import { calledSlot, functionStartingAt } from './program.ts';
import { constantReg, Flag, Kind, Reg, UNKNOWN_SCALAR } from './reg.ts';
import { ZERO } from './scalar.ts';

export function loadImm64(env: Env, insn: LoadImm64Insn): void {
  env.setReg(insn.dst, value(env, insn));
}

function value(env: Env, insn: LoadImm64Insn): Reg {
  switch (insn.source) {
    case 'value':
      return constantReg((BigInt(insn.high) << 32n) | BigInt(insn.low));
    case 'map-fd':
    case 'map-idx':
      return new Reg(Kind.mapPtr, ZERO, 0, 0, 0, false, 0, env.mapOfSlot.get(insn.slot)!);
    case 'map-value':
    case 'map-idx-value': {
      const map = env.mapOfSlot.get(insn.slot)!;
      if (map.type === 'arena') return UNKNOWN_SCALAR;
      return new Reg(Kind.mapValue, ZERO, insn.high, 0, 0, false, 0, map);
    }
    case 'function': {
      const fn = functionStartingAt(env.program, calledSlot(insn)!)!;
      if (!env.hasFunctionInfo) env.refuse({ kind: 'callback-function', problem: 'no-info' });
      if (fn.linkage !== 'static') env.refuse({ kind: 'callback-function', problem: 'not-static' });
      if (fn.index === 0) env.refuse({ kind: 'callback-function', problem: 'is-main' });
      return new Reg(Kind.func, ZERO, 0, 0, 0, false, fn.index);
    }
    case 'btf-id': {
      const type = env.kernelTypes.variableAt(insn.slot);
      if (type === undefined) return UNKNOWN_SCALAR;
      if (type.kind === 'memory') return new Reg(Kind.mem | Flag.rdonly, ZERO, 0, 0, 0, false, type.size);
      return new Reg(Kind.btfId | (type.perCpu ? Flag.percpu : 0), ZERO, 0, 0, 0, false, 0, undefined, type.type);
    }
    default:
      return assertNever(insn.source, 'loadImm64');
  }
}
