// One line of `sockscope verify --batch`: a program as hex with its maps in, a verdict out. A line that cannot be read gets an answer
// that says why, and the next line is read as if nothing had been.

import { fromHex } from '../base/index.ts';
import { type KernelView, MAP_TYPES } from '../kernel/index.ts';
import type { MapDefinition } from '../object/index.ts';
import { verify } from '../verifier/index.ts';

export type BatchAnswer =
  | {
      readonly id: unknown;
      readonly accepted: boolean;
      /** The last of the kernel's lines; '' when accepted, or when the kernel says nothing. */
      readonly message: string;
      /** Slot that is refused; null when it is about the program as a whole. */
      readonly insn: number | null;
      /** All of the kernel's lines, in order. */
      readonly messages: readonly string[];
      /** Positive errno of the load; 0 when accepted. */
      readonly errno: number;
      readonly processed: number;
    }
  | { readonly id: unknown; readonly error: string };

/** Answers one line. Never throws. */
export function batchAnswer(line: string, view: KernelView): BatchAnswer {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { id: null, error: `not JSON: ${(error as Error).message}` };
  }
  if (!isRecord(value)) return { id: null, error: 'a line must be a JSON object' };
  const id = value['id'] ?? null;
  const { insns, license, maps } = value;
  if (typeof insns !== 'string') return { id, error: '"insns" must be the instructions as hex' };
  const bytes = fromHex(insns.replace(/\s+/g, ''));
  if (bytes === undefined) return { id, error: '"insns" is not hex' };
  if (license !== undefined && typeof license !== 'string') return { id, error: '"license" must be text' };
  const flags = value['flags'] ?? 0;
  if (!isWord(flags)) return { id, error: '"flags" must be the prog_flags of the load, a whole number' };
  const expectedAttachType = value['expectedAttachType'] ?? 0;
  if (!isWord(expectedAttachType)) return { id, error: '"expectedAttachType" must be a whole number' };
  if (maps !== undefined && !Array.isArray(maps)) return { id, error: '"maps" must be a list' };
  const definitions: MapDefinition[] = [];
  for (const [index, map] of (maps ?? []).entries()) {
    const definition = mapOf(map, `maps[${index}]`);
    if (typeof definition === 'string') return { id, error: definition };
    if (definitions.some(({ fd }) => fd === definition.fd)) return { id, error: `two maps have fd ${definition.fd}` };
    definitions.push(definition);
  }
  const verdict = verify(
    { bytes, license: license ?? 'GPL', maps: definitions, loadFlags: flags, expectedAttachType },
    view,
  );
  return {
    id,
    accepted: verdict.accepted,
    message: verdict.message,
    insn: verdict.slot ?? null,
    messages: verdict.refusal === undefined ? [] : [...verdict.refusal.remarks, ...verdict.refusal.messages],
    errno: verdict.refusal?.errno ?? 0,
    processed: verdict.stats.processedInsns,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWord = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 0xffff_ffff;

/** A map of a line, or what is wrong with it. */
function mapOf(value: unknown, where: string): MapDefinition | string {
  if (!isRecord(value)) return `${where} must be an object`;
  const typeId = mapTypeOf(value['type']);
  if (typeId === undefined) return `${where}.type is no map type: ${JSON.stringify(value['type'])}`;
  const numbers: Record<string, number> = {};
  for (const key of ['fd', 'keySize', 'valueSize', 'maxEntries', 'flags']) {
    const number = value[key] ?? (key === 'fd' ? undefined : 0);
    if (!isWord(number)) return `${where}.${key} must be a whole number`;
    numbers[key] = number;
  }
  const inner =
    value['inner'] === undefined ? undefined : mapOf({ fd: 0, ...(value['inner'] as object) }, `${where}.inner`);
  if (typeof inner === 'string') return inner;
  return {
    name: typeof value['name'] === 'string' ? value['name'] : `map${numbers['fd']}`,
    typeId,
    keySize: numbers['keySize']!,
    valueSize: numbers['valueSize']!,
    maxEntries: numbers['maxEntries']!,
    flags: numbers['flags']!,
    extra: 0n,
    fd: numbers['fd']!,
    keyTypeId: 0,
    valueTypeId: 0,
    ...(inner === undefined ? {} : { inner }),
  };
}

/** By number, or by name in any spelling: "percpu_hash", "percpu-hash", "BPF_MAP_TYPE_PERCPU_HASH". */
function mapTypeOf(type: unknown): number | undefined {
  if (typeof type === 'number') return MAP_TYPES.find((row) => row.id === type)?.id;
  if (typeof type !== 'string') return undefined;
  const plain = (name: string): string =>
    name
      .toLowerCase()
      .replace(/^bpf_map_type_/, '')
      .replaceAll('_', '-');
  return MAP_TYPES.find((row) => plain(row.short) === plain(type) || plain(row.name) === plain(type))?.id;
}
