// Names that a program leaves open for the kernel: `extern ... __kconfig` values, `extern ... __ksym` functions and variables.

import type { Btf } from './btf.ts';
import { typesCompatible } from './core-match.ts';
import { essentialName } from './core-names.ts';
import { internalMapName } from './data-sections.ts';
import type { ElfFile, ElfSymbol } from './elf.ts';
import { encodeKconfig, type KconfigExtern, kconfigHolder, kconfigValue, orderKconfig } from './kconfig.ts';
import { MAP_TYPE, type PlacedMap } from './maps.ts';
import type { ReadObjectOptions } from './options.ts';
import type { ProblemList } from './problems.ts';
import type { KernelSymbol } from './program.ts';

/** What an undefined symbol stands for. */
export type Extern =
  | { readonly kind: 'kconfig'; readonly offset: number }
  | {
      readonly kind: 'kernel';
      readonly symbol: KernelSymbol /** Address when the declaration has no type. */;
      readonly address: bigint | undefined;
      readonly index: number;
    }
  /** Reported already; instructions that use it are left as they are. */
  | { readonly kind: 'unresolved' };

export interface Externs {
  /** By symbol name. */
  readonly byName: ReadonlyMap<string, Extern>;
  /** The .kconfig map, when there is any such value. */
  readonly kconfig: PlacedMap | undefined;
  readonly kernelSymbols: readonly KernelSymbol[];
}

/** First of the made-up ids; above any kernel's BTF. */
const FIRST_SYNTHETIC_ID = 0x4000_0000;
/** Where untyped kernel variables seem to lie: text addresses of x86-64, a page apart. */
const FIRST_SYNTHETIC_ADDRESS = 0xffff_ffff_8200_0000n;

/** Names that an object may leave open; only a hostile one leaves more. */
const MAX_EXTERNS = 1024;

const READ_ONLY_PROGRAM = 1 << 7;

/** Resolves every undefined symbol of the object. */
export function readExterns(
  elf: ElfFile,
  btf: Btf | undefined,
  kernel: Btf,
  options: ReadObjectOptions,
  problems: ProblemList,
): Externs {
  const undefinedSymbols = elf.symbolsIn(0).filter((symbol) => symbol.name !== '' && symbol.binding !== 'local');
  if (undefinedSymbols.length > MAX_EXTERNS) {
    problems.add(
      'object-too-large',
      `the object leaves ${undefinedSymbols.length} names open; at most ${MAX_EXTERNS} are looked up`,
    );
    undefinedSymbols.length = MAX_EXTERNS;
  }
  const byName = new Map<string, Extern>();
  const kernelSymbols: KernelSymbol[] = [];
  if (undefinedSymbols.length === 0) return { byName, kconfig: undefined, kernelSymbols };
  const sections = btf === undefined ? new Map<string, Declared>() : declaredExterns(btf);
  const configs: KconfigExtern[] = [];
  for (const symbol of undefinedSymbols) {
    if (byName.has(symbol.name)) continue;
    const declared = sections.get(symbol.name);
    if (btf === undefined || declared === undefined) {
      problems.add(
        'object-unresolved-extern',
        `'${symbol.name}' is used but not defined, and nothing says where it comes from`,
      );
      byName.set(symbol.name, { kind: 'unresolved' });
    } else if (declared.section === '.kconfig') {
      const read = declareConfig(btf, symbol, declared, problems);
      if (read === undefined) byName.set(symbol.name, { kind: 'unresolved' });
      else configs.push(read);
    } else {
      const index = kernelSymbols.length;
      const resolved = resolveKernelSymbol(btf, symbol, declared, kernel, options, index, problems);
      kernelSymbols.push(resolved);
      const untyped = declared.kind === 'variable' && btf.cType(declared.type)?.kind === 'void';
      const address =
        untyped && resolved.origin !== 'absent' ? FIRST_SYNTHETIC_ADDRESS + BigInt(index) * 4096n : undefined;
      byName.set(symbol.name, { kind: 'kernel', symbol: resolved, address, index });
    }
  }
  const kconfig = configs.length === 0 ? undefined : layOut(configs, byName, btf, options, problems);
  return { byName, kconfig, kernelSymbols };
}

interface Declared {
  readonly section: string;
  readonly kind: 'function' | 'variable';
  /** Type of the variable, or the function type. */
  readonly type: number;
}

/** What BTF says of each name in the sections .kconfig and .ksyms. */
function declaredExterns(btf: Btf): Map<string, Declared> {
  const out = new Map<string, Declared>();
  for (const section of ['.kconfig', '.ksyms']) {
    const id = btf.find('data-section', section);
    const type = id === undefined ? undefined : btf.type(id);
    if (type?.kind !== 'data-section') continue;
    for (const entry of type.variables) {
      const named = btf.type(entry.type);
      if (named?.kind === 'var')
        out.set(named.name, { section, kind: 'variable', type: stripQualifiers(btf, named.type) });
      else if (named?.kind === 'func') out.set(named.name, { section, kind: 'function', type: named.prototype });
    }
  }
  return out;
}

function stripQualifiers(btf: Btf, id: number): number {
  let at = id;
  for (let i = 0; i < 16; i++) {
    const type = btf.cType(at);
    if (type?.kind !== 'const' && type?.kind !== 'volatile') break;
    at = type.target;
  }
  return at;
}

function declareConfig(
  btf: Btf,
  symbol: ElfSymbol,
  declared: Declared,
  problems: ProblemList,
): KconfigExtern | undefined {
  const holder = declared.kind === 'variable' ? kconfigHolder(btf, declared.type) : undefined;
  if (holder === undefined) {
    problems.add(
      'object-unresolved-extern',
      `'${symbol.name}' is declared __kconfig with a type that can hold no configuration value`,
      {
        remedy: 'Declare it as bool, char, an integer, enum libbpf_tristate or a char array',
      },
    );
    return undefined;
  }
  return { name: symbol.name, weak: symbol.binding === 'weak', ...holder };
}

function layOut(
  configs: readonly KconfigExtern[],
  byName: Map<string, Extern>,
  btf: Btf | undefined,
  options: ReadObjectOptions,
  problems: ProblemList,
): PlacedMap {
  const placed: { extern: KconfigExtern; offset: number }[] = [];
  let size = 0;
  for (const extern of orderKconfig(configs)) {
    const offset = Math.ceil(size / extern.align) * extern.align;
    placed.push({ extern, offset });
    size = offset + extern.sizeBytes;
    byName.set(extern.name, { kind: 'kconfig', offset });
  }
  const initial = new Uint8Array(size);
  for (const { extern, offset } of placed) {
    const value = kconfigValue(extern.name, options.kconfig, options.linuxVersionCode);
    if (value === undefined) {
      if (!extern.weak) {
        problems.add('object-unresolved-extern', `the kernel configuration has no '${extern.name}'`, {
          remedy: `Give its value in the settings, or declare it __weak`,
        });
      }
      continue;
    }
    const encoded = encodeKconfig(extern, value);
    if ('reason' in encoded)
      problems.add('object-unresolved-extern', `'${extern.name}' cannot be set: ${encoded.reason}`);
    else initial.set(encoded.bytes, offset);
  }
  return {
    definition: {
      name: internalMapName(options.file, '.kconfig'),
      typeId: MAP_TYPE.array,
      keySize: 4,
      valueSize: size,
      maxEntries: 1,
      flags: READ_ONLY_PROGRAM,
      extra: 0n,
      keyTypeId: 0,
      valueTypeId: btf?.find('data-section', '.kconfig') ?? 0,
      initial,
      dataSection: '.kconfig',
    },
    section: -1,
    offset: 0,
    sizeBytes: size,
  };
}

function resolveKernelSymbol(
  btf: Btf,
  symbol: ElfSymbol,
  declared: Declared,
  kernel: Btf,
  options: ReadObjectOptions,
  index: number,
  problems: ProblemList,
): KernelSymbol {
  const weak = symbol.binding === 'weak';
  const name = essentialName(symbol.name);
  const base = { name, kind: declared.kind, weak };
  const found = kernel.find(declared.kind === 'function' ? 'func' : 'var', name);
  if (found !== undefined) {
    const there = kernel.type(found);
    if (
      there?.kind === 'func' &&
      !typesCompatible({ local: btf, localId: declared.type, target: kernel, targetId: there.prototype })
    ) {
      problems.add(
        'object-unresolved-extern',
        `the kernel's '${name}' takes other arguments than this program declares`,
        { severity: 'warning' },
      );
    }
    return { ...base, btfId: found, origin: 'kernel' };
  }
  if (options.kernelBtf !== undefined) {
    if (weak) return { ...base, btfId: 0, origin: 'absent' };
    problems.add('object-unresolved-extern', `the given kernel has no ${declared.kind} '${name}'`, {
      severity: 'warning',
    });
  }
  // The knowledge base knows of most kernel functions since when they exist, which decides for weak ones as a kernel would.
  const known = declared.kind === 'function' ? options.view?.kfunc(name) : undefined;
  if (weak && known !== undefined && !known.ok && (known.why === 'no-kfuncs' || known.why === 'not-yet')) {
    return { ...base, btfId: 0, origin: 'absent' };
  }
  return { ...base, btfId: FIRST_SYNTHETIC_ID + index, origin: 'synthetic' };
}
