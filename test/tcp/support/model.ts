// The model's public face for these tests, with the clock arithmetic that they need.

export { later } from '../../../src/base/index.ts';
export { createNetwork, type Network, type Sysctls } from '../../../src/tcp/index.ts';
