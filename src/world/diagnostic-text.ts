// What the virtual machine noticed and a kernel would have let pass, in words.

import { assertNever } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { VmDiagnostic } from '../vm/index.ts';
import { ctxElements } from './ctx-text.ts';
import type { LoadedProgram } from './programs.ts';

/** One remark; names the program, the context field and the instruction. */
export function diagnosticText(diagnostic: VmDiagnostic, program: LoadedProgram, view: KernelView): string {
  const where = `${diagnostic.program || program.program.name}, instruction ${diagnostic.slot}`;
  const field = (offset: number): string =>
    ctxElements(view).find((one) => one.offset <= offset && offset < one.offset + one.size)?.name ?? `offset ${offset}`;
  switch (diagnostic.kind) {
    case 'context-pointer-leak':
      return `${where}: ${view.target.title} leaves the context pointer in the register instead of 0 when ${field(diagnostic.offset)} is read into the register that holds the context and the socket is not a full one`;
    case 'unguarded-context-read':
      return `${where}: ${view.target.title} reads ${field(diagnostic.offset)} without asking whether the socket is a full one; the value is whatever lies there. Check is_fullsock first`;
    case 'use-after-delete':
      return `${where}: a value of map ${diagnostic.map} is used after its entry was deleted or replaced; another CPU may have reused it`;
    case 'dropped-context-write':
      return `${where}: the write to ${field(diagnostic.offset)} was dropped because the socket is not a full one`;
    default:
      return assertNever(diagnostic, 'diagnosticText');
  }
}
