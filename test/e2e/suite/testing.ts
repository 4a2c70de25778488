// Commands are there, scenarios validate, the disassembly opens.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, open, workspaceFile } from './support.ts';

describe('commands and files', () => {
  it('registers every command that package.json names', async () => {
    const extension = vscode.extensions.getExtension('sockscope.sockscope');
    const declared: readonly { readonly command: string }[] = extension?.packageJSON.contributes.commands ?? [];
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      declared.map((row) => row.command).filter((command) => !known.has(command)),
      [],
    );
  });

  it('checks scenario files by their schema', async () => {
    const uri = workspaceFile('wrong.handshake.json');
    await vscode.workspace.fs.writeFile(
      uri,
      Buffer.from('{ "programs": [{ "file": "initial_rwnd.bpf.c" }], "nettwork": {} }\n'),
    );
    await vscode.window.showTextDocument(uri);
    const problems = await eventually('a schema problem', () => {
      const list = vscode.languages.getDiagnostics(uri);
      return list.length > 0 ? list : undefined;
    });
    assert.match(problems.map((row) => row.message).join('\n'), /nettwork/);
    await vscode.workspace.fs.delete(uri);
  });

  it('opens the disassembly of a program', async () => {
    const { document } = await open('initial_rwnd.bpf.c');
    await vscode.commands.executeCommand('sockscope.showDisassembly', document.uri);
    const text = await eventually('the disassembly', () =>
      vscode.workspace.textDocuments
        .find((open) => open.uri.scheme === 'sockscope-text' && /exit/.test(open.getText()))
        ?.getText(),
    );
    assert.match(text, /r0 = 1|r0 = 0x1|w0 = 0x1|w0 = 1/);
  });

  it('makes a scenario from a run, and it holds', async () => {
    const { document } = await open('initial_cwnd.bpf.c');
    await vscode.commands.executeCommand('sockscope.scenarioFromRun', document.uri);
    const editor = await eventually('the scenario', () => {
      const active = vscode.window.activeTextEditor;
      return active?.document.fileName.endsWith('.handshake.json') ? active : undefined;
    });
    const scenario = JSON.parse(editor.document.getText()) as {
      readonly expect: { readonly callbacks: readonly unknown[] };
    };
    assert.ok(scenario.expect.callbacks.length > 5);
    await vscode.workspace.fs.delete(editor.document.uri);
  });

  it('runs a program and shows the handshake', async () => {
    const { document } = await open('initial_rwnd.bpf.c');
    await vscode.commands.executeCommand('sockscope.run', document.uri);
    await eventually('the handshake view', () =>
      vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((tab) => tab.label === 'initial_rwnd.bpf.c: run'),
    );
  });
});
