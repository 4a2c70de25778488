// Questions about the maps of a file.

import type { ProgramFile } from '../syntax/index.ts';

/** Name of the map type ("BPF_MAP_TYPE_HASH"), where the definition states one. */
export function mapTypeOf(source: ProgramFile, map: string): string | undefined {
  return source.maps.get(map)?.settings.get('type')?.text;
}
