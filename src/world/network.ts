// The scenario's hosts and link as the TCP model wants them.

import type { KernelView } from '../kernel/index.ts';
import {
  createNetwork,
  defaultSysctls,
  type LinkRule,
  type Network,
  type SockOpsHook,
  type Sysctls,
} from '../tcp/index.ts';
import type { Scenario } from './scenario-parse.ts';
import type { HostSide } from './scenario-schema.ts';

/** Bits of net.ipv4.tcp_fastopen: client, server, client without cookie, server without cookie. */
const FASTOPEN_CLIENT = 1 | 4;
const FASTOPEN_SERVER = 2 | 0x200;

/** Makes both hosts, at time 0, without sockets. */
export function makeNetwork(scenario: Scenario, view: KernelView, hook: SockOpsHook): Network {
  const { network } = scenario;
  return createNetwork({
    hosts: (['client', 'server'] as const).map((side) => ({
      name: side,
      kernel: view,
      sysctls: sysctlsOf(scenario, side, view),
      ...(network.family === 'ipv6' ? { address6: scenario[side].address } : { address4: scenario[side].address }),
      config: { hz: scenario.hz },
    })),
    link: {
      delay: network.oneWayDelay,
      mtu: network.mtu,
      ...(network.bandwidth === undefined ? {} : { bandwidth: network.bandwidth }),
      ...(network.lossRate === 0 ? {} : { loss: network.lossRate }),
      rules: network.drop.map(
        ({ from, segment, skip, count }): LinkRule => ({
          match: { from, kind: segment },
          first: skip,
          count: count === 'all' ? Number.POSITIVE_INFINITY : count,
          action: { kind: 'drop' },
        }),
      ),
    },
    seed: scenario.seed,
    hook,
  });
}

function sysctlsOf(scenario: Scenario, side: HostSide, view: KernelView): Partial<Sysctls> {
  const written = scenario[side].sysctls as Partial<Sysctls>;
  const wanted = side === 'client' ? scenario.client.fastOpen : scenario.server.listen.fastOpen;
  if (!wanted) return written;
  // A client that asks for Fast Open has a cookie from before; here both ends do without one.
  const before = written.tcp_fastopen ?? defaultSysctls(view).tcp_fastopen;
  return { ...written, tcp_fastopen: before | (side === 'client' ? FASTOPEN_CLIENT : FASTOPEN_SERVER) };
}
