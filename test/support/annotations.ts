// Annotated fixtures: expectations written beside the code that they are about.
//
//   //~ error[code]: part of the message        a diagnostic on this line
//   //~^ warning[code]: ...                     on the line above (one line up for each ^)
//   //~| hint[code]: ...                        one more on the same line as the annotation before
//   //~ error[code] @5.4: ...                   holds for kernel 5.4 (several: @5.4,5.10)
//   //#NAME                                     names the line
//   //- kernels: 5.10 6.1                       a header line at the top: key and value
//   $0                                          the cursor; $1...$2 a range
//
// The same may stand in /* */ comments. The set of expectations must equal the set of what is found: see `compareAnnotations`.

export interface ExpectedDiagnostic {
  readonly line0: number;
  readonly severity: string;
  readonly code: string;
  /** Kernels that it is limited to; empty: whatever the diagnostic says. */
  readonly kernels: readonly string[];
  /** Must be part of the message; may be empty. */
  readonly text: string;
}

export interface AnnotatedFixture {
  /** The text without cursor marks; annotations are comments and stay. */
  readonly text: string;
  readonly header: ReadonlyMap<string, string>;
  readonly expected: readonly ExpectedDiagnostic[];
  /** Line numbers, from 0, by name. */
  readonly marks: ReadonlyMap<string, number>;
  readonly cursor: number | undefined;
  readonly range: { readonly start: number; readonly end: number } | undefined;
  /** Annotations that could not be read, one sentence each. */
  readonly problems: readonly string[];
}

const EXPECTATION =
  /(?:\/\/|\/\*)~(\^+|\|)?\s*(error|warning|information|hint|note)\[([\w-]+)\](?:\s*@([\w.,]+))?(?::\s*(.*?))?\s*(?:\*\/.*)?$/;

/** Reads a fixture. */
export function readAnnotations(source: string): AnnotatedFixture {
  const { text, cursor, range } = takeMarks(source);
  const lines = text.split(/\r\n|\r|\n/);
  const expected: ExpectedDiagnostic[] = [];
  const marks = new Map<string, number>();
  const header = new Map<string, string>();
  const problems: string[] = [];
  let previous: number | undefined;
  lines.forEach((line, line0) => {
    const head = /^\s*(?:\/\/|\/\*)-\s*(\w+):\s*(.*?)\s*(?:\*\/)?\s*$/.exec(line);
    if (head) {
      header.set(head[1]!, head[2]!);
      return;
    }
    for (const mark of line.matchAll(/\/\/#(\w+)/g)) marks.set(mark[1]!, line0);
    if (!/(?:\/\/|\/\*)~/.test(line)) return;
    const match = EXPECTATION.exec(line);
    if (!match) {
      problems.push(`line ${line0 + 1}: not an annotation: ${line.trim()}`);
      return;
    }
    const [, where, severity, code, kernels, message] = match;
    const target = where === undefined ? line0 : where === '|' ? previous : line0 - where.length;
    if (target === undefined || target < 0) {
      problems.push(`line ${line0 + 1}: points at no line`);
      return;
    }
    previous = target;
    expected.push({
      line0: target,
      severity: severity!,
      code: code!,
      kernels: kernels?.split(',') ?? [],
      text: message ?? '',
    });
  });
  return { text, header, expected, marks, cursor, range, problems };
}

/** Takes `$0`, `$1` and `$2` out of the text and tells where they were. */
function takeMarks(source: string): Pick<AnnotatedFixture, 'text' | 'cursor' | 'range'> {
  const places = new Map<string, number>();
  let text = '';
  let at = 0;
  for (const match of source.matchAll(/\$([012])(?!\{|\d)/g)) {
    text += source.slice(at, match.index);
    places.set(match[1]!, text.length);
    at = match.index + 2;
  }
  text += source.slice(at);
  const start = places.get('1');
  const end = places.get('2');
  return {
    text,
    cursor: places.get('0'),
    range: start === undefined || end === undefined ? undefined : { start, end },
  };
}

/** Something that was found on a line. */
export interface FoundDiagnostic {
  readonly line0: number;
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly kernels?: readonly string[];
}

/**
 * Compares what a fixture expects with what was found. Undefined when the two sets are equal; else a text that says what is missing and
 * what is too many, and shows the file with the annotations that it should have, ready to be pasted.
 */
export function compareAnnotations(fixture: AnnotatedFixture, found: readonly FoundDiagnostic[]): string | undefined {
  const open = [...found];
  const missing: ExpectedDiagnostic[] = [];
  for (const wanted of fixture.expected) {
    const index = open.findIndex((diagnostic) => satisfies(diagnostic, wanted));
    if (index < 0) missing.push(wanted);
    else open.splice(index, 1);
  }
  if (missing.length === 0 && open.length === 0 && fixture.problems.length === 0) return undefined;
  const parts = [
    ...fixture.problems,
    ...missing.map(
      (wanted) => `missing on line ${wanted.line0 + 1}: ${wanted.severity}[${wanted.code}]: ${wanted.text}`,
    ),
    ...open.map(
      (diagnostic) =>
        `not expected on line ${diagnostic.line0 + 1}: ${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`,
    ),
    '',
    'The file with the annotations it should have:',
    annotated(fixture.text, found),
  ];
  return parts.join('\n');
}

function satisfies(diagnostic: FoundDiagnostic, wanted: ExpectedDiagnostic): boolean {
  if (diagnostic.line0 !== wanted.line0 || diagnostic.code !== wanted.code || diagnostic.severity !== wanted.severity)
    return false;
  if (!diagnostic.message.includes(wanted.text)) return false;
  return (
    wanted.kernels.length === 0 ||
    JSON.stringify([...(diagnostic.kernels ?? [])].sort()) === JSON.stringify([...wanted.kernels].sort())
  );
}

/** The text with annotations for what was found in place of those it has. */
export function annotated(text: string, found: readonly FoundDiagnostic[]): string {
  return text
    .split('\n')
    .map((line, line0) => {
      const bare = line.replace(/\s*(?:\/\/|\/\*)~.*$/, '');
      const here = found.filter((diagnostic) => diagnostic.line0 === line0);
      return (
        here
          .map((diagnostic, i) => (i === 0 ? `${bare} //~ ${note(diagnostic)}` : `//~| ${note(diagnostic)}`))
          .join('\n') || bare
      );
    })
    .join('\n');
}

const note = (diagnostic: FoundDiagnostic): string =>
  `${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message.split('\n')[0]}`;
