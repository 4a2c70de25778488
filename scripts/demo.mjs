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

function show(title, text, args, accepted) {
  console.log(`\n${bold(title)}\n`);
  for (const line of text) console.log(line);
  console.log(dim(`\n$ sockscope ${args.join(' ')}\n`));
  const result = spawnSync(process.execPath, [path.join('dist', 'cli.cjs'), ...args], { stdio: 'inherit' });
  if (!accepted.includes(result.status)) process.exit(1);
}

build();
show(
  '1. A program at work',
  [
    'samples/syn_timeout.bpf.c sets the SYN timeout to 100 ms. The first SYN is lost here, so that it matters:',
    'the second one follows after 100 ms and not after a second.',
  ],
  ['run', 'samples/syn_timeout.handshake.json'],
  [0],
);
show(
  '2. A program with a mistake',
  [
    'samples/mistakes/return_zero.bpf.c wants a larger receive window and sets its reply. It loads, attaches and runs',
    'on every kernel, and nothing changes. Look at the notes.',
  ],
  ['run', 'samples/mistakes/return_zero.handshake.json'],
  [0],
);
console.log(`\n${bold('Next:')} npx sockscope test samples   ${dim('(every sample states what must come out)')}`);
console.log(
  `      npx sockscope run YOUR.bpf.c   ${dim('(your own program; --scenario syn-loss, --svg ladder.svg, ...)')}`,
);
