// Names in CO-RE: everything behind a triple underscore is a flavour ("sock___old") that exists in the program only.

/** The name without its flavour: "sock___old" gives "sock". */
export function essentialName(name: string): string {
  for (let i = name.length - 5; i >= 0; i--) {
    if (name[i] !== '_' && name.startsWith('___', i + 1) && name[i + 4] !== '_') return name.slice(0, i + 1);
  }
  return name;
}
