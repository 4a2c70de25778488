// The compiler from BPF to WebAssembly and the engine that runs what it makes. It emits bytes; a host turns them into code.

export { type CompiledProgram, compileProgram } from './compile.ts';
export { type Instantiate, type RunFunction, type WasmEngineOptions, wasmEngine } from './engine.ts';
export { CALL_NAMES, type EngineCalls } from './layout.ts';
