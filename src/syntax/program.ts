// What a file is to a BPF loader: sections, maps, the license, and which functions are sock_ops programs.

import type { TextSpan } from '../base/index.ts';
import type { FunctionItem, TypeRef, Variable } from './ast.ts';
import type { CFile } from './c-file.ts';
import type { Annotation } from './mask.ts';
import { TypeTable } from './types.ts';

export interface SectionName extends TextSpan {
  readonly name: string;
  readonly annotation: Annotation;
}

/** A BTF-defined (`.maps`) or legacy (`maps`) map. */
export interface MapVariable {
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly span: TextSpan;
  readonly section: string;
  /** Text of `type`, `max_entries`, ... as written, with its span. */
  readonly settings: ReadonlyMap<string, { readonly text: string; readonly span: TextSpan }>;
  /** Types as written: `struct key`, `__u32`. */
  readonly keyType: string | undefined;
  readonly valueType: string | undefined;
}

/** A function that takes the context. `program` has a sockops section; `helper` is called by one; `loose` is neither. */
export interface ContextFunction {
  readonly item: FunctionItem;
  readonly section: SectionName | undefined;
  readonly role: 'program' | 'helper' | 'loose';
}

export interface ProgramFile {
  readonly file: CFile;
  readonly types: TypeTable;
  readonly maps: ReadonlyMap<string, MapVariable>;
  readonly functions: ReadonlyMap<string, FunctionItem>;
  readonly contextFunctions: readonly ContextFunction[];
  readonly license: { readonly text: string; readonly span: TextSpan } | undefined;
  /** Whether anything in the file has to do with sock_ops; a file that has not gets no diagnostics at all. */
  readonly isSockOps: boolean;
  /** Whether the text of a quoted header may define things that the file alone does not show. */
  readonly hasOwnHeaders: boolean;
}

/** The section an item is put in by SEC(), __section or the section attribute. */
export function sectionOf(annotations: readonly Annotation[]): SectionName | undefined {
  for (const note of annotations) {
    const direct = note.name === 'SEC' || note.name === '__section' || note.name === 'SECTION';
    const text = direct
      ? note.args[0]
      : note.args.map((arg) => /section\s*\(\s*("[^"]*")/.exec(arg)?.[1]).find((found) => found !== undefined);
    const match = text === undefined ? null : /^"([^"]*)"/.exec(text);
    if (match) {
      const span = direct ? note.argSpans[0]! : note;
      return { name: match[1]!, start: span.start, end: span.end, annotation: note };
    }
  }
  return undefined;
}

/** Whether libbpf takes the section for a sock_ops program. */
export function isSockOpsSection(name: string): boolean {
  return /^\??sockops(\/.*)?$/.test(name);
}

/** Reads a file as a loader would. */
export function readProgramFile(file: CFile): ProgramFile {
  const types = new TypeTable(file);
  const maps = new Map<string, MapVariable>();
  const functions = new Map<string, FunctionItem>();
  let license: { text: string; span: TextSpan } | undefined;
  for (const item of [...file.items, ...file.generatedItems]) {
    if (item.kind === 'function') {
      if (item.body !== undefined || !functions.has(item.name)) functions.set(item.name, item);
      continue;
    }
    if (item.kind !== 'variables') continue;
    const section = sectionOf(item.annotations)?.name;
    if (section === 'license') {
      const variable = item.variables[0];
      if (variable?.init?.kind === 'string')
        license = { text: String.fromCharCode(...variable.init.units.slice(0, 100)), span: variable.init };
    }
    if (section === '.maps' || section === 'maps')
      for (const variable of item.variables)
        maps.set(variable.name, mapOf(variable, item.type, item.annotations, section, types));
  }
  const contextFunctions: ContextFunction[] = [];
  for (const item of functions.values()) {
    if (item.body === undefined) continue;
    const section = sectionOf(item.annotations);
    const takesContext = item.parameters.some((parameter) => types.isContextPointer(parameter.type));
    if (section !== undefined && isSockOpsSection(section.name))
      contextFunctions.push({ item, section, role: 'program' });
    else if (takesContext)
      contextFunctions.push({ item, section, role: section === undefined && item.isStatic ? 'helper' : 'loose' });
  }
  return {
    file,
    types,
    maps,
    functions,
    contextFunctions,
    license,
    // A function in the middle of being typed may not parse; its parameter is still there to be seen.
    isSockOps: contextFunctions.length > 0 || (file.hasErrors && /\bstruct\s+bpf_sock_ops\s*\*/.test(file.maskedText)),
    hasOwnHeaders: file.preprocessed.includes.some(
      (include) => !include.system && !/^(bpf\/|vmlinux\.h$)/.test(include.path),
    ),
  };
}

function mapOf(
  variable: Variable,
  type: TypeRef,
  annotations: readonly Annotation[],
  section: string,
  types: TypeTable,
): MapVariable {
  const settings = new Map<string, { text: string; span: TextSpan }>();
  let keyType: string | undefined;
  let valueType: string | undefined;
  const recordItem = type.name === '' ? undefined : types.recordItem(type.name)?.item;
  const notes =
    recordItem !== undefined && recordItem.kind !== 'broken'
      ? [...recordItem.annotations, ...annotations]
      : annotations;
  for (const note of notes) {
    if (note.role !== 'map-member' || note.args.length < 2) continue;
    const name = note.args[0]!;
    const rest = note.args.slice(1).join(', ');
    const span = { start: note.argSpans[1]!.start, end: note.argSpans.at(-1)!.end };
    settings.set(name, { text: rest, span });
    if (note.name === '__type' && name === 'key') keyType = rest;
    if (note.name === '__type' && name === 'value') valueType = rest;
  }
  if (variable.init?.kind === 'init-list')
    for (const entry of variable.init.entries) {
      const name = entry.designators[0];
      if (typeof name === 'string') settings.set(name, { text: exprText(entry.value), span: entry.value });
    }
  return {
    name: variable.name,
    nameSpan: variable.nameSpan,
    span: { start: variable.start, end: variable.end },
    section,
    settings,
    keyType,
    valueType,
  };
}

function exprText(expr: { readonly kind: string; readonly name?: string; readonly text?: string }): string {
  return expr.name ?? expr.text ?? '';
}
