// The terminal debugger: gdb's verbs over debugger/. One command line in, text out; no terminal of its own, so that a script
// of commands is a test.

import {
  type Debugger,
  disassemble,
  type Granularity,
  lineAt,
  type StackFrame,
  type StepKind,
  type StopReason,
  stopText,
  type VariableNode,
  watchTargetText,
  whereFromText,
} from '../debugger/index.ts';

/** Lines of a source file, undefined when it cannot be read. */
export type ReadSource = (file: string) => readonly string[] | undefined;

export interface TerminalOptions {
  readonly target: Debugger;
  readonly readSource: ReadSource;
  readonly print: (line: string) => void;
}

type Command = (rest: string) => void;

/** A recorded file without the dots that compilers put before relative paths. */
const shownFile = (file: string): string => file.replace(/^(?:\.\/)+/, '');

const HELP: readonly (readonly [string, string])[] = [
  ['run (r), continue (c) [N]', 'run to the next breakpoint, or the N-th'],
  ['step (s), next (n), stepi (si), nexti (ni), finish', 'step into, over, by instruction, out'],
  [
    'reverse-step (rs), reverse-next (rn), reverse-stepi (rsi), reverse-continue (rc), reverse-finish',
    'the same backwards',
  ],
  ['callback (cb), reverse-callback (rcb)', 'to the next or previous callback'],
  ['goto EVENT.INSN', 'to a position of the run'],
  ['until LINE', 'run to a line'],
  [
    'break (b) FILE:LINE | FUNCTION | OP | *SLOT [if EXPR], tbreak',
    'set a breakpoint; tbreak goes after its first hit',
  ],
  ['watch EXPR, rwatch, awatch', 'stop when memory, a context field or a map entry is written, read, either'],
  ['delete [N], info breakpoints', 'remove and list'],
  ['catch FILTER ...', 'stop at fault, unmodelled, helper-error, reply-ignored, op:NAME'],
  [
    'print (p) EXPR[,FORMAT], display EXPR, undisplay N, set EXPR = VALUE',
    'values; formats x d u o b c s ip port op state flags',
  ],
  ['x/N[b|h|w|g] EXPR', 'memory'],
  ['backtrace (bt), frame N, up, down', 'the stack'],
  ['info registers | locals | context | socket | maps | globals | stack | segment | line', 'what there is'],
  ['list (l) [LINE], disassemble (disas)', 'source and instructions'],
  ['where-from EXPR', 'the writes that made a value'],
  ['restart, quit (q), help', ''],
];

export class Terminal {
  readonly #target: Debugger;
  readonly #readSource: ReadSource;
  readonly #print: (line: string) => void;
  readonly #temporary = new Set<number>();
  #displays: readonly { readonly id: number; readonly text: string }[] = [];
  #nextDisplay = 1;
  #frameIndex = 0;
  #started = false;
  #lastLine = '';

  constructor(options: TerminalOptions) {
    this.#target = options.target;
    this.#readSource = options.readSource;
    this.#print = options.print;
  }

  /** Carries out one line; an empty one repeats the last movement. Returns false when the session is to end. */
  execute(line: string): boolean {
    const text = line.trim() === '' ? this.#lastLine : line.trim();
    if (text === '' || text.startsWith('#')) return true;
    this.#lastLine = /^(?:s|n|c|si|ni|rs|rn|rc|rsi|cb|rcb|step|next|continue|stepi|nexti|reverse-\w+|callback)\b/.test(
      text,
    )
      ? text
      : '';
    const verb = /^[\w-]+/.exec(text)?.[0] ?? text;
    const rest = text.slice(verb.length).trim();
    if (verb === 'quit' || verb === 'q' || verb === 'exit') return false;
    const command = this.#commands[verb];
    if (command === undefined) this.#print(`Undefined command: "${verb}". Try "help".`);
    else command(rest);
    return true;
  }

  readonly #commands: Readonly<Record<string, Command>> = this.#aliased({
    'run r': () => this.#move(() => this.#begin()),
    'continue c': (rest) => this.#repeat(rest, () => (this.#started ? this.#target.resume('forward') : this.#begin())),
    'reverse-continue rc': (rest) => this.#repeat(rest, () => this.#target.resume('backward')),
    'step s': (rest) => this.#step(rest, 'into', 'line', 'forward'),
    'next n': (rest) => this.#step(rest, 'over', 'line', 'forward'),
    'stepi si': (rest) => this.#step(rest, 'into', 'instruction', 'forward'),
    'nexti ni': (rest) => this.#step(rest, 'over', 'instruction', 'forward'),
    'finish fin': (rest) => this.#step(rest, 'out', 'line', 'forward'),
    'reverse-step rs': (rest) => this.#step(rest, 'into', 'line', 'backward'),
    'reverse-next rn': (rest) => this.#step(rest, 'over', 'line', 'backward'),
    'reverse-stepi rsi': (rest) => this.#step(rest, 'into', 'instruction', 'backward'),
    'reverse-nexti rni': (rest) => this.#step(rest, 'over', 'instruction', 'backward'),
    'reverse-finish': (rest) => this.#step(rest, 'out', 'line', 'backward'),
    'callback cb': (rest) => this.#repeat(rest, () => this.#target.toCallback('forward')),
    'reverse-callback rcb': (rest) => this.#repeat(rest, () => this.#target.toCallback('backward')),
    goto: (rest) => this.#goTo(rest),
    until: (rest) => this.#until(rest),
    restart: () => this.#move(() => this.#target.restart('stop-on-entry')),
    'break b': (rest) => this.#break(rest, 'kept'),
    'tbreak tb': (rest) => this.#break(rest, 'temporary'),
    watch: (rest) => this.#watch(rest, 'write'),
    rwatch: (rest) => this.#watch(rest, 'read'),
    awatch: (rest) => this.#watch(rest, 'readWrite'),
    'delete d': (rest) => this.#delete(rest),
    catch: (rest) => this.#catch(rest),
    'print p inspect': (rest) => this.#printValue(rest),
    set: (rest) => this.#set(rest.replace(/^var(?:iable)?\s+/, '')),
    display: (rest) => this.#display(rest),
    undisplay: (rest) => {
      this.#displays = rest === '' ? [] : this.#displays.filter(({ id }) => id !== Number(rest));
    },
    x: (rest) => this.#examine(rest),
    'backtrace bt where': () => this.#backtrace(),
    'frame f': (rest) => this.#selectFrame(rest === '' ? this.#frameIndex : Number(rest)),
    up: () => this.#selectFrame(this.#frameIndex + 1),
    down: () => this.#selectFrame(this.#frameIndex - 1),
    'info i': (rest) => this.#info(rest),
    'list l': (rest) => this.#list(rest),
    'disassemble disas': () => this.#disassemble(),
    'where-from wf': (rest) => this.#whereFrom(rest),
    'help h': () =>
      HELP.forEach(([verbs, text]) => void this.#print(`  ${verbs}${text === '' ? '' : `\n        ${text}`}`)),
  });

  #aliased(commands: Readonly<Record<string, Command>>): Readonly<Record<string, Command>> {
    return Object.fromEntries(
      Object.entries(commands).flatMap(([names, command]) => names.split(' ').map((name) => [name, command])),
    );
  }

  // ---- moving ----------------------------------------------------------------------------------------------------

  #begin(): StopReason | 'slice-over' {
    const again = this.#started;
    this.#started = true;
    return again ? this.#target.restart('run') : this.#target.start('run');
  }

  #move(slice: () => StopReason | 'slice-over'): StopReason {
    let reason = slice();
    this.#started = true;
    while (reason === 'slice-over') reason = this.#target.proceed();
    this.#frameIndex = 0;
    if (reason.kind === 'breakpoint') {
      for (const id of reason.ids) if (this.#temporary.delete(id)) this.#target.breakpoints.remove(id);
    }
    this.#reportStop(reason);
    return reason;
  }

  #repeat(rest: string, slice: () => StopReason | 'slice-over'): void {
    const count = rest === '' ? 1 : Number(rest);
    if (!Number.isInteger(count) || count < 1) {
      this.#print(`"${rest}" is not a count.`);
      return;
    }
    for (let i = 0; i < count; i++) {
      const { kind } = this.#move(slice);
      if (kind === 'end' || kind === 'history-start') return;
    }
  }

  #step(rest: string, kind: StepKind, granularity: Granularity, direction: 'forward' | 'backward'): void {
    if (!this.#started) {
      this.#move(() => this.#target.start('stop-on-entry'));
      return;
    }
    this.#repeat(rest, () => this.#target.step(kind, granularity, direction));
  }

  #goTo(rest: string): void {
    const match = /^(\d+)[. ](\d+)$/.exec(rest);
    if (match === null) this.#print('Write goto EVENT.INSN, as "info position" prints it.');
    else this.#move(() => this.#target.goTo({ event: Number(match[1]), insn: Number(match[2]) }));
  }

  #until(rest: string): void {
    const frame = this.#frame();
    const file = frame?.location?.file;
    const line = file === undefined ? undefined : this.#target.sources.resolveLine(file, Number(rest) - 1);
    if (line === undefined) this.#print('There is no code at that line.');
    else this.#move(() => this.#target.runTo(line.slots));
  }

  #reportStop(reason: StopReason): void {
    const { moment } = this.#target;
    const ids = reason.kind === 'breakpoint' ? ` ${reason.ids.join(', ')}` : '';
    if (reason.kind !== 'step')
      this.#print(
        `${reason.kind === 'breakpoint' ? `Breakpoint${ids}: ` : ''}${stopText(reason, moment?.callback.opName)}`,
      );
    if (moment === undefined) return;
    this.#printPlace(this.#frame());
    for (const { id, text } of this.#displays) this.#print(`${id}: ${text} = ${this.#valueOf(text)}`);
  }

  #printPlace(frame: StackFrame | undefined): void {
    const { moment } = this.#target;
    if (frame === undefined || moment === undefined) return;
    const { event, insn } = this.#target.position;
    const { location, program, slot } = frame;
    const where = location === undefined ? '' : ` at ${shownFile(location.file)}:${location.line0 + 1}`;
    this.#print(`${moment.callback.host} ${moment.callback.opName}  ${frame.name}${where}  [${event}.${insn}]`);
    const text =
      location === undefined
        ? undefined
        : (this.#readSource(location.file)?.[location.line0] ??
          (program === undefined || slot === undefined ? undefined : lineAt(program, slot)?.text));
    if (location !== undefined && text !== undefined && text !== '')
      this.#print(`${String(location.line0 + 1).padStart(5)}  ${text.trimEnd()}`);
    else if (program !== undefined && slot !== undefined)
      this.#print(`    ${slot}: ${disassemble(program, slot, 0, 1, this.#target.world.view)[0]?.text ?? ''}`);
  }

  // ---- breakpoints -----------------------------------------------------------------------------------------------

  #break(rest: string, life: 'kept' | 'temporary'): void {
    const [, place = '', condition] = /^(.*?)(?:\s+if\s+(.+))?$/.exec(rest) ?? [];
    const options = condition === undefined ? {} : { condition };
    const sourceLine = /^(?:(.+):)?(\d+)$/.exec(place);
    const slot = /^\*(\d+)$/.exec(place);
    const program = this.#frame()?.program ?? this.#target.sources.programs[0];
    const file = sourceLine?.[1] ?? this.#frame()?.location?.file ?? this.#target.sources.files[0];
    const made =
      slot !== null && program !== undefined
        ? this.#target.breakpoints.add({ kind: 'instruction', program, slot: Number(slot[1]), ...options })
        : sourceLine !== null && file !== undefined
          ? this.#target.breakpoints.add({ kind: 'source', file, line0: Number(sourceLine[2]) - 1, ...options })
          : this.#target.breakpoints.add({ kind: 'function', name: place, ...options });
    if (!made.verified) {
      this.#target.breakpoints.remove(made.id);
      this.#print(`No breakpoint: ${made.message ?? 'it can never be hit'}.`);
      return;
    }
    if (life === 'temporary') this.#temporary.add(made.id);
    const where = made.line0 === undefined ? place : `${shownFile(made.file ?? '')}:${made.line0 + 1}`;
    this.#print(
      `${life === 'temporary' ? 'Temporary breakpoint' : 'Breakpoint'} ${made.id} at ${where}${made.message === undefined ? '' : ` (${made.message})`}`,
    );
  }

  #watch(rest: string, access: 'read' | 'write' | 'readWrite'): void {
    const outcome = this.#target.evaluate(rest, this.#frame(), 'read-only');
    if (outcome.kind === 'error') {
      this.#print(outcome.message);
      return;
    }
    if (outcome.node.watch === undefined) {
      this.#print(`${rest} is in no memory, so it cannot be watched.`);
      return;
    }
    const made = this.#target.breakpoints.add({ kind: 'data', target: outcome.node.watch, access });
    this.#print(`Watchpoint ${made.id}: ${watchTargetText(outcome.node.watch)}`);
  }

  #delete(rest: string): void {
    if (rest === '') for (const { id } of this.#target.breakpoints.all) this.#target.breakpoints.remove(id);
    else if (!this.#target.breakpoints.remove(Number(rest))) this.#print(`There is no breakpoint ${rest}.`);
  }

  #catch(rest: string): void {
    const known = this.#target.exceptionFilters.map((filter) => filter.id);
    const wanted = rest.split(/\s+/).filter((id) => id !== '');
    const wrong = wanted.find((id) => !known.includes(id));
    if (wanted.length === 0 || wrong !== undefined)
      this.#print(
        `${wrong === undefined ? 'Name' : `"${wrong}" is not a filter; name`} one or more of: ${known.join(', ')}`,
      );
    else this.#target.exceptions.enable(wanted);
  }

  // ---- values ----------------------------------------------------------------------------------------------------

  #frames(): readonly StackFrame[] {
    return this.#target.frames(this.#target.currentThread);
  }

  #frame(): StackFrame | undefined {
    return this.#frames()[this.#frameIndex];
  }

  #valueOf(text: string): string {
    const outcome = this.#target.evaluate(text, this.#frame(), 'read-only');
    return outcome.kind === 'error' ? outcome.message : outcome.node.value;
  }

  #printValue(rest: string): void {
    const format = /^\/([a-z]+)\s+/.exec(rest);
    const expression = format === null ? rest : rest.slice(format[0].length);
    const text = format === null ? rest : `${expression}, ${format[1]}`;
    const outcome = this.#target.evaluate(text, this.#frame(), 'read-only');
    if (outcome.kind === 'error') {
      this.#print(outcome.message);
      return;
    }
    const { node } = outcome;
    this.#print(`${expression} = ${node.type === '' ? '' : `(${node.type}) `}${node.value}`);
    if (node.virtual === true) this.#printNodes(node.children?.() ?? [], 1);
  }

  #set(rest: string): void {
    const outcome = this.#target.evaluate(rest, this.#frame(), 'allow-writes');
    this.#print(outcome.kind === 'error' ? outcome.message : `${rest.split('=')[0]?.trim()} = ${outcome.node.value}`);
  }

  #display(rest: string): void {
    if (rest === '') {
      for (const { id, text } of this.#displays) this.#print(`${id}: ${text} = ${this.#valueOf(text)}`);
      return;
    }
    this.#displays = [...this.#displays, { id: this.#nextDisplay++, text: rest }];
    if (this.#target.moment !== undefined) this.#print(`${this.#nextDisplay - 1}: ${rest} = ${this.#valueOf(rest)}`);
  }

  #examine(rest: string): void {
    const match = /^(?:\/(\d*)([bhwgx]*)\s+)?(.+)$/.exec(rest);
    const outcome = match === null ? undefined : this.#target.evaluate(match[3]!, this.#frame(), 'read-only');
    if (match === null || outcome === undefined || outcome.kind === 'error' || outcome.scalar === undefined) {
      this.#print(outcome?.kind === 'error' ? outcome.message : 'Write x/16b EXPR with an address.');
      return;
    }
    const unit = { b: 1, h: 2, w: 4, g: 8 }[(match[2] ?? '').replace('x', '').at(-1) ?? 'w'] ?? 4;
    const count = Math.min(Number(match[1] || 1), 4096);
    const bytes = this.#target.readMemory(BigInt.asUintN(64, outcome.scalar), count * unit);
    const perLine = Math.max(1, 16 / unit);
    for (let at = 0; at + unit <= bytes.length; at += perLine * unit) {
      const cells: string[] = [];
      for (let cell = at; cell < at + perLine * unit && cell + unit <= bytes.length; cell += unit)
        cells.push(
          `0x${[...bytes.subarray(cell, cell + unit)]
            .reverse()
            .map((byte) => byte.toString(16).padStart(2, '0'))
            .join('')}`,
        );
      this.#print(`0x${(BigInt.asUintN(64, outcome.scalar) + BigInt(at)).toString(16)}:  ${cells.join(' ')}`);
    }
    if (bytes.length < count * unit) this.#print(`Cannot read further than ${bytes.length} bytes there.`);
  }

  #printNodes(nodes: readonly VariableNode[], depth: number): void {
    for (const node of nodes) {
      this.#print(`${'  '.repeat(depth)}${node.name} = ${node.value}${node.changed === true ? '  *' : ''}`);
      if (node.virtual === true || depth > 1) this.#printNodes(depth < 4 ? (node.children?.() ?? []) : [], depth + 1);
    }
  }

  #info(rest: string): void {
    const topic = rest.toLowerCase();
    if (topic.startsWith('b')) {
      for (const { id, spec, verified, file, line0 } of this.#target.breakpoints.all) {
        const where =
          spec.kind === 'data'
            ? watchTargetText(spec.target)
            : spec.kind === 'function'
              ? spec.name
              : spec.kind === 'instruction'
                ? `*${spec.slot}`
                : `${shownFile(file ?? '')}:${(line0 ?? spec.line0) + 1}`;
        this.#print(
          `${id}  ${spec.kind}  ${where}${spec.condition === undefined ? '' : ` if ${spec.condition}`}${verified ? '' : '  (never hit)'}  hits ${this.#target.breakpoints.hitCount(id, this.#target.position)}`,
        );
      }
      return;
    }
    if (topic.startsWith('p')) {
      this.#print(`${this.#target.position.event}.${this.#target.position.insn}`);
      return;
    }
    if (topic === 'line') {
      this.#printPlace(this.#frame());
      return;
    }
    const frame = this.#frame();
    const names = ['registers', 'locals', 'context', 'socket', 'maps', 'globals', 'stack', 'segment'];
    const wanted = names.find((name) => name.startsWith(topic) && topic !== '');
    if (wanted === undefined) this.#print(`info: one of ${names.join(', ')}, breakpoints, position, line`);
    else if (frame === undefined && wanted === 'maps') this.#printMaps();
    else if (frame === undefined) this.#print('The program is not running.');
    else {
      const scope = this.#target.scopes(frame).find((candidate) => candidate.name.toLowerCase() === wanted);
      if (scope === undefined) this.#print(`There is no ${wanted} here.`);
      else this.#printNodes(scope.children(), 0);
    }
  }

  /** Maps outlive the run, so they can be looked at when no program stands anywhere. */
  #printMaps(): void {
    for (const map of this.#target.maps()) {
      this.#print(`${map.name} (at most ${map.maxEntries} entries)`);
      for (const entry of map.entries) this.#print(`  [${entry.key}] = ${entry.value}${entry.changed ? '  *' : ''}`);
      if (map.truncated > 0) this.#print(`  ... ${map.truncated} more entries`);
    }
  }

  #backtrace(): void {
    this.#frames().forEach((frame, index) => {
      const where =
        frame.location === undefined ? '' : ` at ${shownFile(frame.location.file)}:${frame.location.line0 + 1}`;
      const kind = frame.kind === 'inlined' ? ' [inlined]' : frame.kind === 'kernel' ? ' [kernel]' : '';
      this.#print(`${index === this.#frameIndex ? '*' : ' '}#${index} ${frame.name}${kind}${where}`);
    });
  }

  #selectFrame(index: number): void {
    if (!(index >= 0 && index < this.#frames().length)) {
      this.#print('There is no such frame.');
      return;
    }
    this.#frameIndex = index;
    this.#printPlace(this.#frame());
  }

  #list(rest: string): void {
    const location = this.#frame()?.location;
    const lines = location === undefined ? undefined : this.#readSource(location.file);
    if (location === undefined || lines === undefined) {
      this.#print('There is no source here.');
      return;
    }
    const center = rest === '' ? location.line0 : Number(rest) - 1;
    for (let line = Math.max(0, center - 5); line < Math.min(lines.length, center + 5); line++) {
      this.#print(`${line === location.line0 ? '=>' : '  '}${String(line + 1).padStart(5)}  ${lines[line]}`);
    }
  }

  #disassemble(): void {
    const frame = this.#frame();
    if (frame?.program === undefined || frame.slot === undefined) {
      this.#print('There are no instructions here.');
      return;
    }
    for (const row of disassemble(frame.program, frame.slot, -6, 14, this.#target.world.view)) {
      if (!row.valid) continue;
      if (row.symbol !== undefined) this.#print(`${row.symbol}:`);
      if (row.location !== undefined) {
        const text = this.#readSource(row.location.file)?.[row.location.line0]?.trim() ?? '';
        this.#print(`      ; ${row.location.line0 + 1}: ${text}`);
      }
      this.#print(`${row.slot === frame.slot ? '=>' : '  '}${String(row.slot).padStart(5)}: ${row.text}`);
    }
  }

  #whereFrom(rest: string): void {
    const outcome = whereFromText(this.#target, rest, this.#frame());
    if (outcome.kind === 'error') {
      this.#print(outcome.message);
      return;
    }
    for (const { position, text, location } of outcome.steps) {
      this.#print(
        `[${position.event}.${position.insn}] ${text}${location === undefined ? '' : `    ${shownFile(location.file)}:${location.line0 + 1}`}`,
      );
    }
  }
}
