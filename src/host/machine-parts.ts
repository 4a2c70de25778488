// What the virtual machine takes from the platform.

import type { MachineParts } from '../world/index.ts';
import { WASM_PARTS } from './wasm.ts';

/** Memory and compiled code for worlds made by this process. */
export function machineParts(): MachineParts {
  return WASM_PARTS;
}
