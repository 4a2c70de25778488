// What real users ran into at run time: each surprise is reproduced, and the tool says why. The programs are written as their
// authors would have written them (test/fixtures/cases); where there is a corrected one beside it, it behaves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScenarioInput } from '../../src/world/index.ts';
import { failuresOf, fromValue } from './support.ts';

interface Case {
  readonly name: string;
  readonly scenario: Omit<ScenarioInput, 'programs'> & { readonly programs?: ScenarioInput['programs'] };
  /** Object of the program; default: the scenario names it. */
  readonly program?: string;
}

const global = (value: Record<string, number>) => [{ key: 0, value }];

const CASES: readonly Case[] = [
  {
    name: 'D11: the context pointer stays in the register where a guard fails, on kernels that have the bug',
    program: 'D11',
    scenario: {
      kernel: '5.10',
      expect: { notes: ['leaves the context pointer in the register instead of 0 when snd_cwnd is read'] },
    },
  },
  {
    name: 'D11: the same reads 0 on a fixed kernel',
    program: 'D11',
    scenario: { kernel: '7.2', expect: { maps: { '.data': global({ got: 0 }) } } },
  },
  {
    name: 'D12: rtt_min on a request sock is 0 where the kernel is fixed',
    program: 'D12',
    scenario: {
      kernel: '7.2',
      expect: { counts: [{ op: 'BPF_SOCK_OPS_RWND_INIT', host: 'server', ctx: { rtt_min: 0 }, count: 1 }] },
    },
  },
  {
    name: 'D12: an unfixed kernel reads past the request sock, and the tool says so',
    program: 'D12',
    scenario: { kernel: '5.10', expect: { notes: ['reads rtt_min without asking whether the socket is a full one'] } },
  },
  {
    name: 'D13: TCP fields read 0 in the timestamp callbacks and options are refused',
    program: 'D13',
    scenario: {
      kernel: '6.18',
      expect: {
        notes: [
          'snd_cwnd reads 0 in BPF_SOCK_OPS_TSTAMP_SENDMSG_CB: the timestamp callbacks do not hold the socket lock',
          'returned -EOPNOTSUPP (-95) in BPF_SOCK_OPS_TSTAMP_SENDMSG_CB',
        ],
        maps: { '.bss': global({ cwnd: 0, result: -95 }) },
      },
    },
  },
  {
    name: 'D22: an IPv4 client of a "::" listener is AF_INET6 on the server',
    program: 'D22',
    scenario: {
      preset: 'v4-mapped',
      expect: {
        maps: { '.bss': global({ authorised: 0 }) },
        notes: ['on the server this is an IPv4 connection of an AF_INET6 socket'],
      },
    },
  },
  {
    name: 'D22 corrected',
    program: 'D22_fixed',
    scenario: { preset: 'v4-mapped', expect: { maps: { '.bss': global({ authorised: 1 }) } } },
  },
  {
    name: 'D26: callbacks that nobody asked for never come',
    program: 'D26',
    scenario: {
      preset: 'retransmit',
      expect: {
        never: [
          { op: 'BPF_SOCK_OPS_RETRANS_CB' },
          { op: 'BPF_SOCK_OPS_STATE_CB' },
          { op: 'BPF_SOCK_OPS_RTO_CB' },
          { op: 'BPF_SOCK_OPS_RTT_CB' },
        ],
        notes: [
          'BPF_SOCK_OPS_RETRANS_CB never fired: no program set BPF_SOCK_OPS_RETRANS_CB_FLAG',
          'BPF_SOCK_OPS_STATE_CB never fired: no program set BPF_SOCK_OPS_STATE_CB_FLAG',
          'BPF_SOCK_OPS_RTT_CB never fired: no program set BPF_SOCK_OPS_RTT_CB_FLAG',
        ],
      },
    },
  },
  {
    name: 'D26 corrected',
    program: 'D26_fixed',
    scenario: {
      preset: 'retransmit',
      expect: {
        callbacks: [{ op: 'BPF_SOCK_OPS_RTT_CB' }, { op: 'BPF_SOCK_OPS_STATE_CB' }, { op: 'BPF_SOCK_OPS_RETRANS_CB' }],
        maps: { '.bss': [{ key: 0, value: { retransmits: 1, timeouts: 0, states: { min: 5 }, rtts: { min: 2 } } }] },
      },
    },
  },
  {
    name: 'D27: the second cb_flags_set clears the first',
    program: 'D27',
    scenario: {
      expect: {
        never: [{ host: 'client', op: 'BPF_SOCK_OPS_RTT_CB' }],
        maps: { '.bss': [{ key: 0, value: { rtts: 0, states: { min: 1 } } }] },
        notes: [
          'BPF_SOCK_OPS_RTT_CB_FLAG was cleared in BPF_SOCK_OPS_TIMEOUT_INIT: bpf_sock_ops_cb_flags_set() replaces the mask',
        ],
      },
    },
  },
  {
    name: 'D27 corrected',
    program: 'D27_fixed',
    scenario: { expect: { maps: { '.bss': [{ key: 0, value: { rtts: { min: 1 }, states: { min: 1 } } }] } } },
  },
  {
    name: 'D29: flags cannot be set on a request sock',
    program: 'D29',
    scenario: {
      expect: {
        maps: { '.bss': global({ result: -22 }) },
        notes: [
          'returned -EINVAL (-22) in BPF_SOCK_OPS_RWND_INIT: the socket is still a request sock in this op; set flags in TCP_LISTEN_CB',
        ],
      },
    },
  },
  {
    name: 'D30: with TCP_DEFER_ACCEPT the passive side is established by the first data',
    program: 'D30',
    scenario: {
      preset: 'defer-accept',
      expect: {
        callbacks: [
          { host: 'client', op: 'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB', at: '20ms' },
          { host: 'server', op: 'BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB', at: { min: '120ms', max: '140ms' } },
        ],
        notes: ['with the first data: the listener has TCP_DEFER_ACCEPT'],
      },
    },
  },
  {
    name: 'D30: with Fast Open it comes with the SYN',
    program: 'D30',
    scenario: {
      preset: 'fast-open',
      expect: {
        callbacks: [
          { host: 'server', op: 'BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB', at: '10ms', ctx: { skb_tcp_flags: 'SYN' } },
        ],
        notes: ['came with the SYN, before the handshake was complete: TCP Fast Open'],
      },
    },
  },
  {
    name: 'D31: a socket that exists before the attach is not replayed',
    program: 'D30',
    scenario: {
      preset: 'attach-mid-flow',
      expect: {
        never: [{ op: 'BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB' }, { op: 'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB' }],
        maps: { '.bss': global({ passive: 0 }) },
        notes: ['what sockets did before is not repeated for it'],
      },
    },
  },
  {
    name: 'D34: WRITE_HDR_OPT needs a reservation',
    program: 'D34',
    scenario: {
      expect: {
        callbacks: [{ host: 'client', op: 'BPF_SOCK_OPS_HDR_OPT_LEN_CB' }],
        never: [{ op: 'BPF_SOCK_OPS_WRITE_HDR_OPT_CB' }],
        notes: ['BPF_SOCK_OPS_WRITE_HDR_OPT_CB never fired: no program reserved space with bpf_reserve_hdr_opt()'],
      },
    },
  },
  {
    name: 'D35: the passive side runs in a softirq: the pid is that of whoever was interrupted',
    program: 'D35',
    scenario: {
      kernel: '6.18',
      expect: {
        maps: { '.bss': global({ pid: 0 }) },
        notes: ['a program asked for the current task in a callback that runs in softirq'],
      },
    },
  },
  {
    name: 'D37: returning 0 drops the reply',
    program: 'D37',
    scenario: {
      preset: 'syn-loss',
      expect: {
        callbacks: [{ host: 'client', op: 'BPF_SOCK_OPS_TIMEOUT_INIT', reply: 25, return: 0 }],
        segments: [
          { flags: 'SYN', at: '0ms' },
          { flags: 'SYN', at: { min: '1s', max: '1.05s' } },
        ],
        notes: ['reply 25 of BPF_SOCK_OPS_TIMEOUT_INIT was dropped because returns_zero returned 0'],
      },
    },
  },
  {
    name: 'D39: units of replies',
    program: 'D39',
    scenario: {
      preset: 'syn-loss',
      expect: {
        segments: [
          { flags: 'SYN', at: '0ms', window: 29200 },
          { flags: 'SYN', at: { min: '40ms', max: '52ms' } },
        ],
        notes: [
          'reply 10 of BPF_SOCK_OPS_TIMEOUT_INIT counts jiffies: 40 ms at HZ=250',
          'reply 2 of BPF_SOCK_OPS_NEEDS_ECN means no: only exactly 1 means yes',
          'BPF_SOCK_OPS_BASE_RTT never fired: only the congestion control "nv"',
        ],
      },
    },
  },
  {
    name: 'D40: options that the kernel does not take from BPF, by kernel',
    program: 'D40',
    scenario: {
      kernel: '5.10',
      expect: {
        maps: { '.bss': global({ timeo: -22, reuseport: -22, clamp: -22 }) },
        notes: ['Linux 5.10', 'no kernel takes this option from a BPF program'],
      },
    },
  },
  {
    name: 'D40: the same on a newer kernel',
    program: 'D40',
    scenario: { kernel: '6.12', expect: { maps: { '.bss': global({ timeo: -22, reuseport: 0, clamp: 0 }) } } },
  },
  {
    name: 'D41: an initial window that is set too early is lost, too late refused',
    program: 'D41',
    scenario: {
      expect: {
        callbacks: [{ host: 'client', op: 'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB', ctx: { snd_cwnd: 10 } }],
        maps: { '.bss': global({ early: 0, late: -22 }) },
        notes: [
          'the initial window can only be set before data was sent',
          'TCP_BPF_IW set in BPF_SOCK_OPS_TCP_CONNECT_CB is lost',
        ],
      },
    },
  },
  {
    name: 'D43: option values must have exactly four bytes',
    program: 'D43',
    scenario: {
      expect: {
        maps: { '.bss': global({ one_byte: -22, eight_bytes: -22, four_bytes: 0 }) },
        notes: ['the length or the value is not accepted'],
      },
    },
  },
  {
    name: 'D46: TCP_NODELAY in a header option callback is refused by fixed kernels',
    program: 'D46',
    scenario: { kernel: '7.2', expect: { maps: { '.data': global({ result: -95 }) } } },
  },
  {
    name: 'D48: IP_TOS needs an AF_INET socket, which the server end of a v4-mapped connection is not',
    program: 'D48',
    scenario: {
      preset: 'v4-mapped',
      expect: {
        maps: { '.data': global({ result: -22 }) },
        notes: ['the option needs an AF_INET socket and this one is AF_INET6'],
      },
    },
  },
  {
    name: 'D51: the option refuses unknown flags as a whole, the helper gives them back',
    program: 'D51',
    scenario: { expect: { maps: { '.data': global({ unknown: -22, known: 0, by_helper: 256 }) } } },
  },
  {
    name: 'D53: storing more than was reserved',
    program: 'D53',
    scenario: {
      expect: {
        maps: { '.data': global({ result: -28 }) },
        notes: [
          'less space was reserved in HDR_OPT_LEN_CB than this option needs',
          '4 of 4 reserved bytes were not written',
        ],
      },
    },
  },
  {
    name: 'D55: every way in which bpf_load_hdr_opt fails has its reason',
    program: 'D55',
    scenario: {
      expect: {
        maps: { '.data': global({ in_connect: -1, bad_search: -22, absent: -42, syn_not_saved: -2 }) },
        notes: [
          'there is no packet to search in this op',
          'the search must have length 0, or 4 or 6 with a magic',
          'the header does not have this option',
          'the listener needs TCP_SAVE_SYN',
        ],
      },
    },
  },
  {
    name: 'D55b: returning 0 from WRITE_HDR_OPT makes padding of the option',
    program: 'D55b',
    scenario: {
      expect: {
        segments: [{ from: 'client', flags: 'SYN', options: '01 01 01 01' }],
        notes: ['was overwritten with NOPs because a program returned 0'],
      },
    },
  },
  {
    name: 'D63: BPF_NOEXIST refuses a second socket under one key',
    program: 'D63',
    scenario: {
      script: [
        { at: '0ms', do: 'server.listen' },
        { at: '0ms', do: 'client.connect' },
      ],
      until: '1s',
      expect: { maps: { '.data': global({ first: 0, second: -17 }), sockets: [{ entries: 1 }] } },
    },
  },
  {
    name: 'D63: its return 0 drops the reply of another program of the chain',
    scenario: {
      programs: [{ file: 'reply40.o' }, { file: 'D63.o' }],
      expect: {
        callbacks: [{ host: 'client', op: 'BPF_SOCK_OPS_RWND_INIT', reply: 40 }],
        segments: [{ flags: 'SYN', window: 64240 }],
        notes: ['reply 40 of BPF_SOCK_OPS_RWND_INIT was dropped because same_key returned 0'],
      },
    },
  },
  {
    name: 'D71: an exclusive program keeps the groups below from having one',
    scenario: {
      programs: [
        { file: 'reply40.o', cgroup: '/', attach: 'exclusive' },
        { file: 'D30.o', cgroup: '/server', attach: 'multi' },
      ],
      expect: { attach: [{ program: 1, error: 'EPERM' }], segments: [{ flags: 'SYN', window: 58400 }] },
    },
  },
  {
    name: 'a program that is detached is not run any more',
    scenario: {
      programs: [{ file: 'reply40.o' }],
      script: [{ do: 'server.listen' }, { do: 'detach', program: 0 }, { do: 'client.connect' }],
      expect: {
        callbacks: [{ op: 'BPF_SOCK_OPS_TCP_LISTEN_CB' }],
        never: [{ op: 'BPF_SOCK_OPS_RWND_INIT' }],
        segments: [{ flags: 'SYN', window: 64240 }],
      },
    },
  },
  {
    name: 'a program of the same chain that is stuck does not hold up the others',
    scenario: {
      programs: [{ file: 'loop.o' }, { file: 'reply40.o' }],
      expect: { faults: ['loops for ever'], callbacks: [{ host: 'client', op: 'BPF_SOCK_OPS_RWND_INIT', reply: 40 }] },
    },
  },
  {
    name: 'a callback inside a helper is either run or said not to be',
    scenario: {
      programs: [{ file: 'nested.o', cgroup: '/client' }],
      client: { sysctls: { tcp_available_congestion_control: ['reno', 'cubic', 'nv'] } },
      expect: { sockets: { client: { congestion_control: 'nv' } }, faults: [] },
    },
  },
  {
    name: 'division by zero gives 0, as BPF defines it',
    program: 'divide',
    scenario: { expect: { maps: { '.data': global({ quotient: 0 }) } } },
  },
  {
    name: 'a program that loops for ever is stopped',
    program: 'loop',
    scenario: { expect: { faults: ['loops for ever'] } },
  },
  {
    name: 'a read past the end of a map value names the map',
    program: 'past_the_end',
    scenario: {
      expect: {
        faults: ['past the end of the value of map `config`', 'past the end of the value of map `config`'].slice(0, 1),
      },
    },
  },
  {
    name: 'a null pointer is called one',
    program: 'null_pointer',
    scenario: { expect: { faults: ['through a null pointer'] } },
  },
];

for (const { name, scenario, program } of CASES) {
  test(name, () => {
    const programs = scenario.programs ?? [{ file: `${program}.o` }];
    const { world, failures } = failuresOf(fromValue({ ...scenario, programs }, 'cases'));
    assert.deepEqual(failures, [], `notes:\n${world.notes.join('\n')}`);
  });
}
