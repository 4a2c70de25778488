// WebAssembly as the host has it: memory that interpreter and compiled code share, and modules turned into code.

import type { EngineFactory, MemoryFactory } from '../vm/index.ts';
import { CALL_NAMES, type EngineCalls, type WasmEngineOptions, wasmEngine } from '../vm/index.ts';

const PAGE_BYTES = 65_536;

/** Linear memory in a WebAssembly.Memory. */
export const wasmMemory: MemoryFactory = (initialBytes, maximumBytes) => {
  const memory = new WebAssembly.Memory({ initial: initialBytes / PAGE_BYTES, maximum: maximumBytes / PAGE_BYTES });
  return {
    native: memory,
    get buffer() {
      return memory.buffer as ArrayBuffer;
    },
    grow(bytes) {
      try {
        memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES));
        return true;
      } catch {
        return false;
      }
    },
  };
};

function instantiate(bytes: Uint8Array, memory: unknown, calls: EngineCalls) {
  const functions = Object.fromEntries(CALL_NAMES.map((name) => [name, calls[name]]));
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const instance = new WebAssembly.Instance(module, {
    env: { memory: memory as WebAssembly.Memory, ...functions },
  });
  return instance.exports['run'] as (entry: number, left: number, depth: number) => number;
}

/** What a machine takes from the host. */
export interface WasmParts {
  readonly memoryFactory: MemoryFactory;
  readonly engine: EngineFactory;
}

/** Memory and engine for createVm, to be given both. */
export function wasmParts(options: WasmEngineOptions = {}): WasmParts {
  return { memoryFactory: wasmMemory, engine: wasmEngine(instantiate, options) };
}

/** The usual choice: programs are compiled once they have run long enough. */
export const WASM_PARTS: WasmParts = wasmParts();
