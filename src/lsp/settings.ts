// The user's settings, by one schema with defaults. Wrong values fall back to the default one by one; the server never stops for them.

import { z } from 'zod';
import { parseTarget } from '../kernel/index.ts';

const severity = z.enum(['error', 'warning', 'information', 'hint', 'off']);

const schema = z.object({
  /** Target kernels. */
  kernels: z.array(z.string()).catch(['5.10', '6.1', '6.12', '6.18']).default(['5.10', '6.1', '6.12', '6.18']),
  /** Empty: looked for. */
  clangPath: z.string().catch('').default(''),
  clangArguments: z.array(z.string()).catch([]).default([]),
  /** Types of the target kernels: one file, or one by kernel. Empty: the built-in ones. */
  kernelBtf: z
    .union([z.string(), z.record(z.string(), z.string())])
    .catch('')
    .default(''),
  /** Compile and verify after a pause in typing, not only on save. */
  compileOnType: z.boolean().catch(true).default(true),
  showCompilerErrors: z.enum(['auto', 'always', 'never']).catch('auto').default('auto'),
  /** Severity per code. */
  diagnostics: z.record(z.string(), severity.catch('warning')).catch({}).default({}),
  inlayHints: z
    .object({ opNumbers: z.boolean().catch(true).default(true), byteOrder: z.boolean().catch(true).default(true) })
    .catch({ opNumbers: true, byteOrder: true })
    .default({ opNumbers: true, byteOrder: true }),
  codeLens: z.boolean().catch(true).default(true),
  /** Whether processes may be started (a workspace that is not trusted: no). */
  trusted: z.boolean().catch(true).default(true),
  /** Whether another extension shows clang's errors. */
  clangd: z.boolean().catch(false).default(false),
});

export type Settings = z.infer<typeof schema>;

/** Settings from what a client sent; anything that is not an object gives the defaults. */
export function readSettings(value: unknown): Settings {
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const settings = schema.parse(object);
  const kernels = settings.kernels.flatMap((kernel) => {
    const target = parseTarget(kernel).value;
    return target === undefined ? [] : [target.name];
  });
  return { ...settings, kernels: kernels.length > 0 ? [...new Set(kernels)] : ['5.10', '6.1', '6.12', '6.18'] };
}

/** What is wrong with the settings, one sentence each, for the log. */
export function settingsProblems(value: unknown): readonly string[] {
  const kernels = (value as { kernels?: unknown } | null)?.kernels;
  if (!Array.isArray(kernels)) return [];
  return kernels.flatMap((kernel) =>
    typeof kernel !== 'string'
      ? ['sockscope.kernels holds something that is not text']
      : parseTarget(kernel).problems.map((problem) => problem.message),
  );
}
