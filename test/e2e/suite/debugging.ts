// A debug session through VS Code's own debugger, forwards and backwards.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, open, workspaceFile } from './support.ts';

interface Frame {
  readonly id: number;
  readonly name: string;
  readonly line: number;
}

const session = (): vscode.DebugSession | undefined =>
  vscode.debug.activeDebugSession?.type === 'sockscope' ? vscode.debug.activeDebugSession : undefined;

async function topFrame(active: vscode.DebugSession): Promise<Frame | undefined> {
  const { threads }: { readonly threads: readonly { readonly id: number }[] } = await active.customRequest('threads');
  for (const { id } of threads) {
    const { stackFrames }: { readonly stackFrames: readonly Frame[] } = await active.customRequest('stackTrace', {
      threadId: id,
    });
    if (stackFrames[0] !== undefined) return stackFrames[0];
  }
  return undefined;
}

const stoppedAt = (active: vscode.DebugSession, line: number) =>
  eventually(`a stop at line ${line}`, async () => {
    const frame = await topFrame(active);
    return frame?.line === line ? frame : undefined;
  });

const lineOf = (document: vscode.TextDocument, text: string): number =>
  document.positionAt(document.getText().indexOf(text)).line + 1;

describe('debugging', () => {
  afterEach(async () => {
    await vscode.debug.stopDebugging();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  });

  it('stops at a breakpoint in a callback, steps, steps back, and evaluates', async () => {
    const { document } = await open('initial_rwnd.bpf.c');
    const line = lineOf(document, 'wanted = bpf_map_lookup_elem');
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(new vscode.Location(document.uri, new vscode.Position(line - 1, 0))),
    ]);
    await vscode.debug.startDebugging(vscode.workspace.workspaceFolders![0], {
      type: 'sockscope',
      request: 'launch',
      name: 'test',
      program: document.uri.fsPath,
      scenario: 'active-open',
      kernel: '6.12',
    });
    const active = await eventually('a session', session);
    const frame = await stoppedAt(active, line);
    const evaluated: { readonly result: string } = await active.customRequest('evaluate', {
      expression: 'skops->op',
      frameId: frame.id,
      context: 'watch',
    });
    assert.match(evaluated.result, /2|RWND_INIT/);
    await active.customRequest('next', { threadId: 1 });
    const moved = await eventually('a step', async () => {
      const now = await topFrame(active);
      return now !== undefined && now.line !== line ? now : undefined;
    });
    assert.notEqual(moved.line, line);
    await active.customRequest('stepBack', { threadId: 1 });
    await stoppedAt(active, line);
  });

  it('needs no launch.json, and without a breakpoint stops at the first callback', async () => {
    await open('global_data.bpf.c');
    await vscode.commands.executeCommand('sockscope.debug');
    const active = await eventually('a session', session);
    await eventually('a stop', () => topFrame(active).catch(() => undefined));
  });

  it('restarts with what the file is now', async () => {
    const { document } = await open('initial_cwnd.bpf.c');
    await vscode.commands.executeCommand('sockscope.debug', document.uri);
    const active = await eventually('a session', session);
    const first = await eventually('a stop', () => topFrame(active).catch(() => undefined));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '// edited\n\n');
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await vscode.commands.executeCommand('workbench.action.debug.restart');
    await stoppedAt(active, first.line + 2);
  });

  it('explains a program that does not compile', async () => {
    const broken = workspaceFile('broken.bpf.c');
    await vscode.workspace.fs.writeFile(
      broken,
      Buffer.from(
        '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC("sockops") int f(struct bpf_sock_ops *skops) { return skops->nothing; }\n',
      ),
    );
    const started = await vscode.debug
      .startDebugging(vscode.workspace.workspaceFolders![0], {
        type: 'sockscope',
        request: 'launch',
        name: 'broken',
        program: broken.fsPath,
      })
      .then(
        (ok) => ok,
        () => false,
      );
    await eventually('the session to be over', () => (session() === undefined ? true : undefined));
    void started;
    await vscode.workspace.fs.delete(broken);
  });
});
