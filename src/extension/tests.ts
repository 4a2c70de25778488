// Scenario files in the Test Explorer: found as they come and go, run through `sockscope test`, debugged, and with line coverage.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { parseLcov } from './coverage.ts';
import { startDebugging } from './debugging.ts';
import type { Engine } from './engine.ts';

/** The parts of `test --format json` (docs/cli.md) that the Test Explorer shows. Lines and columns count from 1. */
interface TestReport {
  readonly scenarios: readonly {
    readonly file: string;
    readonly title: string;
    readonly ok: boolean;
    readonly durationMs: number;
    readonly failures: readonly {
      readonly message: string;
      readonly expected?: string;
      readonly actual?: string;
      readonly line?: number;
      readonly column?: number;
    }[];
    readonly error?: { readonly message: string; readonly line?: number; readonly column?: number };
  }[];
}

const PATTERN = '**/*.handshake.json';

const locationOf = (uri: vscode.Uri, row: { readonly line?: number; readonly column?: number }): vscode.Location =>
  new vscode.Location(uri, new vscode.Position(Math.max(0, (row.line ?? 1) - 1), Math.max(0, (row.column ?? 1) - 1)));

async function titleOf(uri: vscode.Uri): Promise<string> {
  try {
    const text = Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
    return /"title"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? path.basename(uri.fsPath);
  } catch {
    return path.basename(uri.fsPath);
  }
}

export function registerTests(context: vscode.ExtensionContext, engine: Engine, output: vscode.LogOutputChannel): void {
  const controller = vscode.tests.createTestController('sockscope', 'Handshake scenarios');
  context.subscriptions.push(controller);

  const add = async (uri: vscode.Uri) => {
    const item = controller.createTestItem(uri.toString(), await titleOf(uri), uri);
    item.description = path.basename(uri.fsPath, '.handshake.json');
    controller.items.add(item);
  };
  const discover = async () => {
    const found = await vscode.workspace.findFiles(PATTERN, '**/node_modules/**');
    await Promise.all(found.map(add));
  };
  controller.resolveHandler = async (item) => {
    if (item === undefined) await discover();
  };
  controller.refreshHandler = discover;
  const watcher = vscode.workspace.createFileSystemWatcher(PATTERN);
  watcher.onDidCreate(add);
  watcher.onDidChange(add);
  watcher.onDidDelete((uri) => controller.items.delete(uri.toString()));
  context.subscriptions.push(watcher);

  const wanted = (request: vscode.TestRunRequest): vscode.TestItem[] => {
    const items: vscode.TestItem[] = [];
    if (request.include !== undefined) items.push(...request.include);
    else for (const [, item] of controller.items) items.push(item);
    return items.filter((item) => !(request.exclude ?? []).includes(item));
  };

  const run = async (request: vscode.TestRunRequest, token: vscode.CancellationToken, mode: 'plain' | 'coverage') => {
    const items = wanted(request);
    const testRun = controller.createTestRun(request);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sockscope-'));
    const coverageFile = path.join(folder, 'coverage.lcov');
    try {
      for (const item of items) testRun.started(item);
      const files = items.flatMap((item) => (item.uri === undefined ? [] : [item.uri.fsPath]));
      const result = await engine.run(
        [
          'test',
          ...files,
          '--format',
          'json',
          ...(mode === 'coverage' ? ['--coverage', 'lcov', '--coverage-file', coverageFile] : []),
        ],
        { token },
      );
      if (token.isCancellationRequested) return;
      let report: TestReport;
      try {
        report = JSON.parse(result.stdout) as TestReport;
      } catch {
        const message = new vscode.TestMessage(result.stderr.trim() || 'sockscope test gave no report');
        for (const item of items) testRun.errored(item, message);
        output.error(`sockscope test: ${result.stderr}`);
        return;
      }
      for (const item of items) {
        const row = report.scenarios.find((scenario) => path.resolve(scenario.file) === item.uri?.fsPath);
        if (row === undefined || item.uri === undefined) {
          testRun.skipped(item);
          continue;
        }
        const uri = item.uri;
        if (row.error !== undefined) {
          const message = new vscode.TestMessage(row.error.message);
          message.location = locationOf(uri, row.error);
          testRun.errored(item, message, row.durationMs);
        } else if (row.ok) testRun.passed(item, row.durationMs);
        else {
          testRun.failed(
            item,
            row.failures.map((failure) => {
              const message =
                failure.expected === undefined || failure.actual === undefined
                  ? new vscode.TestMessage(failure.message)
                  : vscode.TestMessage.diff(failure.message, failure.expected, failure.actual);
              message.location = locationOf(uri, failure);
              return message;
            }),
            row.durationMs,
          );
        }
        testRun.appendOutput(`${row.ok && row.error === undefined ? 'passed' : 'FAILED'}  ${row.title}\r\n`);
      }
      if (mode === 'coverage') {
        for (const file of parseLcov(await readFile(coverageFile, 'utf8'))) testRun.addCoverage(file);
      }
    } catch (error) {
      output.error(`sockscope test: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      testRun.end();
      await rm(folder, { recursive: true, force: true });
    }
  };

  controller.createRunProfile(
    'Run',
    vscode.TestRunProfileKind.Run,
    (request, token) => run(request, token, 'plain'),
    true,
  );
  controller.createRunProfile(
    'Debug',
    vscode.TestRunProfileKind.Debug,
    async (request) => {
      const [item] = wanted(request);
      const testRun = controller.createTestRun(request);
      if (item?.uri !== undefined) await startDebugging({ scenario: item.uri.fsPath, name: `Scenario: ${item.label}` });
      testRun.end();
    },
    true,
  );
  const coverage = controller.createRunProfile(
    'Coverage',
    vscode.TestRunProfileKind.Coverage,
    (request, token) => run(request, token, 'coverage'),
    true,
  );
  coverage.loadDetailedCoverage = async (_run, file) =>
    'details' in file ? (file as vscode.FileCoverage & { readonly details: vscode.StatementCoverage[] }).details : [];
}
