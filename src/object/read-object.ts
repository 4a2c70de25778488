// From the bytes of an object file to programs: the steps of a loader, in order, each with its own file beside this one.

import { ByteReader, decodeUtf8, type SourcePlace } from '../base/index.ts';
import { SLOT_BYTES } from '../isa/index.ts';
import type { Btf } from './btf.ts';
import { type BtfExt, type BtfExtSection, readBtfExt } from './btf-ext.ts';
import { builtinKernelBtf } from './builtin-btf.ts';
import { applyCore } from './core.ts';
import { completeDataSections, dataKind, readDataSection } from './data-sections.ts';
import type { DebugInfo } from './debug-info.ts';
import { type ElfFile, readElf } from './elf.ts';
import { type Externs, readExterns } from './externs.ts';
import { isCode, readFunctions } from './functions.ts';
import { isLegacyMapSection, readLegacyMaps } from './legacy-maps.ts';
import { isSockOpsSection, linkPrograms } from './link.ts';
import { type PlacedMap, readBtfMaps } from './maps.ts';
import type { ReadObjectOptions } from './options.ts';
import { ProblemList } from './problems.ts';
import type { BpfObject, KernelTypes, MapDefinition, Program } from './program.ts';
import { readBtf } from './read-btf.ts';
import { readDebugInfo } from './read-debug-info.ts';
import { type CodeSection, type NumberedMap, relocateCode } from './relocate.ts';

/** Reads and links an object file. Never throws; a file of which nothing can be made gives no programs and says why. */
export function readObject(bytes: Uint8Array, options: ReadObjectOptions): BpfObject {
  const problems = new ProblemList(options.file);
  const { value: elf, problems: elfProblems } = readElf(plainBytes(bytes), options.file);
  problems.addAll(elfProblems);
  if (elf === undefined) return emptyObject(options.file, problems);
  const { btf, ext } = readTypes(elf, options.file, problems);
  const kernelTypes = kernelTypesOf(options);
  const kernel = kernelTypes.btf;
  const externs = readExterns(elf, btf, kernel, options, problems);
  const maps = numberMaps(readMaps(elf, btf, externs, options.file, problems));
  const code = relocateCode({ elf, maps, externs, problems });
  const functions = readFunctions(elf, code, problems);
  if (btf !== undefined && ext !== undefined) relocateTypes(code, btf, ext, kernel, options, problems);
  const license = readLicense(elf, options.defaultLicense, problems);
  const linked = linkPrograms({ code, functions, btf, ext, license, problems });
  const isDwarfWanted = options.debugInfo !== 'lines' || linked.some((program) => program.lines.length === 0);
  const debugInfo = readDebugInfo(isDwarfWanted ? elf : undefined, btf, maps, problems);
  const programs = linked.map((program) => withLines(program, debugInfo));
  checkPrograms(elf, programs, problems);
  return {
    file: options.file,
    license,
    version: readVersion(elf),
    programs,
    maps: maps.map(({ placed, fd }) => ({ ...placed.definition, fd })),
    kernelSymbols: externs.kernelSymbols,
    btf,
    kernelTypes,
    debugInfo,
    problems: problems.all,
  };
}

function kernelTypesOf({ kernelBtf, view }: ReadObjectOptions): KernelTypes {
  if (kernelBtf !== undefined) return { btf: kernelBtf, origin: 'given' };
  return { btf: builtinKernelBtf(view), origin: 'built-in' };
}

/** gcc, and clang without BTF, leave source lines to DWARF alone. */
function withLines(program: Program, debugInfo: DebugInfo): Program {
  if (program.lines.length > 0) return program;
  const { lines } = debugInfo.forProgram(program);
  return lines.length === 0 ? program : { ...program, lines };
}

/** A view as Uint8Array proper: a Buffer's slice() would share memory where this code means to copy. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether an object could link otherwise for another kernel: it has CO-RE relocations or names from the kernel. */
export function dependsOnKernel(object: BpfObject): boolean {
  if (object.kernelSymbols.length > 0 || object.maps.some((map) => map.dataSection === '.kconfig')) return true;
  return object.programs.some((program) => program.coreRelocations.length > 0);
}

/** An object of which nothing could be read. */
export function emptyObject(file: string, problems: ProblemList): BpfObject {
  return {
    file,
    license: '',
    version: 0,
    programs: [],
    maps: [],
    kernelSymbols: [],
    btf: undefined,
    kernelTypes: undefined,
    debugInfo: readDebugInfo(undefined, undefined, [], problems),
    problems: problems.all,
  };
}

function readTypes(
  elf: ElfFile,
  file: string,
  problems: ProblemList,
): { readonly btf: Btf | undefined; readonly ext: BtfExt | undefined } {
  const section = elf.section('.BTF');
  if (section === undefined || section.bytes.length === 0) return { btf: undefined, ext: undefined };
  const read = readBtf(section.bytes, { file });
  problems.addAll(read.problems.map((problem) => ({ ...problem, severity: 'warning' as const })));
  if (read.value === undefined) return { btf: undefined, ext: undefined };
  const btf = completeDataSections(read.value, elf);
  const extSection = elf.section('.BTF.ext');
  if (extSection === undefined || extSection.bytes.length === 0) return { btf, ext: undefined };
  const ext = readBtfExt(extSection.bytes, btf, file);
  problems.addAll(ext.problems);
  return { btf, ext: ext.value };
}

/** Bounds for hostile objects; a program may use 64 maps. */
const MAX_MAPS = 4096;
const MAX_DATA_BYTES = 32 * 1024 * 1024;

function readMaps(
  elf: ElfFile,
  btf: Btf | undefined,
  externs: Externs,
  file: string,
  problems: ProblemList,
): PlacedMap[] {
  const maps: PlacedMap[] = [];
  for (const section of elf.sections) {
    if (isLegacyMapSection(section)) maps.push(...readLegacyMaps(elf, section, problems));
    else if (section.name === '.maps' && section.size > 0) {
      const id = btf?.find('data-section', '.maps');
      const type = id === undefined ? undefined : btf?.type(id);
      if (btf === undefined || type?.kind !== 'data-section') {
        problems.add(
          'object-bad-map',
          `section '.maps' cannot be read: its definitions are types, and the object has no BTF that describes them`,
          {
            remedy: 'Build with -g, and do not strip BTF from the object (llvm-strip -g keeps it)',
          },
        );
      } else {
        maps.push(...readBtfMaps(elf, btf, section, type, problems));
      }
    } else if (section.name.startsWith('.struct_ops')) {
      problems.add(
        'object-unsupported-section',
        `section '${section.name}' registers kernel operations, which have no part in sock_ops`,
      );
    }
  }
  let left = MAX_DATA_BYTES;
  for (const section of elf.sections) {
    const kind = dataKind(section);
    if (kind === undefined) continue;
    left -= section.size;
    if (left < 0 || maps.length >= MAX_MAPS) break;
    const holds = elf.relocationsOf(section.index).length > 0 ? 'holds addresses' : 'plain';
    const map = readDataSection(file, section, kind, btf, holds, problems);
    if (map !== undefined) maps.push(map);
  }
  if (left < 0) problems.add('object-bad-data', `the object has more than ${MAX_DATA_BYTES} bytes of global data`);
  if (externs.kconfig !== undefined) maps.push(externs.kconfig);
  if (maps.length <= MAX_MAPS) return maps;
  problems.add('object-too-large', `the object defines ${maps.length} maps; at most ${MAX_MAPS} are taken`);
  return maps.slice(0, MAX_MAPS);
}

/** Numbers maps from 1 on; templates of inner maps get numbers behind them, although no instruction names those. */
function numberMaps(placed: readonly PlacedMap[]): NumberedMap[] {
  let next = placed.length + 1;
  return placed.map((map, i) => {
    const { inner } = map.definition;
    const numbered =
      inner === undefined ? map : { ...map, definition: { ...map.definition, inner: withFd(inner, next++) } };
    return { placed: numbered, fd: i + 1 };
  });
}

function withFd(map: MapDefinition, fd: number): MapDefinition {
  return { ...map, fd };
}

/** CO-RE relocations of every section. */
function relocateTypes(
  code: ReadonlyMap<number, CodeSection>,
  btf: Btf,
  ext: BtfExt,
  kernel: Btf,
  options: ReadObjectOptions,
  problems: ProblemList,
): void {
  for (const section of code.values()) {
    const infos = ext.get(section.section.name);
    if (infos === undefined) continue;
    for (const info of infos.core) {
      const outcome = applyCore(section.bytes, info, btf, kernel);
      // Looking for the line costs more than the relocation; it is only wanted for a problem that is kept.
      const at = (): { readonly at?: SourcePlace } => {
        const place = problems.isFull ? undefined : placeOf(infos, info.offset, btf);
        return place === undefined ? {} : { at: place };
      };
      if (outcome.kind === 'invalid') {
        problems.add(
          'object-bad-core',
          `a CO-RE relocation at byte ${info.offset} of section '${section.section.name}' cannot be applied: ${outcome.reason}`,
          at(),
        );
        continue;
      }
      const { relocation } = outcome;
      section.coreRelocations.set(relocation.slot, relocation);
      // What programs of other types ask of the kernel is between them and their loader.
      const isOurs = section.section.name === '.text' || isSockOpsSection(section.section.name);
      if (relocation.outcome.kind === 'poisoned' && isOurs) {
        const whose = options.kernelBtf === undefined ? ' (the built-in kernel types were used)' : '';
        problems.add(
          'object-unresolved-core',
          `the ${relocation.what} of '${relocation.spec}' is not known: ${relocation.outcome.reason}${whose}`,
          at(),
        );
      }
    }
  }
}

/** Source place of a code offset, from BTF. */
function placeOf(infos: BtfExtSection, offset: number, btf: Btf): SourcePlace | undefined {
  let best: BtfExtSection['lines'][number] | undefined;
  for (const line of infos.lines) {
    if (line.offset <= offset && line.line > 0 && (best === undefined || line.offset >= best.offset)) best = line;
  }
  if (best === undefined) return undefined;
  const start = { line0: best.line - 1, column0: Math.max(0, best.column - 1) };
  return { file: btf.string(best.fileName), range: { start, end: start } };
}

function readLicense(elf: ElfFile, defaultLicense: string | undefined, problems: ProblemList): string {
  const section = elf.section('license');
  if (section === undefined && defaultLicense !== undefined) return defaultLicense;
  if (section === undefined) {
    if (elf.sections.some(isCode))
      problems.add(
        'object-bad-license',
        `the object has no section 'license'; kernels load it, but without the helpers that need the GPL`,
      );
    return '';
  }
  const nul = section.bytes.indexOf(0);
  return decodeUtf8(section.bytes.subarray(0, Math.min(128, nul < 0 ? section.bytes.length : nul)));
}

function readVersion(elf: ElfFile): number {
  const section = elf.section('version');
  return section !== undefined && section.bytes.length === 4 ? new ByteReader(section.bytes).u32() : 0;
}

/** Says what a person must know when the object has no program that Sockscope can run. */
function checkPrograms(elf: ElfFile, programs: readonly Program[], problems: ProblemList): void {
  if (programs.length === 0) {
    if (!problems.all.some((problem) => problem.severity === 'error')) {
      const text = elf.sections.find((section) => isCode(section));
      const message =
        text === undefined
          ? 'the object has no section with instructions'
          : `section '${text.name}' holds ${text.bytes.length / SLOT_BYTES} instructions, but no function is a program`;
      problems.add('object-no-program', message);
    }
    return;
  }
  for (const program of programs) {
    if (program.isSockOps && !/^\??sockops$/.test(program.section)) {
      const severity = /^\??sockops\//.test(program.section) ? 'note' : 'warning';
      problems.add(
        'object-section-name',
        `program '${program.name}' is in section '${program.section}', from which libbpf 1.0 and later cannot tell its type`,
        { severity },
      );
    }
  }
  if (!programs.some((program) => program.isSockOps)) {
    const names = [...new Set(programs.map((program) => `'${program.section}'`))].slice(0, 5).join(', ');
    problems.add('object-no-sockops', `the object has no sock_ops program: its programs are in ${names}`);
  }
}
