// Entry of the language server's bundle: the server over standard input and output, or its build worker.

import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serveBuilds } from './build-worker.ts';
import { serveLanguage } from './server.ts';

/** Serves one client over standard input and output. */
export function startLanguageServer(): void {
  // Only the protocol may use standard output.
  console.log = console.error;
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  process.on('uncaughtException', (error) =>
    connection.console.error(`internal error: ${error.stack ?? error.message}`),
  );
  process.on('unhandledRejection', (error) => connection.console.error(`internal error: ${String(error)}`));
  serveLanguage({ connection, workerEntry: fileURLToPath(import.meta.url) });
}

if (!isMainThread && (workerData as { readonly role?: string } | null)?.role === 'build' && parentPort !== null)
  serveBuilds(parentPort);
else if (isMainThread) startLanguageServer();
