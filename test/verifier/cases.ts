// Reads the data files of programs beside the tests: `=== name`, lines `> KERNEL...: verdict`, the program; after `~~~` a second
// program (the corrected one) with verdicts of its own.

export interface ProgramCase {
  readonly name: string;
  readonly which: 'as-written' | 'corrected';
  /** By kernel: "accepted", or "refused SLOT KIND MESSAGE". */
  readonly verdicts: ReadonlyMap<string, string>;
  readonly text: string;
}

export function readCases(text: string): readonly ProgramCase[] {
  const cases: ProgramCase[] = [];
  for (const block of text.split(/^=== /m).slice(1)) {
    const end = block.indexOf('\n');
    const name = block.slice(0, end);
    block
      .slice(end + 1)
      .split(/^~~~\n/m)
      .forEach((part, index) => {
        const lines = part.split('\n');
        const verdicts = new Map<string, string>();
        for (const line of lines) {
          const match = /^> ([^:]*): (.*)$/.exec(line);
          if (match === null) continue;
          for (const kernel of match[1]!.split(' ')) verdicts.set(kernel, match[2]!);
        }
        const program = lines.filter((line) => !line.startsWith('>')).join('\n');
        cases.push({ name, which: index === 0 ? 'as-written' : 'corrected', verdicts, text: program });
      });
  }
  return cases;
}
