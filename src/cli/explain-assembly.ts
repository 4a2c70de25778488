// Pages of `sockscope explain` for what the knowledge base of the kernel does not hold: instructions, by any word of their
// assembly text, and the problems of assembly files.

import { ASSEMBLY_CODES, findInsnDocs, INSN_FEATURES, type InsnRow } from '../isa/index.ts';
import type { Page } from '../kernel/index.ts';

/** Pages for a word such as `s>>=`, `be16`, `atomic_fetch_add`, `goto` or `asm-range`; none when it is neither. */
export function assemblyPages(word: string): readonly Page[] {
  const code = Object.entries(ASSEMBLY_CODES).find(([name]) => name === word);
  if (code !== undefined) return [page({ title: code[0], kind: 'problem of an assembly file', lead: code[1] })];
  return findInsnDocs(word).map(({ doc, rows }) =>
    page({
      title: doc.title,
      kind: 'instruction',
      lead: doc.text,
      example: doc.example,
      facts: [
        ...rows.map((row) => ({ label: row.name, text: `${syntaxOf(row)}   ${opcodeOf(row)}` })),
        { label: 'since', text: sinceOf(rows) },
      ],
    }),
  );
}

function page(parts: Pick<Page, 'title' | 'kind' | 'lead'> & Partial<Page>): Page {
  return { facts: [], pitfalls: [], seeAlso: [], source: 'docs/assembly.md', ...parts };
}

/** The template with words for its blanks: `r.dst` is `rDST`, an offset stands as it is. */
function syntaxOf(row: InsnRow): string {
  return row.text[0]
    .replace(/\{([rw])\.(\w+)\}/g, (_, prefix: string, member: string) => `${prefix}${member.toUpperCase()}`)
    .replace(/\{(\w+)\}/g, (_, blank: string) => blank.toUpperCase())
    .replace('\t', ' ');
}

function opcodeOf({ opcode }: InsnRow): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
  if (typeof opcode === 'number') return `opcode ${hex(opcode)}`;
  return opcode.imm === undefined
    ? `opcode ${hex(opcode.reg)}`
    : `opcode ${hex(opcode.imm)} (number), ${hex(opcode.reg)} (register)`;
}

function sinceOf(rows: readonly InsnRow[]): string {
  const features = [...new Set(rows.map((row) => row.feature))].map((name) => INSN_FEATURES[name]);
  return features
    .map(({ title, since, cpu }) =>
      since === undefined
        ? `no kernel accepts it (${title})`
        : `Linux ${since}; clang emits it from -mcpu=${cpu} on (${title})`,
    )
    .join('; ');
}
