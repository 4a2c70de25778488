// `npm run demo`: two runs, straight after `git clone`. The first shows what a working program does to a handshake, the second
// a program with a mistake that no kernel reports, and what Sockscope says about it.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureDependencies } from './setup.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
ensureDependencies();

const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
const bold = (text) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
const dim = (text) => (colour ? `\u001b[2m${text}\u001b[22m` : text);

function build() {
  const built = spawnSync(process.execPath, [path.join('scripts', 'build.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) {
    console.error('the build failed; `npm run build` shows why');
    process.exit(1);
  }
}

/** Runs the command with its output captured. */
function sockscope(args) {
  return spawnSync(process.execPath, [path.join('dist', 'cli.cjs'), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, ...(colour ? { FORCE_COLOR: '1' } : {}) },
  });
}

/** Shows one scenario; where no C compiler can be had, with the object that the tests use. */
function show(title, text, folder, name) {
  console.log(`\n${bold(title)}\n`);
  for (const line of text) console.log(line);
  const scenario = `${folder}/${name}.handshake.json`;
  let args = ['run', scenario];
  let result = sockscope(args);
  if (result.status !== 0) {
    args = ['run', `test/fixtures/samples/${name}.o`, '--scenario', scenario];
    result = sockscope(args);
  }
  console.log(dim(`\n$ sockscope ${args.join(' ')}\n`));
  process.stdout.write(result.stdout);
  process.stderr.write(result.stderr);
  if (result.status !== 0) process.exit(1);
}

build();
show(
  '1. A program at work',
  [
    'samples/syn_timeout.bpf.c sets the SYN timeout to 100 ms. The first SYN is lost here, so that it matters:',
    'the second one follows after 100 ms and not after a second.',
  ],
  'samples',
  'syn_timeout',
);
show(
  '2. A program with a mistake',
  [
    'samples/mistakes/return_zero.bpf.c wants a larger receive window and sets its reply. It loads, attaches and runs',
    'on every kernel, and nothing changes. Look at the notes.',
  ],
  'samples/mistakes',
  'return_zero',
);
console.log(`\n${bold('Next:')} npx sockscope test samples   ${dim('(every sample states what must come out)')}`);
console.log(
  `      npx sockscope run YOUR.bpf.c   ${dim('(your own program; --scenario syn-loss, --svg ladder.svg, ...)')}`,
);
