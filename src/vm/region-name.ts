// What a block of memory is, in the words of faults and debuggers.

import type { RegionName } from './fault.ts';
import { BLOCK, HEADER } from './heap.ts';
import { KERNEL_OBJECT_TYPES } from './kernel-port.ts';
import type { Machine } from './machine.ts';

/** Name of the region whose data starts at a linear address. */
export function regionName(m: Machine, data: number): RegionName {
  const { heap } = m;
  const size = heap.size(data);
  const owner = heap.owner(data);
  const kind = heap.kind(data);
  switch (kind) {
    case BLOCK.context:
      return { kind: 'context', size };
    case BLOCK.stack:
      return { kind: 'stack', frame: owner, size };
    case BLOCK.mapValue:
    case BLOCK.perCpuValue: {
      const map = m.maps[owner]!;
      const section = map.definition.dataSection;
      if (section !== undefined) return { kind: 'program-data', section, size };
      const cpu = kind === BLOCK.perCpuValue ? heap.get(data, HEADER.e) : undefined;
      return { kind: 'map-value', map: map.definition.name, key: map.keyText(data), cpu, size };
    }
    case BLOCK.mapKey:
      return { kind: 'map-key', map: m.maps[owner]!.definition.name, size };
    case BLOCK.packet:
      return { kind: 'packet', size };
    case BLOCK.sock:
      return { kind: 'sock', type: 'bpf_sock', size };
    case BLOCK.tcpSock:
      return { kind: 'sock', type: 'bpf_tcp_sock', size };
    case BLOCK.ringbufRecord:
      return { kind: 'ringbuf-record', map: m.maps[owner]!.definition.name, size };
    case BLOCK.mapObject:
      return { kind: 'map-object', map: m.maps[owner]?.definition.name ?? '', size };
    case BLOCK.input:
      return { kind: 'input', size };
    case BLOCK.allocated:
      return { kind: 'allocated-object', typeId: owner, size };
    case BLOCK.kernelObject:
      return { kind: 'kernel-object', type: KERNEL_OBJECT_TYPES[heap.get(data, HEADER.a)]!, size };
    case BLOCK.dynptrData:
      return { kind: 'dynptr-data', size };
    default:
      return { kind: 'dynptr-data', size };
  }
}
