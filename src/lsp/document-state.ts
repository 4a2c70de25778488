// What the server knows of one open document: its text, the analysis of that very text, and the last build. Everything is computed
// from the current text or not shown at all.

import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { LineIndex } from '../base/index.ts';
import { LineIndex as Lines } from '../base/index.ts';
import {
  type AssemblyFile,
  analyseAssembly,
  analyseSource,
  assemblyPlaces,
  type BuildResult,
  compilerDiagnostics,
  type Diagnostic,
  mergeDiagnostics,
  objectDiagnostics,
  type SourceAnalysis,
  sourceDiagnostics,
  verifierDiagnostics,
} from '../ide/index.ts';
import { viewFor } from '../kernel/index.ts';
import { CFile, type CParser } from '../syntax/index.ts';
import { parseScenario } from '../world/index.ts';
import type { Settings } from './settings.ts';

export type DocumentKind = 'c' | 'assembly' | 'scenario' | 'other';

/** Texts above this many characters get no analysis: they are data, not programs. */
export const MAX_TEXT = 2_000_000;

/** Up to here a text is analysed whatever is in it, so that a new file gets its snippets. */
const SMALL_TEXT = 20_000;

export class DocumentState {
  readonly uri: string;
  readonly kind: DocumentKind;
  #document: TextDocument;
  readonly #parser: CParser;
  #file: CFile | undefined;
  #analysis: { readonly version: number; readonly kernels: string; readonly value: SourceAnalysis } | undefined;
  #assembly: { readonly version: number; readonly value: AssemblyFile } | undefined;
  #build: BuildResult | undefined;
  /** Whether a build of the current text is under way. */
  building = false;
  #published: readonly Diagnostic[] = [];

  constructor(document: TextDocument, parser: CParser) {
    this.uri = document.uri;
    this.kind = kindOf(document);
    this.#document = document;
    this.#parser = parser;
  }

  get document(): TextDocument {
    return this.#document;
  }
  set document(document: TextDocument) {
    this.#document = document;
  }
  get text(): string {
    return this.#document.getText();
  }
  /** The diagnostics that were last computed, for code actions. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#published;
  }
  get build(): BuildResult | undefined {
    return this.#build?.text === this.text ? this.#build : undefined;
  }
  set build(build: BuildResult | undefined) {
    this.#build = build;
  }

  /** File system path; the URI itself for a document that is no file. */
  get path(): string {
    try {
      return this.uri.startsWith('file:') ? fileURLToPath(this.uri) : this.uri;
    } catch {
      return this.uri;
    }
  }

  get lines(): LineIndex {
    if (this.kind === 'assembly') return this.assembly().lines;
    return this.#file?.text === this.text ? this.#file.lines : new Lines(this.text);
  }

  /** The analysis of the current text; undefined for documents that are not C or far too large. */
  analysis(settings: Settings): SourceAnalysis | undefined {
    if (this.kind !== 'c' || this.text.length > MAX_TEXT) return undefined;
    if (this.text.length > SMALL_TEXT && !/bpf_sock_ops|sockops/.test(this.text)) return undefined;
    const { version } = this.#document;
    const kernels = settings.kernels.join(',');
    if (this.#analysis?.version === version && this.#analysis.kernels === kernels && this.#file?.text === this.text)
      return this.#analysis.value;
    if (this.#file === undefined) this.#file = new CFile(this.#parser, this.text);
    else if (this.#file.text !== this.text) this.#file.update(this.text);
    const value = analyseSource(
      this.#file,
      settings.kernels.map((kernel) => viewFor(kernel)),
    );
    this.#analysis = { version, kernels, value };
    return value;
  }

  assembly(): AssemblyFile {
    const { version } = this.#document;
    if (this.#assembly?.version !== version) this.#assembly = { version, value: analyseAssembly(this.text, this.path) };
    return this.#assembly.value;
  }

  /** Diagnostics of the current text, with what the build of that text has added. */
  computeDiagnostics(settings: Settings): readonly Diagnostic[] {
    this.#published = this.#diagnosticsNow(settings);
    return this.#published;
  }

  #diagnosticsNow(settings: Settings): readonly Diagnostic[] {
    switch (this.kind) {
      case 'other':
        return [];
      case 'assembly':
        return this.#assemblyDiagnostics(settings);
      case 'scenario':
        return scenarioDiagnostics(this.text, this.path);
      case 'c': {
        const analysis = this.analysis(settings);
        if (analysis === undefined || !analysis.source.isSockOps) return [];
        const source = sourceDiagnostics(analysis, settings.diagnostics);
        const { build } = this;
        if (build === undefined) return source;
        const off = (code: string): boolean => settings.diagnostics[code] === 'off';
        const verifier = off('verifier') ? [] : verifierDiagnostics(analysis.file, build, settings.kernels.length);
        const merged = [
          ...mergeDiagnostics(analysis.file, source, verifier, build),
          ...objectDiagnostics(analysis.file, build),
        ];
        const showCompiler =
          settings.showCompilerErrors === 'always' || (settings.showCompilerErrors === 'auto' && !settings.clangd);
        // That no compiler was found is said once, in a message; errors that the source checks found already are not said twice.
        const compiler =
          showCompiler && build.state === 'compile-error' && !off('compiler')
            ? compilerDiagnostics(analysis.file, build)
            : [];
        const lines = new Set(merged.map((diagnostic) => analysis.file.lines.position(diagnostic.span.start).line0));
        return [
          ...merged,
          ...compiler.filter((diagnostic) => !lines.has(analysis.file.lines.position(diagnostic.span.start).line0)),
        ];
      }
    }
  }

  /** The assembler's problems; where there are none, what the target kernels say. */
  #assemblyDiagnostics(settings: Settings): readonly Diagnostic[] {
    const assembly = this.assembly();
    const { build } = this;
    if (build === undefined || assembly.diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
      return assembly.diagnostics;
    const places = assemblyPlaces(assembly);
    return [
      ...assembly.diagnostics,
      ...verifierDiagnostics(places, build, settings.kernels.length),
      ...objectDiagnostics(places, build),
    ];
  }

  dispose(): void {
    this.#file = undefined;
  }
}

function kindOf(document: TextDocument): DocumentKind {
  if (document.languageId === 'bpfasm' || /\.bpfasm$/i.test(document.uri)) return 'assembly';
  if (/\.handshake\.json$/i.test(document.uri)) return 'scenario';
  if (document.languageId === 'c' || document.languageId === 'cpp' || /\.[ch]$/i.test(document.uri)) return 'c';
  return 'other';
}

function scenarioDiagnostics(text: string, file: string): readonly Diagnostic[] {
  const lines = new Lines(text);
  return parseScenario(text, file).problems.map((problem): Diagnostic => {
    const range = problem.at?.range;
    const start = range === undefined ? 0 : lines.offset(range.start);
    const end = range === undefined ? Math.min(1, text.length) : lines.offset(range.end);
    return {
      code: problem.code,
      severity: problem.severity === 'note' ? 'information' : problem.severity,
      span: { start, end: Math.max(end, Math.min(start + 1, text.length)) },
      message: problem.remedy === undefined ? problem.message : `${problem.message}; ${problem.remedy}`,
      related: [],
      fixes: [],
      from: 'source',
    };
  });
}
