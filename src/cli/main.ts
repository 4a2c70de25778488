// The `sockscope` command: reads the command line, calls one command, turns what happens into an exit code. Nothing here knows
// BPF or TCP.

import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PRESET_NAMES } from '../world/index.ts';
import { asmCommand, disasmCommand } from './assembly.ts';
import { checkCommand } from './check.ts';
import { compiling } from './compiler-options.ts';
import { conformance } from './conformance.ts';
import { debugCommand } from './debug.ts';
import { explainCommand } from './explain.ts';
import { type ExitCode, err, OutputClosed, out } from './output.ts';
import { runCommand } from './run.ts';
import { runServer } from './servers.ts';
import { sweepCommand } from './sweep.ts';
import { workedAsSweepThread } from './sweep-worker.ts';
import { testCommand } from './test.ts';
import { verifyCommand } from './verify.ts';
import { VERSION } from './version.ts';

/** What the last command came to. */
let outcome: ExitCode = 0;

/** Wraps a command's body: its answer becomes the exit code. */
const action =
  <Args extends unknown[]>(body: (...args: Args) => ExitCode | Promise<ExitCode>) =>
  async (...args: Args): Promise<void> => {
    outcome = await body(...args);
  };

const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`a whole number from ${least} to ${most} is needed`);
    return value;
  };

const program = new Command('sockscope')
  .description('Check, run and debug Linux BPF sock_ops programs without a kernel.')
  .version(VERSION)
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ writeErr: (text) => err(text.replace(/^error: /, 'sockscope: ')) });

const kernelOption = (what = 'kernel that both hosts run') =>
  new Option('--kernel <version>', `${what} ("6.12", "5.10", "rhel8"); default 6.12`);

/** `--btf`: whose layout CO-RE relocations and typed kernel pointers follow. */
const btfOption = () =>
  new Option(
    '--btf <file>',
    'types of the kernel: /sys/kernel/btf/vmlinux, raw BTF, or a vmlinux with .BTF; default: a built-in subset',
  );

compiling(
  program
    .command('run')
    .description('run a program through a TCP connection, callback by callback')
    .argument('<file>', 'program (*.bpf.c, *.bpfasm, *.o) or scenario (*.handshake.json)')
    .addOption(new Option('--scenario <name>', `preset (${PRESET_NAMES.join(', ')}) or scenario file`))
    .option('--program <name>', 'which program of the file')
    .addOption(kernelOption())
    .addOption(btfOption())
    .option('--seed <number>', 'start of all random numbers', integer(0, 0xffff_ffff))
    .addOption(new Option('--format <format>', 'output').choices(['text', 'json']).default('text'))
    .option('--svg <file>', 'write the diagram as a picture')
    .addOption(
      new Option('--axis <axis>', 'rows of the picture: one after the other, or by time')
        .choices(['compact', 'time'])
        .default('compact'),
    )
    .option('--skip-verifier', 'do not ask whether the kernel would load the program')
    .option('--all', 'show every segment and callback by itself instead of folding equal neighbours'),
).action(action(runCommand));

compiling(
  program
    .command('test')
    .description('run scenarios and compare with what they expect')
    .argument('[path...]', 'scenario files or folders with *.handshake.json; default: this folder')
    .addOption(new Option('--format <format>', 'output').choices(['text', 'junit', 'json']).default('text'))
    .addOption(new Option('--coverage <format>', 'write line coverage of the programs').choices(['lcov']))
    .option('--coverage-file <file>', 'where coverage goes', 'sockscope.lcov')
    .addOption(kernelOption())
    .addOption(btfOption())
    .option('--shard <i/n>', 'run the i-th of n parts', (text: string) => {
      const match = /^(\d+)\/(\d+)$/.exec(text);
      const [index, count] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
      if (!(index >= 1 && index <= count)) throw new InvalidArgumentError('write it as 1/3, from 1/3 to 3/3');
      return { index, count };
    }),
).action(action(testCommand));

compiling(
  program
    .command('sweep')
    .description('run many connections with varied parameters and show distributions')
    .argument('<file>', 'scenario or program')
    .option('--connections <number>', 'how many', integer(1, 10_000_000), 1000)
    .option(
      '--vary <what=range...>',
      'parameter and range: delay=1ms..200ms, loss=0..0.02, mtu=576..1500, bandwidth=1mbit..1gbit, port=1024..65535, bytes=100..100000',
    )
    .addOption(new Option('--scenario <name>', 'preset or scenario file, for a program'))
    .option('--program <name>', 'which program of the file')
    .addOption(kernelOption())
    .addOption(btfOption())
    .option('--seed <number>', 'start of all random numbers', integer(0, 0xffff_ffff))
    .option('--jobs <number>', 'threads; default: one per processor', integer(1, 256))
    .addOption(new Option('--format <format>', 'output').choices(['text', 'json']).default('text')),
).action(action(sweepCommand));

compiling(
  program
    .command('debug')
    .description('debug a program through a TCP connection, forwards and backwards, with the verbs of gdb')
    .argument('<file>', 'program (*.bpf.c, *.bpfasm, *.o) or scenario (*.handshake.json)')
    .addOption(new Option('--scenario <name>', 'preset or scenario file, for a program'))
    .option('--program <name>', 'which program of the file')
    .addOption(kernelOption())
    .addOption(btfOption())
    .option('--seed <number>', 'start of all random numbers', integer(0, 0xffff_ffff))
    .option('--script <file>', 'commands to carry out, one a line')
    .option('--skip-verifier', 'debug a program that the kernel would refuse'),
).action(action(debugCommand));

compiling(
  program
    .command('verify')
    .description('verdict of a kernel on the programs of a file, with the log as the kernel prints it')
    .argument('[file]', 'program (*.bpf.c, *.bpfasm, *.o); none with --batch')
    .addOption(kernelOption('kernel whose verifier answers'))
    .addOption(btfOption())
    .option('--program <name>', 'only this program')
    .addOption(new Option('--log <level>', 'print the log: 1 what matters, 2 every instruction').choices(['1', '2']))
    .option('--batch', 'read instructions as JSON lines, answer in JSON lines'),
).action(action(verifyCommand));

compiling(
  program
    .command('check')
    .description('mistakes in the source and verdicts of several kernels')
    .argument('<file...>', 'programs (*.bpf.c, *.o)')
    .option('--kernel <versions>', 'kernels, separated by commas')
    .addOption(btfOption())
    .addOption(new Option('--format <format>', 'output').choices(['text', 'json', 'sarif', 'github']).default('text')),
).action(action(checkCommand));

compiling(
  program
    .command('disasm')
    .description('print the instructions of an object or program')
    .argument('<file>', 'object (*.o), C or assembly source')
    .option('--program <name>', 'only this program')
    .option('--assembly', 'print text that `sockscope asm` reads back')
    .option('--no-source', 'leave out source lines'),
).action(action(disasmCommand));

program
  .command('asm')
  .description('assemble a *.bpfasm file')
  .argument('<file>', 'assembly source')
  .option(
    '-o, --output <file>',
    'object file (*.o), or raw instructions under any other name; default: hex on standard output',
  )
  .action(action(asmCommand));

program
  .command('explain')
  .description('explain an op, context field, helper, socket option, flag, instruction or diagnostic')
  .argument('<name...>', 'for instance BPF_SOCK_OPS_RWND_INIT, snd_cwnd, bpf_setsockopt, TCP_BPF_IW')
  .addOption(kernelOption())
  .addOption(new Option('--format <format>', 'output').choices(['text', 'markdown']).default('text'))
  .action(action(explainCommand));

program
  .command('conformance')
  .description('plugin of the bpf_conformance suite: instructions as hex on standard input, memory as argument')
  .argument('[memory-and-options...]')
  .allowUnknownOption()
  .helpOption(false)
  .action(
    action((args: readonly string[]) => {
      const result = conformance(args, readFileSync(0, 'utf8'));
      out(result.stdout);
      err(result.stderr);
      return result.exitCode;
    }),
  );

program
  .command('lsp')
  .description('language server for editors')
  .option('--stdio', 'speak over standard input and output (the only way)')
  .action(action(() => runServer('server', ['--stdio'])));

program
  .command('dap')
  .description('debug adapter for editors')
  .option('--stdio', 'speak over standard input and output')
  .option('--port <number>', 'listen on a port of this machine', integer(1, 65535))
  .action(
    action((options: { readonly port?: number }) =>
      runServer('adapter', options.port === undefined ? ['--stdio'] : ['--port', String(options.port)]),
    ),
  );

/** Runs the command line and tells the exit code. */
async function main(): Promise<ExitCode> {
  try {
    await program.parseAsync(process.argv);
    return outcome;
  } catch (error) {
    // The reader has closed the pipe (`| head`): it has what it wanted.
    if (error instanceof OutputClosed) return 0;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    err(`sockscope: internal error: ${error instanceof Error ? error.message : String(error)}\n`);
    err('This is a bug of Sockscope. Set SOCKSCOPE_DEBUG=1 to see where it happened, and please report it.\n');
    if (process.env['SOCKSCOPE_DEBUG'] !== undefined) err(`${error instanceof Error ? error.stack : ''}\n`);
    return 3;
  }
}

// A thread of a sweep is started with this same file.
workedAsSweepThread().then(async (worked) => {
  if (!worked) process.exitCode = await main();
});
