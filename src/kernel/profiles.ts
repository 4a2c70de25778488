// Distribution kernels: a version number plus an overlay that says which upstream version each area behaves like.
// `low` is what is certainly there, `high` is what certainly is not exceeded, `best` the likeliest; equal ends mean known.

import type { SourceRef } from './lifetime.ts';
import type { Area } from './target.ts';

interface Overlay {
  readonly low: string;
  readonly best: string;
  readonly high: string;
}

export interface ProfileRow {
  readonly name: string;
  readonly title: string;
  /** Other spellings, lower case without blanks. */
  readonly aliases: readonly string[];
  /** The kernel's own version number. */
  readonly version: string;
  readonly like: Readonly<Partial<Record<Area | 'all', Overlay>>>;
  readonly doc: string;
  readonly source: SourceRef;
}

const defineProfiles = <const Rows extends readonly ProfileRow[]>(rows: Rows): Rows => rows;

const exactly = (release: string): Overlay => ({ low: release, best: release, high: release });

export const PROFILES = defineProfiles([
  {
    name: 'upstream',
    title: 'Linux',
    aliases: ['latest', 'mainline'],
    version: '7.2',
    like: {},
    doc: 'The newest upstream kernel that the tables describe.',
    source: 'probe of 7.2.13',
  },
  {
    name: 'debian11',
    title: 'Debian 11',
    aliases: ['bullseye'],
    version: '5.10',
    like: { all: exactly('5.10.223') },
    doc: 'Stable 5.10 without feature backports; the answers are those of Debian 5.10.223.',
    source: 'probe of 5.10.0-32-amd64 (5.10.223)',
  },
  {
    name: 'debian12',
    title: 'Debian 12',
    aliases: ['bookworm'],
    version: '6.1',
    like: { all: exactly('6.1.176') },
    doc: 'Stable 6.1 without feature backports; the answers are those of Debian 6.1.176.',
    source: 'probe of 6.1.0-50-amd64 (6.1.176)',
  },
  {
    name: 'debian13',
    title: 'Debian 13',
    aliases: ['trixie'],
    version: '6.12',
    like: { all: exactly('6.12.111') },
    doc: 'Stable 6.12 without feature backports; the answers are those of Debian 6.12.111.',
    source: 'probe of 6.12.111+deb12-amd64',
  },
  {
    name: 'ubuntu20.04',
    title: 'Ubuntu 20.04',
    aliases: ['focal', 'ubuntu20'],
    version: '5.4',
    like: {},
    doc: 'The general availability kernel, stable 5.4 with fixes only.',
    source: 'Ubuntu kernel release schedule',
  },
  {
    name: 'ubuntu22.04',
    title: 'Ubuntu 22.04',
    aliases: ['jammy', 'ubuntu22'],
    version: '5.15',
    like: {},
    doc: 'The general availability kernel, stable 5.15 with fixes only.',
    source: 'Ubuntu kernel release schedule',
  },
  {
    name: 'ubuntu24.04',
    title: 'Ubuntu 24.04',
    aliases: ['noble', 'ubuntu24'],
    version: '6.8',
    like: {},
    doc: 'The general availability kernel, 6.8 with fixes of later stable series.',
    source: 'Ubuntu kernel release schedule',
  },
  {
    name: 'rhel8',
    title: 'RHEL 8',
    aliases: ['centos8', 'rocky8', 'alma8', 'almalinux8', 'el8', 'oracle8'],
    version: '4.18',
    like: { all: { low: '5.10', best: '5.15', high: '6.0' }, tcp: { low: '4.18', best: '5.10', high: '6.0' } },
    doc: 'Numbered 4.18, with the BPF subsystem of a much later kernel: the 5.10-era fields and helpers at the least. How much more depends on the minor release, so the rest is unknown.',
    source: 'RHEL 8 release notes, chapter "Available BPF features"; the fields of a RHEL 8 kernel',
  },
  {
    name: 'rhel9',
    title: 'RHEL 9',
    aliases: ['centos9', 'rocky9', 'alma9', 'almalinux9', 'el9', 'oracle9'],
    version: '5.14',
    like: { all: { low: '5.16', best: '6.12', high: '6.18' }, tcp: { low: '5.14', best: '6.6', high: '6.18' } },
    doc: 'Numbered 5.14, with the BPF subsystem rebased in most minor releases, to that of 6.12 in 9.6. What differs between minor releases is unknown; name one (rhel9.6) to know more.',
    source: 'RHEL 9.6 release notes, new features of the kernel: eBPF rebased to 6.12; CentOS Stream 9 merge requests',
  },
  {
    name: 'rhel9.6',
    title: 'RHEL 9.6',
    aliases: ['rocky9.6', 'alma9.6', 'almalinux9.6', 'el9.6', 'oracle9.6'],
    version: '5.14',
    like: { all: { low: '6.12', best: '6.12', high: '6.12' }, tcp: { low: '5.14', best: '6.12', high: '6.12' } },
    doc: 'Numbered 5.14 (5.14.0-570), with the BPF subsystem of 6.12. How far the TCP stack was rebased is unknown.',
    source: 'RHEL 9.6 release notes, new features of the kernel: eBPF rebased to 6.12',
  },
  {
    name: 'rhel10',
    title: 'RHEL 10',
    aliases: ['centos10', 'rocky10', 'alma10', 'almalinux10', 'el10', 'oracle10'],
    version: '6.12',
    like: { all: { low: '6.12', best: '6.12', high: '7.0' } },
    doc: 'Built from 6.12; later minor releases rebase the BPF subsystem, so what came after 6.12 is unknown.',
    source: 'RHEL 10 release notes',
  },
]);

export type ProfileName = (typeof PROFILES)[number]['name'];

/** The profile of that name or alias; blanks, dashes and case do not matter. */
export function profileNamed(text: string): ProfileRow | undefined {
  const wanted = text.toLowerCase().replace(/[\s_-]+/g, '');
  return PROFILES.find((row) => row.name === wanted || (row.aliases as readonly string[]).includes(wanted));
}
