// The terminal debugger as a person uses it: scripts of commands against golden text.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Terminal } from '../../src/cli/debug-commands.ts';
import { assertGolden } from '../support/golden.ts';
import { debuggerOf, root } from './support.ts';

const SCRIPTS: Readonly<Record<string, { readonly scenario: string; readonly commands: string }>> = {
  'a reply is found and changed': {
    scenario: 'samples/initial_rwnd.handshake.json',
    commands: `help
break RWND_INIT
info breakpoints
run
backtrace
next
print skops->op, op
print/x skops->remote_port
print bpf_ntohl(skops->remote_port)
info locals
info maps
tbreak initial_rwnd.bpf.c:24
continue
print *wanted
display skops->reply
stepi
where-from skops->reply
set skops->reply = 10
reverse-stepi
info position
delete
continue
info registers
info maps
reverse-continue
print`,
  },
  'subprograms and watches': {
    scenario: 'samples/subprograms.handshake.json',
    commands: `tbreak pace
run
backtrace
up
list
down
disassemble
finish
watch skops->reply
info breakpoints
continue
reverse-continue
reverse-step
reverse-finish
callback
reverse-callback
goto 0.0
until 65
x/8b r10 - 8
frame 7
info nothing
nonsense
catch nothing
goto here`,
  },
  'a program that returns 0': {
    scenario: 'samples/mistakes/return_zero.handshake.json',
    commands: `catch reply-ignored
run
continue
continue
reverse-continue
undisplay
info context
info socket`,
  },
};

for (const [name, { scenario, commands }] of Object.entries(SCRIPTS)) {
  test(name, () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const readSource = (file: string): readonly string[] | undefined => {
      const found = [path.join(root, file), path.join(root, 'samples', path.basename(file))].find((candidate) =>
        existsSync(candidate),
      );
      return found === undefined ? undefined : readFileSync(found, 'utf8').split('\n');
    };
    const terminal = new Terminal({ target: debuggerOf(scenario, print), readSource, print });
    for (const command of commands.split('\n')) {
      print(`(sockscope) ${command}`);
      terminal.execute(command);
    }
    assertGolden(
      path.join(import.meta.dirname, 'golden', 'terminal', `${name.replaceAll(' ', '-')}.txt`),
      `${lines.join('\n')}\n`,
    );
  });
}
