// The task type `sockscope`: check and test as tasks, with the problem matcher of the same name.

import * as vscode from 'vscode';
import type { Engine } from './engine.ts';

interface Definition extends vscode.TaskDefinition {
  readonly command: 'check' | 'test';
  readonly paths?: readonly string[];
  readonly kernels?: readonly string[];
}

function build(engine: Engine, definition: Definition, scope: vscode.WorkspaceFolder | vscode.TaskScope): vscode.Task {
  const kernels = definition.kernels ?? vscode.workspace.getConfiguration('sockscope').get<string[]>('kernels', []);
  const paths = definition.paths ?? ['.'];
  const args =
    definition.command === 'check'
      ? ['check', ...paths, ...(kernels.length > 0 ? ['--kernel', kernels.join(',')] : [])]
      : ['test', ...paths];
  const { command, args: all, env } = engine.commandLine(args);
  const task = new vscode.Task(
    definition,
    scope,
    `${definition.command}`,
    'sockscope',
    new vscode.ProcessExecution(command, all, { env }),
    '$sockscope',
  );
  task.group = definition.command === 'test' ? vscode.TaskGroup.Test : vscode.TaskGroup.Build;
  return task;
}

export function registerTasks(context: vscode.ExtensionContext, engine: Engine): void {
  context.subscriptions.push(
    vscode.tasks.registerTaskProvider('sockscope', {
      provideTasks: () =>
        (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
          (['check', 'test'] as const).map((command) => build(engine, { type: 'sockscope', command }, folder)),
        ),
      resolveTask: (task) => build(engine, task.definition as Definition, task.scope as vscode.WorkspaceFolder),
    }),
  );
}
