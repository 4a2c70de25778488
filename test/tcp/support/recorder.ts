// The recorder program in TypeScript: a hook that notes every context field at entry of every call, in the shape of the recorded
// runs, and then does what the run's `program` line says (flags, replies, options, header option).

import type { Network, SockOpsCall, SockOpsHook, SockOpsResult } from '../../../src/tcp/index.ts';
import { Op } from '../../../src/tcp/index.ts';
import type { RecordedContext } from './golden-file.ts';

const SCALARS = [
  'family',
  'remote_ip4',
  'local_ip4',
  'remote_port',
  'local_port',
  'is_fullsock',
  'snd_cwnd',
  'srtt_us',
  'bpf_sock_ops_cb_flags',
  'state',
  'rtt_min',
  'snd_ssthresh',
  'rcv_nxt',
  'snd_nxt',
  'snd_una',
  'mss_cache',
  'ecn_flags',
  'rate_delivered',
  'rate_interval_us',
  'packets_out',
  'retrans_out',
  'total_retrans',
  'segs_in',
  'data_segs_in',
  'segs_out',
  'data_segs_out',
  'lost_out',
  'sacked_out',
  'sk_txhash',
  'bytes_received',
  'bytes_acked',
  'skb_len',
  'skb_tcp_flags',
  'skb_hwtstamp',
] as const;

/** One call as the recorder saw it. */
export interface Recorded {
  readonly timeNs: number;
  readonly host: string;
  readonly op: number;
  readonly callSite: string;
  readonly ctx: RecordedContext;
  readonly skNonNull: boolean;
  readonly sk: Readonly<Record<string, number>>;
  readonly skbDataNonNull: boolean;
  readonly skbHex: string;
  readonly helperReturns: readonly number[];
}

/** What the recorder does besides recording. */
export interface RecorderSettings {
  /** bpf_sock_ops_cb_flags_set() in TCP_CONNECT_CB and TCP_LISTEN_CB. */
  readonly flags?: number;
  readonly rwnd?: number;
  readonly timeout?: number;
  readonly needsEcn?: number;
  /** Bytes of option 253 (magic eb9f) reserved and written. */
  readonly reserve?: number;
  readonly saveSyn?: boolean;
  /** SK_BPF_CB_FLAGS and marking of every sendmsg. */
  readonly timestamps?: boolean;
  readonly actions?: readonly {
    readonly op: number;
    readonly level: number;
    readonly option: number;
    readonly value: Uint8Array;
  }[];
}

export function int32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}

/** Reads a `program` line of a recorded run. */
export function parseProgram(text: string | undefined): RecorderSettings {
  const settings: {
    flags?: number;
    rwnd?: number;
    timeout?: number;
    reserve?: number;
    saveSyn?: boolean;
    needsEcn?: number;
    actions: { op: number; level: number; option: number; value: Uint8Array }[];
  } = { actions: [] };
  for (const word of (text ?? '').split(/\s+/).filter((part) => part !== '')) {
    const [name, value = ''] = word.split('=');
    switch (name) {
      case 'flags':
        settings.flags = Number(value);
        break;
      case 'rwnd':
        settings.rwnd = Number(value);
        break;
      case 'timeout':
        settings.timeout = Number(value);
        break;
      case 'ecn':
        settings.needsEcn = Number(value);
        break;
      case 'reserve':
        settings.reserve = Number(value);
        break;
      case 'savesyn':
        settings.saveSyn = value !== '0';
        break;
      case 'act': {
        const [op, level, option, argument = ''] = value.split(':');
        const bytes = argument.startsWith('@')
          ? Uint8Array.from(argument.slice(1).replace('\\0', '\0'), (c) => c.charCodeAt(0))
          : int32(Number(argument));
        settings.actions.push({ op: Number(op), level: Number(level), option: Number(option), value: bytes });
        break;
      }
      default:
        throw new Error(`unknown setting of the recorder: ${word}`);
    }
  }
  return settings;
}

/** Everything that the program can see at entry. */
export function contextOf(call: SockOpsCall): Omit<Recorded, 'timeNs' | 'helperReturns'> {
  const ctx: Record<string, number | readonly number[]> = { op: call.op, args: [...call.args] };
  for (const name of SCALARS) ctx[name] = Number(call.readField(name));
  for (const name of ['remote_ip6', 'local_ip6']) {
    ctx[name] = [0, 1, 2, 3].map((i) => Number(call.readField(`${name}[${i}]`)));
  }
  const sock = call.sock;
  const sk: Record<string, number> = {};
  if (sock) {
    for (const name of ['state', 'family', 'type', 'protocol', 'src_port', 'src_ip4', 'dst_ip4'])
      sk[name] = sock.sockField(name);
    sk['dst_port_raw_u16'] = sock.sockField('dst_port');
  }
  const visible = call.segment ? call.segment.data.subarray(0, call.segment.visibleLength) : new Uint8Array(0);
  return {
    host: call.host,
    op: call.op,
    callSite: call.callSite,
    ctx,
    skNonNull: sock !== undefined,
    sk,
    skbDataNonNull: call.segment !== undefined,
    skbHex: Buffer.from(visible).toString('hex'),
  };
}

export class Recorder implements SockOpsHook {
  readonly calls: Recorded[] = [];
  readonly #settings: RecorderSettings;
  network: Network | undefined;

  constructor(settings: RecorderSettings) {
    this.#settings = settings;
  }

  call(call: SockOpsCall): SockOpsResult {
    const base = contextOf(call);
    const returns: number[] = [];
    let reply = call.args[0];
    const s = this.#settings;
    if (s.flags !== undefined && (call.op === Op.TCP_LISTEN || call.op === Op.TCP_CONNECT)) {
      returns.push(call.setCallbackFlags(s.flags));
    }
    if (s.saveSyn && (call.op === Op.TCP_LISTEN || call.op === Op.TCP_CONNECT)) {
      returns.push(call.setsockopt(6, 27, int32(1)));
    }
    if (s.timestamps) {
      if (call.op === Op.ACTIVE_ESTABLISHED || call.op === Op.PASSIVE_ESTABLISHED) {
        returns.push(call.setsockopt(1, 1009, int32(1)));
      }
      if (call.op === Op.TSTAMP_SENDMSG) returns.push(call.enableTxTimestamp(0n));
    }
    for (const action of s.actions ?? []) {
      if (action.op === call.op) returns.push(call.setsockopt(action.level, action.option, action.value));
    }
    if (s.reserve !== undefined) {
      if (call.op === Op.HDR_OPT_LEN) returns.push(call.reserveHeaderOption(s.reserve, 0n));
      if (call.op === Op.WRITE_HDR_OPT) returns.push(call.storeHeaderOption(Uint8Array.of(253, 4, 0xeb, 0x9f), 0n));
    }
    if (call.op === Op.RWND_INIT && s.rwnd !== undefined) reply = s.rwnd;
    if (call.op === Op.TIMEOUT_INIT && s.timeout !== undefined) reply = s.timeout;
    if (call.op === Op.NEEDS_ECN && s.needsEcn !== undefined) reply = s.needsEcn;
    this.calls.push({ ...base, timeNs: this.network?.now ?? 0, helperReturns: returns });
    return { ok: true, reply };
  }
}
