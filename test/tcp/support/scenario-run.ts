// Runs a recorded scenario on the model: the same steps at the same times, applications that read and close as the recorded ones
// did, and the recorder program as a hook.

import { type Instant, instant, microseconds, milliseconds } from '../../../src/base/index.ts';
import { type KernelView, viewFor } from '../../../src/kernel/index.ts';
import type { LinkRule, Notice, Segment, SockOpsCall, SockOpsHook, SockOpsResult } from '../../../src/tcp/index.ts';
import { createNetwork, type Network, type Sysctls } from './model.ts';
import { contextOf, type Recorded } from './recorder.ts';
import type { RecordedScenario, Scenario, Step } from './scenario-file.ts';

const SERVER_PORT = 5001;
const CLIENT_PORT = 40001;
const LISTENING_OPS = new Set([11, 3]);
/** What the forwarder between the recorded hosts needed for a segment. */
const FORWARDING_US = 120;
const START_NS = 3e6;
const EAGAIN = -11;
const EINPROGRESS = -115;
const ECONNRESET = 104;

type Who = 'client' | 'server' | 'listener';

export interface ScenarioCall extends Recorded {
  /** Buffers of getsockopt and header option searches, as hex. */
  readonly got: readonly string[];
}

const bytesOf = (hex: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(hex ?? '', 'hex'));

/** Options whose value is the recorded packet itself, with numbers that nothing here knows. */
const SAVED_SYN = new Set([1005, 1006, 1007, 28]);
const TIMESTAMP_OPTION = '08';

/** Takes out of a buffer what is a clock or a checksum. */
export function plainBuffer(action: { kind: number; opt?: number; val?: string }, hex: string): string {
  if (action.kind === 1 && SAVED_SYN.has(action.opt ?? 0)) return '';
  if (action.kind === 3 && (action.val ?? '').startsWith(TIMESTAMP_OPTION)) return hex.slice(0, 4);
  return hex;
}

class ScenarioHook implements SockOpsHook {
  readonly calls: ScenarioCall[] = [];
  readonly #scenario: Scenario;
  network: Network | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  call(call: SockOpsCall): SockOpsResult {
    const host = this.#scenario.topology === 'loopback' ? 'client' : call.host;
    const program = this.#scenario.programs[host] ?? {};
    const base = contextOf(call);
    const returns: number[] = [];
    const got: string[] = [];
    if (program.flags !== undefined && LISTENING_OPS.has(call.op)) returns.push(call.setCallbackFlags(program.flags));
    for (const action of program.actions ?? []) {
      if (action.op !== call.op && action.op !== 99) continue;
      const buffer = new Uint8Array(40);
      buffer.set(bytesOf(action.val).subarray(0, 40));
      const given = action.len ?? bytesOf(action.val).length;
      const length = Math.max(1, Math.min(40, given));
      const option = Math.max(2, length);
      switch (action.kind) {
        case 0:
          returns.push(call.setsockopt(action.level!, action.opt!, buffer.subarray(0, length)));
          break;
        case 1: {
          const out = new Uint8Array(length);
          returns.push(call.getsockopt(action.level!, action.opt!, out));
          got.push(plainBuffer(action, Buffer.from(out).toString('hex')));
          break;
        }
        case 2:
          returns.push(call.setCallbackFlags(action.opt!));
          break;
        case 3: {
          const search = buffer.slice(0, option);
          returns.push(call.loadHeaderOption(search, BigInt(action.opt ?? 0)));
          got.push(
            plainBuffer(
              action,
              Buffer.from(search)
                .toString('hex')
                .slice(0, 2 * Math.max(1, given)),
            ),
          );
          break;
        }
        case 4:
          returns.push(call.storeHeaderOption(buffer.slice(0, option), BigInt(action.opt ?? 0)));
          break;
        case 5:
          returns.push(call.reserveHeaderOption(action.level!, BigInt(action.opt ?? 0)));
          break;
      }
    }
    const reply = program.reply?.[String(call.op)] ?? call.args[0] | 0;
    this.calls.push({ ...base, timeNs: this.network?.now ?? 0, helperReturns: returns, got });
    return { ok: !(program.ret0 ?? []).includes(call.op), reply };
  }
}

/** Size of the smallest buffer that the kernel makes for a received packet. */
function smallHeadOf(kernel: KernelView, maxHeader: number): number {
  if (!kernel.has('small-buffer-heads')) return 512;
  const pad = kernel.has('small-heads-have-receive-pad') ? 64 : 0;
  return ((128 + maxHeader + pad + 63) & ~63) + 320;
}

/** Memory of a packet that came in through a TUN device: one linear buffer of the kernel's sizes. */
function tunMemory(segment: Segment, smallHead: number): number {
  const ip = segment.destination[2] === 0xffff ? 20 : 40;
  const data = (64 + ip + segment.header.length + segment.payloadLength + 63) & ~63;
  let size = data + 320;
  if (size <= smallHead) size = smallHead;
  else size = 2 ** Math.ceil(Math.log2(Math.max(1024, size)));
  return size + 256;
}

function linkRules(scenario: Scenario, smallHead: number, seed: number): LinkRule[] {
  const rules: LinkRule[] = (scenario.rules ?? []).map((rule) => ({
    match: {
      ...(rule.from === undefined ? {} : { from: rule.from }),
      ...(rule.kind === undefined ? {} : { kind: rule.kind }),
    },
    first: rule.first ?? 0,
    count: rule.count ?? 1,
    action:
      rule.action === 'delay'
        ? { kind: 'delay', by: milliseconds(rule.by ?? 0) }
        : { kind: rule.action === 'ce' ? 'mark-ce' : rule.action },
  }));
  // A rule that never acts sees every segment, and gives it the memory that it had on the recorded machine.
  const weigh = (segment: Segment): boolean => {
    Object.assign(segment, { truesize: tunMemory(segment, smallHead), overhead: 0 });
    return false;
  };
  rules.unshift({ match: { test: weigh }, count: 0, action: { kind: 'drop' } });
  if (seed % 2 === 0) {
    // The first round trip of a recorded connection may be the slowest.
    const by = microseconds(600);
    rules.push({ match: { from: 'server', kind: 'SYN-ACK' }, count: 99, action: { kind: 'delay', by } });
    rules.push({ match: { from: 'client', kind: 'ACK' }, action: { kind: 'delay', by } });
  }
  return rules;
}

export interface ScenarioResult {
  readonly calls: readonly ScenarioCall[];
  readonly network: Network;
  readonly results: readonly (readonly [string, number])[];
}

export interface ScenarioSetup {
  readonly kernel: string;
  readonly maxHeader: number;
  readonly seed: number;
}

/** Runs the scenario to its end. */
export function runScenario(recorded: RecordedScenario, setup: ScenarioSetup): ScenarioResult {
  return new ScenarioRun(recorded.scenario, setup).run();
}

class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #network: Network;
  readonly #hook: ScenarioHook;
  readonly #ids = new Map<Who, number>();
  readonly #auto = new Set<Who>();
  readonly #unsent = new Map<Who, number>();
  readonly #ended = new Set<Who>();
  readonly #atEnd = new Set<Who>();
  readonly #errors = new Map<Who, number>();
  readonly #results: (readonly [string, number])[] = [];
  #steps: { readonly at: Instant; readonly step: Step }[];
  #seen = 0;
  #accepted = false;

  constructor(scenario: Scenario, setup: ScenarioSetup) {
    this.#scenario = scenario;
    this.#hook = new ScenarioHook(scenario);
    const loopback = scenario.topology === 'loopback';
    const kernel = viewFor(setup.kernel);
    const config = { maxHeader: setup.maxHeader, gso: loopback };
    const smallHead = smallHeadOf(kernel, setup.maxHeader);
    const hosts = (loopback ? ['client'] : ['client', 'server']).map((name, i) => ({
      name,
      kernel,
      sysctls: scenario.sysctls[name] as Partial<Sysctls>,
      config,
      address4: `10.0.${i}.1`,
      address6: `fd00:${i + 1}::1`,
    }));
    this.#network = createNetwork({
      hosts,
      link: {
        delay: microseconds(Math.round(scenario.delay * 1000) + FORWARDING_US),
        mtu: scenario.mtu ?? 1500,
        rules: loopback ? [] : linkRules(scenario, smallHead, setup.seed),
      },
      seed: setup.seed,
      hook: this.#hook,
    });
    this.#hook.network = this.#network;
    this.#steps = scenario.steps
      .map((step) => ({ at: instant(START_NS + step.at * 1e6), step }))
      .sort((a, b) => a.at - b.at);
  }

  run(): ScenarioResult {
    const net = this.#network;
    net.runUntil(instant(START_NS));
    for (const { at } of this.#steps) net.wakeAt(at, 0);
    const end = instant(START_NS + this.#scenario.until * 1e6);
    for (let next = net.nextEventTime; next !== undefined && next <= end; next = net.nextEventTime) {
      net.runNextEvent();
      this.#react();
      while (this.#steps.length > 0 && this.#steps[0]!.at <= net.now) {
        this.#do(this.#steps.shift()!.step);
        this.#react();
      }
    }
    if (net.now < end) net.runUntil(end);
    return { calls: this.#hook.calls, network: net, results: this.#results };
  }

  #host(who: Who): string {
    return this.#scenario.topology === 'loopback' || who === 'client' ? 'client' : 'server';
  }

  #note(what: string, result: number): void {
    this.#results.push([what, result]);
  }

  /** What the applications do of their own accord, until nothing is left to do. */
  #react(): void {
    for (let before = -1; before !== this.#network.notices.length; ) {
      before = this.#network.notices.length;
      for (; this.#seen < this.#network.notices.length; this.#seen++) this.#notice(this.#network.notices[this.#seen]!);
      this.#check('client');
      this.#check('server');
    }
  }

  #notice(notice: Notice): void {
    if (notice.kind === 'acceptable') {
      if (this.#scenario.autoAccept !== false) this.#accept('noted');
      return;
    }
    const who = (['client', 'server'] as const).find((name) => this.#ids.get(name) === notice.socketId);
    if (who === undefined) return;
    if (notice.kind === 'end-of-stream') this.#atEnd.add(who);
    else if (notice.kind === 'error') this.#errors.set(who, notice.errno);
    else if ((notice.kind === 'writable' || notice.kind === 'established') && (this.#unsent.get(who) ?? 0) > 0) {
      this.#pump(who);
    }
  }

  #accept(note: 'noted' | 'unnoted'): void {
    const listener = this.#ids.get('listener');
    if (this.#accepted || listener === undefined) return;
    const id = this.#network.accept(this.#host('server'), listener, 'server');
    if (id === undefined) return;
    this.#ids.set('server', id);
    this.#accepted = true;
    for (const notice of this.#network.notices) {
      if (!('socketId' in notice) || notice.socketId !== id) continue;
      if (notice.kind === 'end-of-stream') this.#atEnd.add('server');
      if (notice.kind === 'error') this.#errors.set('server', notice.errno);
    }
    if (note === 'noted') this.#note('accept', 0);
    this.#setOptions('server', id, 'unnoted');
  }

  #readAll(who: Who): void {
    const id = this.#ids.get(who);
    if (id === undefined) return;
    while (this.#network.receive(this.#host(who), id, 65536) > 0) {
      // until nothing is left
    }
  }

  /** Reads, and notices the end, where the application does so by itself. */
  #check(who: Who): void {
    const id = this.#ids.get(who);
    if (!this.#auto.has(who) || id === undefined || this.#ended.has(who)) return;
    this.#readAll(who);
    const errno = this.#errors.get(who);
    if (errno !== undefined) this.#note(`${who} error`, errno);
    else if (this.#atEnd.has(who)) {
      this.#network.receive(this.#host(who), id, 1);
      this.#note(`${who} eof`, 0);
    } else return;
    this.#ended.add(who);
    if (this.#scenario.autoClose?.[who]) this.#close(who);
  }

  #close(who: Who): void {
    const id = this.#ids.get(who);
    if (id === undefined) return;
    this.#ids.delete(who);
    this.#network.close(this.#host(who), id);
  }

  #pump(who: Who): void {
    const left = this.#unsent.get(who) ?? 0;
    const taken = this.#network.send(this.#host(who), this.#ids.get(who)!, left);
    if (taken >= 0) this.#unsent.set(who, left - taken);
    else if (taken !== EAGAIN) {
      this.#note(`${who} send`, taken);
      this.#unsent.set(who, 0);
    }
  }

  #option(who: Who, id: number, level: number, option: number, value: number | string): number {
    const net = this.#network;
    const host = this.#host(who);
    const number = typeof value === 'number' ? value : 0;
    if (level !== 6) return net.setOption(host, id, level, option, number);
    switch (option) {
      case 3:
        return net.setSpecialOption(host, id, { name: 'cork', on: number !== 0 });
      case 8:
        return net.setSpecialOption(host, id, { name: 'fin-timeout', seconds: number });
      case 9:
        return net.setSpecialOption(host, id, { name: 'defer-accept', seconds: number });
      case 12:
        return net.setSpecialOption(host, id, { name: 'quick-ack', value: number });
      case 13: {
        const algorithm = Buffer.from(String(value), 'hex').toString('latin1').replace(/\0.*$/, '');
        return net.setSpecialOption(host, id, { name: 'congestion-control', algorithm });
      }
      case 23:
        return net.setSpecialOption(host, id, { name: 'fastopen-queue', length: number });
      default:
        return net.setOption(host, id, level, option, number);
    }
  }

  #setOptions(who: Who, id: number, note: 'noted' | 'unnoted'): void {
    for (const option of this.#scenario.opts ?? []) {
      if (option.who !== who) continue;
      const result = this.#option(who, id, option.level, option.opt, option.value);
      if (note === 'noted') this.#note(`${who} opt ${option.level}:${option.opt}`, result);
    }
  }

  #make(who: 'client' | 'listener'): number {
    const { family } = this.#scenario;
    const isV6 = family === '6' || (family === 'mapped' && who === 'listener');
    const id = this.#network.socket(this.#host(who), { family: isV6 ? 'ipv6' : 'ipv4' });
    this.#network.setOption(this.#host(who), id, 1, 2, 1);
    this.#setOptions(who, id, 'noted');
    return id;
  }

  get #address(): string {
    const loopback = this.#scenario.topology === 'loopback';
    if (this.#scenario.family === '6') return loopback ? '::1' : 'fd00:2::1';
    return loopback ? '127.0.0.1' : '10.0.1.1';
  }

  #connect(step: Step): void {
    const net = this.#network;
    let id = this.#ids.get('client');
    if (id === undefined) {
      id = this.#make('client');
      net.bind('client', id, '', CLIENT_PORT);
      this.#ids.set('client', id);
    }
    const port = step.port ?? SERVER_PORT;
    if (step.data === undefined) {
      this.#note('connect', net.connect('client', id, this.#address, port));
      return;
    }
    const taken = net.connectWithData('client', id, this.#address, port, step.data);
    this.#note('tfo', taken === 0 ? EINPROGRESS : taken);
  }

  #do(step: Step): void {
    const net = this.#network;
    if (step.do === 'listen') {
      const id = this.#make('listener');
      net.bind(this.#host('listener'), id, this.#scenario.family === 'mapped' ? '' : this.#address, SERVER_PORT);
      net.listen(this.#host('listener'), id, step.backlog ?? 5);
      this.#ids.set('listener', id);
      return;
    }
    if (step.do === 'connect') {
      this.#connect(step);
      return;
    }
    if (step.do === 'accept') {
      this.#accept('unnoted');
      return;
    }
    const who = step.who!;
    const host = this.#host(who);
    if (step.do === 'auto') {
      if (step.on === false) this.#auto.delete(who);
      else this.#auto.add(who);
      return;
    }
    const id = this.#ids.get(who);
    if (id === undefined) return;
    switch (step.do) {
      case 'send':
        this.#unsent.set(who, (this.#unsent.get(who) ?? 0) + step.bytes!);
        this.#pump(who);
        return;
      case 'recv':
        if (step.bytes === undefined) this.#readAll(who);
        else this.#note(`${who} recv`, net.receive(host, id, step.bytes));
        return;
      case 'shutdown': {
        const result = net.shutdown(host, id, step.how!);
        if (result < 0) this.#note(`shutdown ${who}`, result);
        else if (step.how !== 'send') this.#atEnd.add(who);
        return;
      }
      case 'close':
        this.#close(who);
        return;
      case 'linger':
        net.setSpecialOption(host, id, { name: 'linger', seconds: step.seconds });
        return;
      case 'opt':
        this.#note(`${who} opt ${step.level}:${step.opt}`, this.#option(who, id, step.level!, step.opt!, step.value!));
        return;
      case 'disconnect':
        this.#note('disconnect', net.disconnect(host, id));
        this.#errors.set(who, ECONNRESET);
        return;
    }
  }
}
