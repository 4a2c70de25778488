// L3: the BPF virtual machine. Memory with regions, interpreter, helpers, maps. Knows no socket and no clock but the KernelPort.

export { UNSET_STACK_BYTE, unsetRegister } from './address.ts';
export {
  type AddressInfo,
  type CallEnd,
  type ContextSource,
  DEFAULT_BUDGET,
  type Engine,
  type EngineFactory,
  type LinearBuffer,
  type MapEntry,
  type MemoryFactory,
  type PendingAccess,
  type RawCall,
  type RunResult,
  type RunUntil,
  type StepResult,
  type UserMap,
  type VirtualMachine,
  type VmCall,
  type VmFrame,
  type VmOptions,
  type VmProgram,
  type VmSnapshot,
} from './api.ts';
export {
  type AccessFault,
  type AccessMode,
  type AccessRefusal,
  accessText,
  type Fault,
  type FaultKind,
  type FaultPlace,
  faultText,
  type RegionName,
  regionText,
} from './fault.ts';
export { jiffiesAtStart, ktimeAtStart } from './helpers/time.ts';
export {
  KERNEL_OBJECT_TYPES,
  type KernelObject,
  type KernelObjectType,
  type KernelPort,
  type KernelRead,
  type SocketPort,
  type TaskPort,
  type VmDiagnostic,
  type VmEvent,
} from './kernel-port.ts';
export { createVm } from './vm.ts';
export {
  CALL_NAMES,
  type EngineCalls,
  type Instantiate,
  type RunFunction,
  type WasmEngineOptions,
  wasmEngine,
} from './wasm/index.ts';
