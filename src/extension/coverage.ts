// lcov (the DA lines) to VS Code's coverage objects.

import path from 'node:path';
import * as vscode from 'vscode';

/** Coverage of one file together with its lines, which VS Code asks for later. */
export class DetailedFileCoverage extends vscode.FileCoverage {
  readonly details: vscode.StatementCoverage[];

  constructor(uri: vscode.Uri, details: vscode.StatementCoverage[]) {
    super(
      uri,
      new vscode.TestCoverageCount(details.filter((line) => Number(line.executed) > 0).length, details.length),
    );
    this.details = details;
  }
}

/** Reads the records of an lcov text; lines that it does not know are passed over. */
export function parseLcov(text: string): DetailedFileCoverage[] {
  const files: DetailedFileCoverage[] = [];
  let file: string | undefined;
  let lines: vscode.StatementCoverage[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('SF:')) {
      file = line.slice(3).trim();
      lines = [];
    } else if (line.startsWith('DA:')) {
      const [number, count] = line.slice(3).split(',').map(Number);
      if (number !== undefined && count !== undefined && number > 0)
        lines.push(new vscode.StatementCoverage(count, new vscode.Position(number - 1, 0)));
    } else if (line.startsWith('end_of_record') && file !== undefined) {
      files.push(new DetailedFileCoverage(vscode.Uri.file(path.resolve(file)), lines));
      file = undefined;
    }
  }
  return files;
}
