// What came of a run, or of a part of it: records, remarks, sockets, maps, and the forms in which they are shown or compared. The
// world that runs provides the facts; nothing here changes anything.

import type { KernelView } from '../kernel/index.ts';
import type { MapEntry } from '../vm/index.ts';
import type { SocketRole } from './applications.ts';
import { decodeJson } from './btf-json.ts';
import { argumentsText } from './ctx-text.ts';
import type { Outcomes } from './expect.ts';
import { valuesJson } from './expect-maps.ts';
import type { Json } from './expectation-schema.ts';
import { type Ladder, ladder } from './ladder.ts';
import { notesOf, type RunFacts } from './notes.ts';
import type { LoadedFile, LoadedProgram } from './programs.ts';
import type { CallbackRecord, FaultRecord, OutputRecord, RunRecord, SegmentRecord } from './record.ts';
import { type Report, report } from './report.ts';
import type { Scenario } from './scenario-parse.ts';
import type { HostSide } from './scenario-schema.ts';
import { type SocketDescription, socketFields } from './socket-fields.ts';
import { mapNamed, mapOutcome, mapsOf, type TypedMap } from './typed-map.ts';

export interface AttachFailure {
  /** Index into the scenario's programs. */
  readonly program: number;
  /** "EPERM" */
  readonly error: string;
  readonly why: string;
}

/** One map at the end of a run. */
export interface MapReport {
  readonly name: string;
  readonly type: string;
  readonly file: string;
  readonly maxEntries: number;
  readonly typed: TypedMap;
  readonly outcome: ReturnType<typeof mapOutcome>;
}

/** What the world that ran knows. */
export interface ResultFacts extends RunRecord, Omit<RunFacts, 'view' | 'scenario' | 'programs'> {
  readonly attachErrors: readonly AttachFailure[];
  describe(role: SocketRole): SocketDescription | undefined;
}

/** The setting of a run. */
export interface Setting {
  readonly scenario: Scenario;
  readonly view: KernelView;
  readonly programs: readonly LoadedProgram[];
  readonly files: readonly LoadedFile[];
  /** How to show each program file to a person, by file as the scenario writes it. */
  readonly paths: ReadonlyMap<string, string>;
}

export abstract class RunResults {
  readonly scenario: Scenario;
  readonly view: KernelView;
  readonly programs: readonly LoadedProgram[];
  readonly files: readonly LoadedFile[];
  readonly #paths: ReadonlyMap<string, string>;

  constructor(setting: Setting) {
    this.scenario = setting.scenario;
    this.view = setting.view;
    this.programs = setting.programs;
    this.files = setting.files;
    this.#paths = setting.paths;
  }

  /** As things stand now. */
  protected abstract facts(): ResultFacts;

  get record(): RunRecord {
    const { callbacks, segments, printk, outputs, actions } = this.facts();
    return { callbacks, segments, printk, outputs, actions };
  }

  get callbacks(): readonly CallbackRecord[] {
    return this.facts().callbacks;
  }

  get segments(): readonly SegmentRecord[] {
    return this.facts().segments;
  }

  get faults(): readonly { readonly fault: FaultRecord; readonly callback: number }[] {
    return this.callbacks.flatMap((callback) =>
      callback.runs.flatMap((run) => (run.fault === undefined ? [] : [{ fault: run.fault, callback: callback.index }])),
    );
  }

  get attachErrors(): readonly AttachFailure[] {
    return this.facts().attachErrors;
  }

  get notes(): readonly string[] {
    return notesOf({ ...this.facts(), view: this.view, scenario: this.scenario, programs: this.programs });
  }

  /** Fields of the sockets that exist or existed: client, server (the accepted one), listener. */
  sockets(): Readonly<Record<string, Readonly<Record<string, number | string | boolean>>>> {
    const fields: Record<string, Readonly<Record<string, number | string | boolean>>> = {};
    const { segments, describe } = this.facts();
    for (const who of ['client', 'server', 'listener'] as const) {
      const description = describe(who);
      if (description !== undefined)
        fields[who] = socketFields(description, who === 'listener' ? undefined : who, segments);
    }
    return fields;
  }

  /** Every map of every file, with contents. */
  maps(): readonly MapReport[] {
    return this.files.flatMap((file) =>
      mapsOf(file).map((typed) => ({
        name: typed.name,
        type: this.#mapType(typed),
        file: file.file,
        maxEntries: typed.map.definition.maxEntries,
        typed,
        outcome: mapOutcome(typed),
      })),
    );
  }

  #mapType(typed: TypedMap): string {
    const answer = this.view.mapType(typed.map.definition.typeId);
    return answer.row?.name ?? `type ${typed.map.definition.typeId}`;
  }

  keyJson(map: MapReport, entry: MapEntry): Json {
    return decodeJson(entry.key, map.outcome.keyType);
  }

  valueJson(map: MapReport, entry: MapEntry): Json {
    return valuesJson(entry.values, map.outcome.valueType);
  }

  outputJson(output: OutputRecord): Json {
    return decodeJson(output.data, output.type);
  }

  /** How a person would find a program file of the scenario. */
  shownFile(file: string): string {
    return this.#paths.get(file) ?? file;
  }

  /** "client 10.0.0.1:40000" */
  hostLabel(side: HostSide): string {
    const { address, port } = this.scenario[side];
    return `${side} ${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  ladder(fold: 'folded' | 'single'): Ladder {
    return ladder({
      title: this.scenario.title,
      clientLabel: this.hostLabel('client'),
      serverLabel: this.hostLabel('server'),
      record: this.record,
      replyCounts: (op) => this.view.op(op)?.reply.kind === 'value',
      detail: (callback) =>
        callback.opName === 'BPF_SOCK_OPS_STATE_CB' ? argumentsText(this.view, callback.op, callback.args) : '',
      fold,
    });
  }

  report(): Report {
    const { scenario } = this;
    return report({
      title: scenario.title,
      kernel: this.view.target.name,
      seed: scenario.seed,
      hz: scenario.hz,
      view: this.view,
      record: this.record,
      notes: this.notes,
      attachErrors: this.attachErrors,
      sockets: this.sockets(),
      maps: this.maps(),
    });
  }

  /** For checkExpectations(). */
  outcomes(): Outcomes {
    const sockets = this.sockets();
    return {
      view: this.view,
      ...this.record,
      faults: this.faults.map((one) => one.fault),
      notes: this.notes,
      socket: (who) => sockets[who],
      map: (name) => {
        const typed = mapNamed(this.files, name);
        return typed === undefined ? undefined : mapOutcome(typed);
      },
      mapNames: this.files.flatMap((file) => mapsOf(file).map((typed) => typed.name)),
      attachErrors: this.attachErrors,
    };
  }
}
