// What the TCP model asks of a KernelView. Everything that differs between kernels is a row of kernel/features-tcp.ts; the
// answers are read once per view into a plain record, because the hot paths ask thousands of times per connection.

import { type KernelView, TCP_FEATURES } from '../kernel/index.ts';

export type TcpFeatureName = (typeof TCP_FEATURES)[number]['name'];

/** The part of KernelView that the model uses. */
export type TcpKernel = Pick<KernelView, 'has' | 'sockopt' | 'allCallbackFlags' | 'op'>;

export type TcpFeatures = Readonly<Record<TcpFeatureName, boolean>>;

const featuresByKernel = new WeakMap<TcpKernel, TcpFeatures>();

/** All feature answers of one kernel as a record; the same object each time. */
export function featuresOf(kernel: TcpKernel): TcpFeatures {
  const known = featuresByKernel.get(kernel);
  if (known) return known;
  const made = Object.fromEntries(TCP_FEATURES.map((row) => [row.name, kernel.has(row.name)])) as TcpFeatures;
  featuresByKernel.set(kernel, made);
  return made;
}
