// The interpreter: one loop over the typed arrays that lower.ts makes. The hot path of the machine, so it is written for the
// compiler of the JavaScript engine: literal case labels, no allocation, 64-bit arithmetic through a BigInt64Array (which is
// compiled to plain 64-bit instructions) and everything else on 32-bit halves. bench/vm.ts has the measurements behind that.
//
// `regs64` holds r0 to r10 and, from FIRST_CONSTANT on, the constants of all programs; `regs32` is the same memory in
// halves: low half of register n at 2n, high half at 2n + 1.

import { STACK_COLOUR } from './address.ts';
import { divide64, modulo64, multiply64, signedDivide64, signedModulo64 } from './arithmetic.ts';
import { MAY_GOTO_ROUNDS, type Machine, SIGNAL } from './machine.ts';
import { STOP, type Stop } from './stop.ts';

/** Runs from the machine's state until the call ends or `budget` instructions have retired. */
export function interpret(m: Machine, budget: number): Stop {
  const regs64 = m.regs64;
  const regs = m.regs32;
  const { memory, maxFrames, returnSlots, returnCodes, functionSlots, mayGotoLeft, stackTops } = m;
  const saved = m.saved32;
  let left = budget;
  let pc = m.pc;
  reload: for (;;) {
    const code = m.code;
    const { words, off, target } = code;
    const { u8, i32, i64, view, tags, dirty, epoch } = memory;
    for (;;) {
      if (left <= 0) {
        m.pc = pc;
        m.retired += budget;
        return STOP.budget;
      }
      left--;
      const word = words[pc]!;
      const d = (word >>> 8) & 0xff;
      switch (word & 0xff) {
        case 0: // add64
          regs64[d] = regs64[d]! + regs64[word >>> 16]!;
          pc++;
          break;
        case 1: // sub64
          regs64[d] = regs64[d]! - regs64[word >>> 16]!;
          pc++;
          break;
        case 2: // mul64
          multiply64(regs, d, word >>> 16);
          pc++;
          break;
        case 3: // div64
          divide64(regs64, regs, d, word >>> 16);
          pc++;
          break;
        case 4: // sdiv64
          signedDivide64(regs64, d, word >>> 16);
          pc++;
          break;
        case 5: // or64
          regs64[d] = regs64[d]! | regs64[word >>> 16]!;
          pc++;
          break;
        case 6: // and64
          regs64[d] = regs64[d]! & regs64[word >>> 16]!;
          pc++;
          break;
        case 7: {
          // lsh64
          const count = regs[2 * (word >>> 16)]! & 63;
          const low = regs[2 * d]!;
          if (count >= 32) {
            regs[2 * d + 1] = low << (count - 32);
            regs[2 * d] = 0;
          } else if (count !== 0) {
            regs[2 * d + 1] = (regs[2 * d + 1]! << count) | (low >>> (32 - count));
            regs[2 * d] = low << count;
          }
          pc++;
          break;
        }
        case 8: {
          // rsh64
          const count = regs[2 * (word >>> 16)]! & 63;
          const high = regs[2 * d + 1]!;
          if (count >= 32) {
            regs[2 * d] = high >>> (count - 32);
            regs[2 * d + 1] = 0;
          } else if (count !== 0) {
            regs[2 * d] = (regs[2 * d]! >>> count) | (high << (32 - count));
            regs[2 * d + 1] = high >>> count;
          }
          pc++;
          break;
        }
        case 9: // mod64
          modulo64(regs64, regs, d, word >>> 16);
          pc++;
          break;
        case 10: // smod64
          signedModulo64(regs64, d, word >>> 16);
          pc++;
          break;
        case 11: // xor64
          regs64[d] = regs64[d]! ^ regs64[word >>> 16]!;
          pc++;
          break;
        case 12: // mov64
          regs64[d] = regs64[word >>> 16]!;
          pc++;
          break;
        case 13: {
          // movsx8to64
          const value = (regs[2 * (word >>> 16)]! << 24) >> 24;
          regs[2 * d] = value;
          regs[2 * d + 1] = value >> 31;
          pc++;
          break;
        }
        case 14: {
          // movsx16to64
          const value = (regs[2 * (word >>> 16)]! << 16) >> 16;
          regs[2 * d] = value;
          regs[2 * d + 1] = value >> 31;
          pc++;
          break;
        }
        case 15: {
          // movsx32to64
          const value = regs[2 * (word >>> 16)]!;
          regs[2 * d] = value;
          regs[2 * d + 1] = value >> 31;
          pc++;
          break;
        }
        case 16: {
          // arsh64
          const count = regs[2 * (word >>> 16)]! & 63;
          const high = regs[2 * d + 1]!;
          if (count >= 32) {
            regs[2 * d] = high >> (count - 32);
            regs[2 * d + 1] = high >> 31;
          } else if (count !== 0) {
            regs[2 * d] = (regs[2 * d]! >>> count) | (high << (32 - count));
            regs[2 * d + 1] = high >> count;
          }
          pc++;
          break;
        }
        case 17: // neg64
          regs64[d] = -regs64[d]!;
          pc++;
          break;
        case 18: // add32
          regs[2 * d] = regs[2 * d]! + regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 19: // sub32
          regs[2 * d] = regs[2 * d]! - regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 20: // mul32
          regs[2 * d] = Math.imul(regs[2 * d]!, regs[2 * (word >>> 16)]!);
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 21: {
          // div32
          const divisor = regs[2 * (word >>> 16)]! >>> 0;
          regs[2 * d] = divisor === 0 ? 0 : (regs[2 * d]! >>> 0) / divisor;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        }
        case 22: {
          // sdiv32
          const divisor = regs[2 * (word >>> 16)]!;
          regs[2 * d] = divisor === 0 ? 0 : regs[2 * d]! / divisor;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        }
        case 23: // or32
          regs[2 * d] = regs[2 * d]! | regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 24: // and32
          regs[2 * d] = regs[2 * d]! & regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 25: // lsh32
          regs[2 * d] = regs[2 * d]! << regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 26: // rsh32
          regs[2 * d] = regs[2 * d]! >>> regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 27: {
          // mod32
          const divisor = regs[2 * (word >>> 16)]! >>> 0;
          if (divisor !== 0) regs[2 * d] = (regs[2 * d]! >>> 0) % divisor;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        }
        case 28: {
          // smod32
          const divisor = regs[2 * (word >>> 16)]!;
          if (divisor !== 0) regs[2 * d] = regs[2 * d]! % divisor;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        }
        case 29: // xor32
          regs[2 * d] = regs[2 * d]! ^ regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 30: // mov32
          regs[2 * d] = regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 31: // movsx8to32
          regs[2 * d] = (regs[2 * (word >>> 16)]! << 24) >> 24;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 32: // movsx16to32
          regs[2 * d] = (regs[2 * (word >>> 16)]! << 16) >> 16;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 33: // arsh32
          regs[2 * d] = regs[2 * d]! >> regs[2 * (word >>> 16)]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 34: // neg32
          regs[2 * d] = -regs[2 * d]!;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 35: // zext16
          regs[2 * d] = regs[2 * d]! & 0xffff;
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 36: // zext32
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 37: // nop
          pc++;
          break;
        case 38: {
          // bswap16
          const value = regs[2 * d]!;
          regs[2 * d] = ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
          regs[2 * d + 1] = 0;
          pc++;
          break;
        }
        case 39: // bswap32
          regs[2 * d] = swapped(regs[2 * d]!);
          regs[2 * d + 1] = 0;
          pc++;
          break;
        case 40: {
          // bswap64
          const low = swapped(regs[2 * d + 1]!);
          regs[2 * d + 1] = swapped(regs[2 * d]!);
          regs[2 * d] = low;
          pc++;
          break;
        }
        case 41: // loadImm64
          regs64[d] = regs64[word >>> 16]!;
          pc += 2;
          break;
        case 42: {
          // load8
          const s = word >>> 16;
          const at = (regs[2 * s]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * s + 1] && at < (tags[tag]! & 0x7fffffff)) {
            regs[2 * d] = u8[at]!;
            regs[2 * d + 1] = 0;
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.loadSlowly(d, s, off[pc]!, 1, false)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 43: {
          // load16
          const s = word >>> 16;
          const at = (regs[2 * s]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * s + 1] && at + 2 <= (tags[tag]! & 0x7fffffff)) {
            regs[2 * d] = view.getUint16(at, true);
            regs[2 * d + 1] = 0;
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.loadSlowly(d, s, off[pc]!, 2, false)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 44: {
          // load32
          const s = word >>> 16;
          const at = (regs[2 * s]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * s + 1] && at + 4 <= (tags[tag]! & 0x7fffffff)) {
            regs[2 * d] = (at & 3) === 0 ? i32[at >> 2]! : view.getInt32(at, true);
            regs[2 * d + 1] = 0;
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.loadSlowly(d, s, off[pc]!, 4, false)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 45: {
          // load64
          const s = word >>> 16;
          const at = (regs[2 * s]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * s + 1] && at + 8 <= (tags[tag]! & 0x7fffffff)) {
            if ((at & 7) === 0) regs64[d] = i64[at >> 3]!;
            else {
              regs[2 * d] = view.getInt32(at, true);
              regs[2 * d + 1] = view.getInt32(at + 4, true);
            }
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.loadSlowly(d, s, off[pc]!, 8, false)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 46: {
          // loadSigned8
          m.pc = pc;
          if (!m.access.loadSlowly(d, word >>> 16, off[pc]!, 1, true)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 47: {
          // loadSigned16
          m.pc = pc;
          if (!m.access.loadSlowly(d, word >>> 16, off[pc]!, 2, true)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 48: {
          // loadSigned32
          m.pc = pc;
          if (!m.access.loadSlowly(d, word >>> 16, off[pc]!, 4, true)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 49: {
          // loadContext
          m.pc = pc;
          if (!m.access.loadWithContextQuirks(d, word >>> 16, off[pc]!, target[pc]!))
            return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 50: {
          // store8
          const at = (regs[2 * d]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * d + 1] && at < tags[tag]!) {
            u8[at] = regs[2 * (word >>> 16)]!;
            dirty[at >>> 12] = 1;
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.storeSlowly(d, word >>> 16, off[pc]!, 1)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 51: {
          // store16
          const at = (regs[2 * d]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * d + 1] && at + 2 <= tags[tag]!) {
            view.setInt16(at, regs[2 * (word >>> 16)]!, true);
            dirty[at >>> 12] = 1;
            dirty[(at + 1) >>> 12] = 1;
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.storeSlowly(d, word >>> 16, off[pc]!, 2)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 52: {
          // store32
          const at = (regs[2 * d]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * d + 1] && at + 4 <= tags[tag]!) {
            if ((at & 3) === 0) i32[at >> 2] = regs[2 * (word >>> 16)]!;
            else {
              view.setInt32(at, regs[2 * (word >>> 16)]!, true);
              dirty[(at + 3) >>> 12] = 1;
            }
            dirty[at >>> 12] = 1;
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.storeSlowly(d, word >>> 16, off[pc]!, 4)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 53: {
          // store64
          const at = (regs[2 * d]! + off[pc]!) | 0;
          const tag = (at >>> 6) << 1;
          if (tags[tag + 1] === regs[2 * d + 1] && at + 8 <= tags[tag]!) {
            if ((at & 7) === 0) i64[at >> 3] = regs64[word >>> 16]!;
            else {
              const s = word >>> 16;
              view.setInt32(at, regs[2 * s]!, true);
              view.setInt32(at + 4, regs[2 * s + 1]!, true);
              dirty[(at + 7) >>> 12] = 1;
            }
            dirty[at >>> 12] = 1;
            pc++;
            break;
          }
          m.pc = pc;
          if (!m.access.storeSlowly(d, word >>> 16, off[pc]!, 8)) return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 54: // atomic32
        case 55: // atomic64
          m.pc = pc;
          if (!m.access.atomic(d, word >>> 16, off[pc]!, target[pc]!, (word & 0xff) === 54 ? 4 : 8))
            return m.stopped(budget - left - 1);
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        case 56: // jump
          pc = target[pc]!;
          break;
        case 57: {
          // jeq64
          const s = word >>> 16;
          pc = regs[2 * d] === regs[2 * s] && regs[2 * d + 1] === regs[2 * s + 1] ? target[pc]! : pc + 1;
          break;
        }
        case 58: {
          // jne64
          const s = word >>> 16;
          pc = regs[2 * d] !== regs[2 * s] || regs[2 * d + 1] !== regs[2 * s + 1] ? target[pc]! : pc + 1;
          break;
        }
        case 59: {
          // jgt64
          const s = word >>> 16;
          const a = regs[2 * d + 1]! >>> 0;
          const b = regs[2 * s + 1]! >>> 0;
          pc = a > b || (a === b && regs[2 * d]! >>> 0 > regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 60: {
          // jge64
          const s = word >>> 16;
          const a = regs[2 * d + 1]! >>> 0;
          const b = regs[2 * s + 1]! >>> 0;
          pc = a > b || (a === b && regs[2 * d]! >>> 0 >= regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 61: {
          // jlt64
          const s = word >>> 16;
          const a = regs[2 * d + 1]! >>> 0;
          const b = regs[2 * s + 1]! >>> 0;
          pc = a < b || (a === b && regs[2 * d]! >>> 0 < regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 62: {
          // jle64
          const s = word >>> 16;
          const a = regs[2 * d + 1]! >>> 0;
          const b = regs[2 * s + 1]! >>> 0;
          pc = a < b || (a === b && regs[2 * d]! >>> 0 <= regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 63: {
          // jsgt64
          const s = word >>> 16;
          const a = regs[2 * d + 1]!;
          const b = regs[2 * s + 1]!;
          pc = a > b || (a === b && regs[2 * d]! >>> 0 > regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 64: {
          // jsge64
          const s = word >>> 16;
          const a = regs[2 * d + 1]!;
          const b = regs[2 * s + 1]!;
          pc = a > b || (a === b && regs[2 * d]! >>> 0 >= regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 65: {
          // jslt64
          const s = word >>> 16;
          const a = regs[2 * d + 1]!;
          const b = regs[2 * s + 1]!;
          pc = a < b || (a === b && regs[2 * d]! >>> 0 < regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 66: {
          // jsle64
          const s = word >>> 16;
          const a = regs[2 * d + 1]!;
          const b = regs[2 * s + 1]!;
          pc = a < b || (a === b && regs[2 * d]! >>> 0 <= regs[2 * s]! >>> 0) ? target[pc]! : pc + 1;
          break;
        }
        case 67: {
          // jset64
          const s = word >>> 16;
          const common = (regs[2 * d]! & regs[2 * s]!) | (regs[2 * d + 1]! & regs[2 * s + 1]!);
          pc = common !== 0 ? target[pc]! : pc + 1;
          break;
        }
        case 68: // jeq32
          pc = regs[2 * d] === regs[2 * (word >>> 16)] ? target[pc]! : pc + 1;
          break;
        case 69: // jne32
          pc = regs[2 * d] !== regs[2 * (word >>> 16)] ? target[pc]! : pc + 1;
          break;
        case 70: // jgt32
          pc = regs[2 * d]! >>> 0 > regs[2 * (word >>> 16)]! >>> 0 ? target[pc]! : pc + 1;
          break;
        case 71: // jge32
          pc = regs[2 * d]! >>> 0 >= regs[2 * (word >>> 16)]! >>> 0 ? target[pc]! : pc + 1;
          break;
        case 72: // jlt32
          pc = regs[2 * d]! >>> 0 < regs[2 * (word >>> 16)]! >>> 0 ? target[pc]! : pc + 1;
          break;
        case 73: // jle32
          pc = regs[2 * d]! >>> 0 <= regs[2 * (word >>> 16)]! >>> 0 ? target[pc]! : pc + 1;
          break;
        case 74: // jsgt32
          pc = regs[2 * d]! > regs[2 * (word >>> 16)]! ? target[pc]! : pc + 1;
          break;
        case 75: // jsge32
          pc = regs[2 * d]! >= regs[2 * (word >>> 16)]! ? target[pc]! : pc + 1;
          break;
        case 76: // jslt32
          pc = regs[2 * d]! < regs[2 * (word >>> 16)]! ? target[pc]! : pc + 1;
          break;
        case 77: // jsle32
          pc = regs[2 * d]! <= regs[2 * (word >>> 16)]! ? target[pc]! : pc + 1;
          break;
        case 78: // jset32
          pc = (regs[2 * d]! & regs[2 * (word >>> 16)]!) !== 0 ? target[pc]! : pc + 1;
          break;
        case 79: // mayGoto
          pc = m.mayGoto() ? pc + 1 : target[pc]!;
          break;
        case 80: {
          // callHelper
          m.pc = pc;
          const result = code.calls[target[pc]!]!(m);
          if (typeof result === 'number') {
            regs[0] = result;
            regs[1] = result < 0 ? -1 : 0;
          } else if (result !== undefined) regs64[0] = result;
          if (m.signal !== SIGNAL.none) {
            if (m.signal === SIGNAL.fault) return m.stopped(budget - left - 1);
            m.signal = SIGNAL.none;
            pc = m.pc;
            continue reload;
          }
          pc++;
          if (memory.epoch !== epoch) continue reload;
          break;
        }
        case 81: {
          // callLocal
          const depth = m.depth + 1;
          m.pc = pc;
          if (depth >= maxFrames) {
            m.enter(target[pc]!);
            return m.stopped(budget - left - 1);
          }
          // What Machine.enter does, written out: a call in compiled code is not to cost ten times an addition.
          const base = depth * 10;
          saved[base] = regs[12]!;
          saved[base + 1] = regs[13]!;
          saved[base + 2] = regs[14]!;
          saved[base + 3] = regs[15]!;
          saved[base + 4] = regs[16]!;
          saved[base + 5] = regs[17]!;
          saved[base + 6] = regs[18]!;
          saved[base + 7] = regs[19]!;
          saved[base + 8] = regs[20]!;
          saved[base + 9] = regs[21]!;
          returnSlots[depth] = pc;
          returnCodes[depth] = code.index;
          m.depth = depth;
          pc = target[pc]!;
          if (depth > m.deepest) m.prepareStack();
          functionSlots[depth] = pc;
          mayGotoLeft[depth] = MAY_GOTO_ROUNDS;
          regs[20] = stackTops[depth]!;
          regs[21] = (STACK_COLOUR + depth) | 0;
          break;
        }
        case 82: {
          // exit
          const { depth } = m;
          if (depth === 0) {
            m.pc = pc;
            m.retired += budget - left;
            return STOP.returned;
          }
          if (returnCodes[depth] !== code.index || m.continuations[depth] !== undefined) {
            m.pc = pc;
            m.leave();
            if (m.signal !== SIGNAL.none) {
              if (m.signal === SIGNAL.fault) return m.stopped(budget - left - 1);
              m.signal = SIGNAL.none;
            }
            pc = m.pc;
            continue reload;
          }
          const base = depth * 10;
          regs[12] = saved[base]!;
          regs[13] = saved[base + 1]!;
          regs[14] = saved[base + 2]!;
          regs[15] = saved[base + 3]!;
          regs[16] = saved[base + 4]!;
          regs[17] = saved[base + 5]!;
          regs[18] = saved[base + 6]!;
          regs[19] = saved[base + 7]!;
          regs[20] = saved[base + 8]!;
          regs[21] = saved[base + 9]!;
          m.depth = depth - 1;
          pc = returnSlots[depth]! + 1;
          break;
        }
        case 84: // breakpoint
          m.pc = pc;
          m.retired += budget - left - 1;
          return STOP.breakpoint;
        default: // trap
          m.pc = pc;
          m.trap(target[pc]!);
          return m.stopped(budget - left - 1);
      }
    }
  }
}

const swapped = (value: number): number =>
  (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
