// Socket helpers with their arguments in words: "SOL_TCP, TCP_BPF_IW, 40". Wraps the port of a call so that every call is
// noted with its result; the machine and the TCP model know nothing of it.

import { decodeUtf8, toHex } from '../base/index.ts';
import { CALLBACK_FLAGS, optionLevelNumber, SOCKOPTS } from '../kernel/index.ts';
import type { SocketPort } from '../vm/index.ts';
import type { HelperCall } from './record.ts';

const OPTION_NAMES = new Map(SOCKOPTS.map((row) => [`${optionLevelNumber(row.level)}:${row.number}`, row]));

/** "SOL_TCP, TCP_CONGESTION"; numbers where no table has a name. */
export function optionText(level: number, option: number): string {
  const row = OPTION_NAMES.get(`${level}:${option}`);
  return row === undefined ? `level ${level}, option ${option}` : `${row.level}, ${row.name}`;
}

function valueText(value: Uint8Array): string {
  if (value.length === 4) return String(new DataView(value.buffer, value.byteOffset, 4).getInt32(0, true));
  const end = value.indexOf(0);
  const text = value.subarray(0, end < 0 ? value.length : end);
  if (text.length > 0 && text.every((byte) => byte > 31 && byte < 127)) return `"${decodeUtf8(text)}"`;
  return value.length > 16 ? `${value.length} bytes` : toHex(value);
}

/** "BPF_SOCK_OPS_RTT_CB_FLAG|BPF_SOCK_OPS_STATE_CB_FLAG", "0". */
export function callbackFlagNames(flags: number): string {
  const known = CALLBACK_FLAGS.filter((row) => (flags & row.value) !== 0);
  const rest = known.reduce((left, row) => left & ~row.value, flags);
  const parts = [...known.map((row) => row.name as string), ...(rest === 0 ? [] : [`0x${(rest >>> 0).toString(16)}`])];
  return parts.length === 0 ? '0' : parts.join('|');
}

/** The port with every socket helper noted through `note`. */
export function tracedPort(port: SocketPort, note: (call: HelperCall) => void): SocketPort {
  const noted = (name: string, detail: string, result: number): number => {
    note({ name, detail, result });
    return result;
  };
  return {
    op: port.op,
    socketId: port.socketId,
    ...(port.family === undefined ? {} : { family: port.family }),
    ...(port.fillSock === undefined ? {} : { fillSock: (image: Uint8Array) => port.fillSock!(image) }),
    ...(port.fillTcpSock === undefined ? {} : { fillTcpSock: (image: Uint8Array) => port.fillTcpSock!(image) }),
    setsockopt: (level, option, value) =>
      noted(
        'bpf_setsockopt',
        `${optionText(level, option)}, ${valueText(value)}`,
        port.setsockopt(level, option, value),
      ),
    getsockopt: (level, option, buffer) => {
      const result = port.getsockopt(level, option, buffer);
      const got = result < 0 ? '' : `, ${valueText(buffer)}`;
      return noted('bpf_getsockopt', `${optionText(level, option)}${got}`, result);
    },
    setCallbackFlags: (flags) =>
      noted('bpf_sock_ops_cb_flags_set', callbackFlagNames(flags), port.setCallbackFlags(flags)),
    loadHeaderOption: (search, flags) => {
      const result = port.loadHeaderOption(search, flags);
      return noted('bpf_load_hdr_opt', `kind ${search[0] ?? 0}${flags === 0n ? '' : `, flags ${flags}`}`, result);
    },
    storeHeaderOption: (option, flags) =>
      noted('bpf_store_hdr_opt', toHex(option), port.storeHeaderOption(option, flags)),
    reserveHeaderOption: (length, flags) =>
      noted('bpf_reserve_hdr_opt', `${length} bytes`, port.reserveHeaderOption(length, flags)),
    socketCookie: () => port.socketCookie(),
    netnsCookie: () => port.netnsCookie(),
    sockMapCheck: () => {
      const result = port.sockMapCheck();
      return result === 0 ? 0 : noted('bpf_sock_map_update', 'not in this op', result);
    },
    enableTxTimestamp: (flags) =>
      noted('bpf_sock_ops_enable_tx_tstamp', `flags ${flags}`, port.enableTxTimestamp(flags)),
  };
}
