// Entry point of the VS Code extension: builds the parts and ties their lives to the extension's. No logic of its own.

import * as vscode from 'vscode';
import { registerCommands } from './commands.ts';
import { registerDebugging } from './debugging.ts';
import { Engine } from './engine.ts';
import { registerExplain } from './explain.ts';
import { HandshakePanels } from './handshake-view.ts';
import { registerInlineValues } from './inline-values.ts';
import { LanguageService } from './language-service.ts';
import { registerMapsView } from './maps-view.ts';
import { registerObjects } from './objects.ts';
import { registerScenarios } from './scenarios.ts';
import { registerStatus } from './status.ts';
import { registerTasks } from './tasks.ts';
import { registerTests } from './tests.ts';

/** Called by VS Code on the first of our activation events. Returns what the end-to-end tests look at. */
export async function activate(context: vscode.ExtensionContext): Promise<{ readonly activationMs: number }> {
  const started = performance.now();
  const output = vscode.window.createOutputChannel('Sockscope', { log: true });
  const engine = new Engine(context, output);
  const language = new LanguageService(context, output);
  const panels = new HandshakePanels(context);
  context.subscriptions.push(output, language, panels);

  registerStatus(context, language);
  registerDebugging(context, engine, panels, output);
  registerCommands(context, { engine, language, panels, output });
  registerScenarios(context, engine);
  registerTests(context, engine, output);
  registerMapsView(context);
  registerInlineValues(context);
  registerObjects(context, engine);
  registerTasks(context, engine);
  registerExplain(context);
  language.startWhenNeeded();
  return { activationMs: performance.now() - started };
}

/** VS Code disposes the subscriptions; nothing else is left running. */
export function deactivate(): void {}
