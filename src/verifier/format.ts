// The format string of bpf_snprintf(), which the verifier reads because it must be constant.
// Source of truth: kernel/bpf/helpers.c bpf_bprintf_prepare, by behaviour.

import type { Env } from './env.ts';

const MAX_ARGUMENTS = 12;
const MODIFIERS = new Set(['k', 'u', 'B', 'K', 'x', 's', 'S', 'i', 'I', 'p']);

/** Checks that format and number of arguments fit. R3 is the format, R5 the length of the argument array. */
export function checkFormat(env: Env): void {
  const format = env.reg(3);
  const length = env.reg(5);
  const size = Number(length.scalar.tnum.value);
  if (size % 8 !== 0) env.refuse({ kind: 'format-string', problem: 'length' });
  const contents = format.map?.constantContents;
  if (contents === undefined) return;
  const start = format.off + Number(format.scalar.smin);
  const end = contents.indexOf(0, start);
  const text = String.fromCharCode(...contents.subarray(start, end < 0 ? contents.length : end));
  if (countArguments(text) !== size / 8) env.refuse({ kind: 'format-string', problem: 'format' });
}

/** Number of arguments that a format takes; undefined when it is not one that the kernel accepts. */
export function countArguments(format: string): number | undefined {
  let count = 0;
  for (let i = 0; i < format.length; i++) {
    const code = format.charCodeAt(i);
    if ((code < 0x20 && !(code >= 9 && code <= 13)) || code > 0x7e) return undefined;
    if (format[i] !== '%') continue;
    i++;
    if (format[i] === '%') continue;
    if (++count > MAX_ARGUMENTS) return undefined;
    while (/[0-9+\-# ]/.test(format[i] ?? '')) i++;
    if (format[i] === 'p') {
      const next = format[i + 1] ?? '';
      if (next === 'k' || next === 'u') {
        if (format[i + 2] === 's') i++;
        i++;
      } else if (next === 'i' || next === 'I') {
        if (format[i + 2] !== '4' && format[i + 2] !== '6') return undefined;
        i += 2;
      } else if (MODIFIERS.has(next)) i++;
      else if (next !== '' && /[A-Za-z0-9]/.test(next)) return undefined;
      continue;
    }
    if (format[i] === 's' || format[i] === 'c') continue;
    while (format[i] === 'l') i++;
    if (!/[diuxX]/.test(format[i] ?? '')) return undefined;
  }
  return count;
}
