// Signature help: the prototype of the helper whose arguments are being typed.

import type { CFile } from '../syntax/index.ts';
import { helperByName } from './helpers.ts';
import { callAround } from './word.ts';

export interface Signature {
  /** "long bpf_setsockopt(void *ctx, int level, ...)" */
  readonly label: string;
  /** Half-open ranges of the parameters inside the label. */
  readonly parameters: readonly { readonly start: number; readonly end: number }[];
  readonly activeParameter: number;
  readonly markdown: string;
}

export function signatureAt(file: CFile, offset: number): Signature | undefined {
  const call = callAround(file, offset);
  const row = call === undefined ? undefined : helperByName(call.name);
  if (call === undefined || row === undefined) return undefined;
  const label = row.prototype.replace(/\s+/g, ' ');
  const open = label.indexOf('(');
  const parameters: { start: number; end: number }[] = [];
  let start = open + 1;
  let depth = 0;
  for (let at = open; at < label.length; at++) {
    const c = label[at]!;
    if (c === '(') depth++;
    if (c === ')') depth--;
    if ((c === ',' && depth === 1) || (c === ')' && depth === 0)) {
      const text = label.slice(start, at);
      const lead = text.length - text.trimStart().length;
      if (text.trim() !== '' && text.trim() !== 'void') parameters.push({ start: start + lead, end: at });
      start = at + 1;
      if (depth === 0) break;
    }
  }
  const result = row.sockOps?.result;
  return {
    label,
    parameters,
    activeParameter: Math.min(call.argument, Math.max(0, parameters.length - 1)),
    markdown: `${row.doc}${result === undefined ? '' : `\n\nReturns ${result}`}`,
  };
}
