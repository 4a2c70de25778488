// L7: everything that touches the machine that Sockscope runs on: files, the C compiler, the running kernel's types.

export { type BuildRequest, buildAndVerify, verifierLogOf } from './build-and-verify.ts';
export { findCompileFlags } from './compile-commands.ts';
export { type CompileOptions, type CompileResult, compile, headersFolder } from './compiler.ts';
export { disassemble } from './disassemble.ts';
export { readFailure, readFileBytes, readFileText } from './files.ts';
export { type Compiler, type FindCompilerOptions, findCompiler } from './find-compiler.ts';
export { HOST_CODES, type HostCode, hostProblem } from './host-problems.ts';
export { type KernelBtfChoice, kernelBtfFor, RUNNING_KERNEL_BTF, readKernelBtf } from './kernel-btf.ts';
export { type CompilerChoice, type LoadedObject, loadObject, loadObjectBytes, loadProgramFile } from './load-object.ts';
export { machineParts } from './machine-parts.ts';
export { mapProblems } from './map-problems.ts';
export { isScenarioFile, loadRun, type RunRequest, type RunSpec } from './run-files.ts';
export { withTempFolder } from './temp-folder.ts';
export { loadCParser } from './tree-sitter.ts';
export { type RunVerdicts, verifyForRun } from './verify-run.ts';
export { WASM_PARTS, wasmMemory } from './wasm.ts';
export { writeWhole } from './write-whole.ts';
