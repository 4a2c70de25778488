// Scenarios that a kernel has run (test/facts/scenarios-*.json): what was done, and what came of it. The file keeps contexts as
// rows of numbers; here they become named fields again.

import type { RecordedContext, RecordedEvent } from './golden-file.ts';
import { loadFacts } from './golden-file.ts';

/** One thing that somebody does, at a time in milliseconds. */
export interface Step {
  readonly at: number;
  readonly do:
    | 'listen'
    | 'connect'
    | 'accept'
    | 'send'
    | 'recv'
    | 'auto'
    | 'shutdown'
    | 'close'
    | 'linger'
    | 'opt'
    | 'disconnect';
  readonly who?: 'client' | 'server' | 'listener';
  readonly bytes?: number;
  readonly backlog?: number;
  /** connect: bytes for the SYN (MSG_FASTOPEN). */
  readonly data?: number;
  readonly port?: number;
  readonly how?: 'receive' | 'send' | 'both';
  readonly seconds?: number;
  readonly on?: boolean;
  readonly level?: number;
  readonly opt?: number;
  /** A number, or bytes as hex. */
  readonly value?: number | string;
}

/** What the recorder program does in an op (99: in every op), besides noting the context. */
export interface Action {
  readonly op: number;
  /** 0 setsockopt, 1 getsockopt, 2 callback flags, 3 load, 4 store and 5 reserve a header option. */
  readonly kind: 0 | 1 | 2 | 3 | 4 | 5;
  readonly level?: number;
  readonly opt?: number;
  readonly val?: string;
  readonly len?: number;
}

export interface ScenarioProgram {
  /** Callback flags set in TCP_LISTEN_CB and TCP_CONNECT_CB. */
  readonly flags?: number;
  readonly actions?: readonly Action[];
  readonly reply?: Readonly<Record<string, number>>;
  /** Ops in which the program returns 0. */
  readonly ret0?: readonly number[];
}

export interface ScenarioRule {
  readonly from?: string;
  readonly kind?: 'SYN' | 'SYN-ACK' | 'ACK' | 'DATA' | 'FIN' | 'RST' | 'ANY';
  readonly first?: number;
  readonly count?: number;
  readonly action: 'drop' | 'duplicate' | 'delay' | 'ce';
  /** Milliseconds of a delay. */
  readonly by?: number;
}

export interface Scenario {
  readonly title: string;
  readonly topology: 'path' | 'loopback';
  readonly family: '4' | '6' | 'mapped';
  /** One way, milliseconds. */
  readonly delay: number;
  readonly mtu?: number;
  readonly until: number;
  readonly rules?: readonly ScenarioRule[];
  readonly opts?: readonly {
    who: 'client' | 'server' | 'listener';
    level: number;
    opt: number;
    value: number | string;
  }[];
  readonly programs: Readonly<Record<string, ScenarioProgram>>;
  readonly steps: readonly Step[];
  readonly autoAccept?: boolean;
  readonly autoClose?: Readonly<Record<string, boolean>>;
  /** What differs from the defaults of the kernel, by host. */
  readonly sysctls: Readonly<Record<string, Readonly<Record<string, number | string | readonly number[]>>>>;
  /** Where the recorded machine was a coin toss: seeds of the model to try. */
  readonly seeds?: number;
}

export interface ScenarioSegment {
  readonly from: string;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  readonly tos: number;
  readonly payload: number;
  readonly options: string;
  readonly dropped: boolean;
}

export interface RecordedScenario {
  readonly scenario: Scenario;
  readonly events: readonly RecordedEvent[];
  readonly wire: readonly ScenarioSegment[];
  /** What the system calls gave, in order. */
  readonly results: readonly (readonly [string, number])[];
}

interface ScenarioFile {
  readonly kernel: string;
  readonly how: string;
  readonly maxHeader: number;
  readonly fields: readonly string[];
  readonly sockFields: readonly string[];
  readonly runs: readonly {
    readonly scenario: Scenario;
    /** host, microseconds, op, args, fields, sock fields or 0, packet visible, header, helper results, buffers read */
    readonly events: readonly (readonly [
      string,
      number,
      number,
      readonly number[],
      readonly (number | readonly number[])[],
      readonly number[] | 0,
      0 | 1,
      string,
      readonly number[],
      readonly string[],
    ])[];
    readonly wire: readonly (readonly [string, number, number, number, number, number, number, string, 0 | 1])[];
    readonly results: readonly (readonly [string, number])[];
  }[];
}

export interface LoadedScenarios {
  readonly kernel: string;
  readonly maxHeader: number;
  readonly runs: readonly RecordedScenario[];
}

export function loadScenarios(name: string): LoadedScenarios {
  const file = loadFacts(name) as ScenarioFile;
  const runs = file.runs.map((run) => ({
    scenario: run.scenario,
    results: run.results,
    wire: run.wire.map(([from, flags, seq, ack, window, tos, payload, options, dropped]) => ({
      from,
      flags,
      seq,
      ack,
      window,
      tos,
      payload,
      options,
      dropped: dropped === 1,
    })),
    events: run.events.map(([host, us, op, args, values, sk, packet, header, returns, got]) => {
      const ctx: Record<string, number | readonly number[]> = { op, args };
      file.fields.forEach((field, i) => {
        ctx[field] = values[i]!;
      });
      const sock: Record<string, number> = {};
      if (sk !== 0) {
        file.sockFields.forEach((field, i) => {
          sock[field] = sk[i]!;
        });
      }
      return {
        t_ns: us * 1000,
        host,
        ctx: ctx as RecordedContext,
        sk: { non_null: sk !== 0, ...sock },
        skb_data_non_null: packet === 1,
        skb_data_to_end_hex: header,
        helper_returns: returns,
        got,
      };
    }),
  }));
  return { kernel: file.kernel, maxHeader: file.maxHeader, runs };
}
