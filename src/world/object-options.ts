// What an object has to be told about the simulated kernel when it is loaded: its version and the configuration values that
// `extern ... __kconfig` variables ask for.

import { type KernelView, versionText } from '../kernel/index.ts';
import type { Btf, KconfigValue, ReadObjectOptions } from '../object/index.ts';
import type { Scenario } from './scenario-parse.ts';

/** `CONFIG_HZ` where no scenario says otherwise, as in the kernels of Debian; in ticks a second. */
export const DEFAULT_HZ = 250;

/** Load options for one object of a scenario; `file` is how the user named it, `kernelBtf` the kernel's types where the user gave them. */
export function objectOptions(
  scenario: Pick<Scenario, 'hz'>,
  view: KernelView,
  file: string,
  kernelBtf?: Btf,
): ReadObjectOptions {
  const [major = 0, minor = 0, patch = 0] = versionText(view.target.version).split('.').map(Number);
  const { hz } = scenario;
  return {
    file,
    view,
    ...(kernelBtf === undefined ? {} : { kernelBtf }),
    linuxVersionCode: (major << 16) | (minor << 8) | Math.min(patch, 255),
    kconfig: new Map<string, KconfigValue>([
      ['CONFIG_HZ', BigInt(hz)],
      ...[100, 250, 300, 1000].map((one) => [`CONFIG_HZ_${one}`, one === hz ? 'y' : 'n'] as const),
    ]),
  };
}
