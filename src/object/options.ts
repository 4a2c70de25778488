// What a loader must be told about the kernel that the object is meant for. The core reads no files, so all of it is a value.

import type { KernelView } from '../kernel/index.ts';
import type { Btf } from './btf.ts';

/** A value for an `extern ... __kconfig`: a number, y/m/n, or a string. */
export type KconfigValue = bigint | 'y' | 'm' | 'n' | { readonly text: string };

export interface ReadObjectOptions {
  /** How the user named the file. */
  readonly file: string;
  /** Kernel types for CO-RE relocations and `__ksym`; the small built-in table where absent. */
  readonly kernelBtf?: Btf;
  /** The kernel that is simulated: which context fields, helpers and kernel functions the built-in table has. Everything, where absent. */
  readonly view?: KernelView;
  /** LINUX_KERNEL_VERSION as KERNEL_VERSION(a, b, c) packs it (default 6.12.0). */
  readonly linuxVersionCode?: number;
  /** License of a program that states none, as people write assembly; without it such a program has none and gets a warning. */
  readonly defaultLicense?: string;
  /** Kernel configuration by name with its prefix, "CONFIG_HZ"; a few usual ones are known without it. */
  readonly kconfig?: ReadonlyMap<string, KconfigValue>;
  /** 'lines': DWARF, which takes as long to read as all the rest, is read only where BTF has no source lines. */
  readonly debugInfo?: 'all' | 'lines';
}
