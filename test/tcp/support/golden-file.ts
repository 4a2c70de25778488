// Recorded runs of real kernels (test/facts/golden-*.json): their shape, and loading them.

import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Context fields as the recorder program read them: raw little-endian integers, arrays for args and IPv6 addresses. */
export type RecordedContext = Readonly<Record<string, number | readonly number[] | null>>;

export interface RecordedSock {
  readonly non_null: boolean;
  readonly [field: string]: number | boolean;
}

export interface RecordedEvent {
  readonly t_ns: number;
  /** A step of the application, or a packet seen or injected. */
  readonly marker?: string;
  readonly op_name?: string;
  readonly ctx?: RecordedContext;
  readonly sk?: RecordedSock;
  readonly skb_data_non_null?: boolean;
  readonly skb_data_end_non_null?: boolean;
  readonly skb_data_to_end_hex?: string;
  readonly skb_data_to_end_len?: number;
  readonly helper_returns?: readonly number[];
  readonly [more: string]: unknown;
}

export interface RecordedSegment {
  readonly t_ns: number;
  readonly tap: string;
  readonly dir: string;
  readonly flags: string;
  readonly seq: number;
  readonly ack: number;
  readonly win_raw: number;
  readonly opts: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly payload_len: number;
  readonly tos: number;
}

export interface RecordedRun {
  readonly desc: string;
  readonly program?: string;
  readonly events: readonly RecordedEvent[];
  readonly wire?: readonly RecordedSegment[];
  readonly dropped_in_router?: readonly { readonly payload_len: number; readonly tcp_flags: number }[];
  readonly tcp_info?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface GoldenFile {
  readonly kernel: string;
  readonly CONFIG_HZ: number;
  /** Absent where the machine had its kernel's defaults. */
  readonly sysctls?: Readonly<Record<string, string | null>>;
  readonly runs: Readonly<Record<string, RecordedRun>>;
}

const folder = process.env['SOCKSCOPE_FACTS'] ?? path.resolve(import.meta.dirname, '../../facts');

export function loadFacts(name: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
}

export function loadGolden(name: string): GoldenFile {
  return loadFacts(name) as GoldenFile;
}

/** The settings of the recorded machine that the model obeys. */
export function sysctlsOf(file: GoldenFile): Record<string, number | readonly number[] | string | readonly string[]> {
  const out: Record<string, number | readonly number[] | string | readonly string[]> = {};
  for (const [name, text] of Object.entries(file.sysctls ?? {})) {
    if (text === null || name.startsWith('cc_used') || name === 'tcp_fastopen_key') continue;
    if (name === 'tcp_congestion_control') continue;
    if (name === 'tcp_available_congestion_control') out[name] = text.split(' ');
    else if (/^-?\d+$/.test(text)) out[name] = Number(text);
    else if (/^\d+\s+\d+\s+\d+$/.test(text)) out[name] = text.split(/\s+/).map(Number);
  }
  return out;
}
