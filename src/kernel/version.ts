// Kernel versions and targets. Nothing outside kernel/ compares versions: everybody else asks a KernelView.

import type { Brand } from '../base/index.ts';

/** An upstream version packed so that numeric order is version order: major * 2^20 + minor * 2^10 + patch. */
export type KernelVersion = Brand<number, 'KernelVersion'>;

/** Makes a version; each part from 0 to 1023. */
export function version(major: number, minor: number, patch = 0): KernelVersion {
  return ((major << 20) | (minor << 10) | patch) as KernelVersion;
}

/** "6.12" or "6.12.111". */
export function versionText(v: KernelVersion): string {
  const patch = v & 1023;
  return `${v >> 20}.${(v >> 10) & 1023}${patch === 0 ? '' : `.${patch}`}`;
}

/** Reads the leading version of a release string such as "6.12.111+deb12-amd64"; undefined when there is none. */
export function parseVersion(text: string): KernelVersion | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text.trim());
  if (!match) return undefined;
  const parts = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] as const;
  if (parts.some((part) => part > 1023)) return undefined;
  return version(...parts);
}

/** The first kernel with sock_ops programs and the newest one that the tables describe. */
export const OLDEST_KERNEL = version(4, 13);
export const NEWEST_KERNEL = version(7, 2);
