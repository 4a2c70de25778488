// Maps as trees: entries with keys and values decoded by the object's BTF.

import { toHex } from '../base/index.ts';
import { type BpfObject, decodeValue, type MapDefinition, type TypeRef } from '../object/index.ts';
import type { MapEntry, UserMap, VirtualMachine } from '../vm/index.ts';
import type { ChangeTracker } from './scopes.ts';
import { fromValue, type VariableNode } from './variables.ts';

/** Entries shown of one map; more are counted, not listed. */
const MAX_ENTRIES = 200;
/** Entries looked at of one map. */
const MAX_LOOKED_AT = 4096;

/** One entry in words, for lists that are not trees. */
export interface MapEntryText {
  readonly key: string;
  readonly value: string;
  readonly keyHex: string;
  readonly changed: boolean;
}

export interface MapText {
  readonly name: string;
  readonly typeId: number;
  readonly maxEntries: number;
  readonly entries: readonly MapEntryText[];
  readonly truncated: number;
}

const typeRef = (btf: BpfObject['btf'], id: number): TypeRef | undefined =>
  btf === undefined || id === 0 ? undefined : { table: btf, id };

/** A key or value as one line. */
export function bytesText(type: TypeRef | undefined, bytes: Uint8Array): string {
  if (type !== undefined) return decodeValue(type, bytes).text;
  if (bytes.length === 4 || bytes.length === 8) {
    let number = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) number = (number << 8n) | BigInt(bytes[i]!);
    return number.toString();
  }
  return toHex(bytes).replace(/..(?=.)/g, '$& ');
}

function valueText(definition: MapDefinition, btf: BpfObject['btf'], entry: MapEntry): string {
  const type = typeRef(btf, definition.valueTypeId);
  const texts = entry.values.map((value) => bytesText(type, value));
  return texts.length === 1 ? texts[0]! : texts.map((text, cpu) => `cpu${cpu}: ${text}`).join(', ');
}

/** Arrays list only entries that hold something: a thousand zeros help nobody. */
function shownEntries(map: UserMap): { readonly entries: readonly MapEntry[]; readonly truncated: number } {
  const all = map.entries(Math.min(map.definition.maxEntries, MAX_LOOKED_AT));
  const isArray =
    map.definition.keySize === 4 && map.count === map.definition.maxEntries && map.definition.maxEntries > 16;
  const interesting = isArray
    ? all.filter((entry) => entry.values.some((value) => value.some((byte) => byte !== 0)))
    : all;
  return { entries: interesting.slice(0, MAX_ENTRIES), truncated: Math.max(0, interesting.length - MAX_ENTRIES) };
}

/** The maps as tree nodes. */
export function mapNodes(
  vm: VirtualMachine,
  definitions: readonly MapDefinition[],
  btf: BpfObject['btf'],
  changes: ChangeTracker,
): readonly VariableNode[] {
  return definitions.flatMap((definition) => {
    const map = vm.map(definition.fd);
    if (map === undefined) return [];
    return [
      {
        name: definition.name,
        value: `${map.count} of ${definition.maxEntries} entries`,
        type: '',
        evaluateName: definition.name,
        virtual: true,
        children: () => entryNodes(map, definition, btf, changes),
      },
    ];
  });
}

function entryNodes(
  map: UserMap,
  definition: MapDefinition,
  btf: BpfObject['btf'],
  changes: ChangeTracker,
): readonly VariableNode[] {
  const { entries, truncated } = shownEntries(map);
  const keyType = typeRef(btf, definition.keyTypeId);
  const valueType = typeRef(btf, definition.valueTypeId);
  const nodes = entries.map((entry): VariableNode => {
    const key = bytesText(keyType, entry.key);
    const keyHex = toHex(entry.key);
    const text = valueText(definition, btf, entry);
    const address = map.addressOf(entry.key);
    const evaluateName = `${definition.name}[${/^-?\d+$/.test(key) ? key : `"${keyHex.replace(/../g, '\\x$&')}"`}]`;
    const decoded =
      valueType === undefined || entry.values.length !== 1
        ? undefined
        : fromValue(decodeValue(valueType, entry.values[0]!), address === 0n ? undefined : address, evaluateName);
    return {
      ...(decoded ?? { type: '', ...(address === 0n ? {} : { address }) }),
      name: `[${key}]`,
      value: text,
      evaluateName,
      watch: { kind: 'map-entry', map: definition.name, keyHex },
      changed: changes.changed(`map ${definition.name} ${keyHex}`, text),
      type: decoded?.type ?? '',
    };
  });
  return truncated === 0
    ? nodes
    : [...nodes, { name: '...', value: `${truncated} more entries`, type: '', virtual: true }];
}

/** The maps as lists of text, for the maps view and the terminal. */
export function mapTexts(vm: VirtualMachine, object: BpfObject, changes: ChangeTracker): readonly MapText[] {
  return object.maps
    .filter((definition) => definition.dataSection === undefined)
    .flatMap((definition) => {
      const map = vm.map(definition.fd);
      if (map === undefined) return [];
      const { entries, truncated } = shownEntries(map);
      const rows = entries.map((entry): MapEntryText => {
        const keyHex = toHex(entry.key);
        const value = valueText(definition, object.btf, entry);
        return {
          key: bytesText(typeRef(object.btf, definition.keyTypeId), entry.key),
          value,
          keyHex,
          changed: changes.changed(`map ${definition.name} ${keyHex}`, value),
        };
      });
      return [
        {
          name: definition.name,
          typeId: definition.typeId,
          maxEntries: definition.maxEntries,
          entries: rows,
          truncated,
        },
      ];
    });
}
