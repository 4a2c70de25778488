// What a person means by "the kernel": an upstream version or a distribution's kernel. A distribution kernel is its version
// number plus what was backported into it, which differs by area; so a target gives for each area the upstream version that
// the area behaves like, as an interval where that is not known exactly. Nothing outside kernel/ looks inside.

import type { Outcome } from '../base/index.ts';
import { type Lifetime, type Presence, presence } from './lifetime.ts';
import { PROFILES, type ProfileName, type ProfileRow, profileNamed } from './profiles.ts';
import { bareSeries } from './releases.ts';
import { type KernelVersion, NEWEST_KERNEL, OLDEST_KERNEL, parseVersion, versionText } from './version.ts';

/** The areas that distributions backport as a whole. */
export type Area = 'context' | 'ops' | 'helpers' | 'kfuncs' | 'maps' | 'options' | 'verifier' | 'tcp' | 'runtime';

/** Upstream versions that an area of a kernel may behave like: certainly not older than `low`, not newer than `high`. */
export interface LikeUpstream {
  readonly low: KernelVersion;
  /** The best single answer, for questions that admit only yes or no. */
  readonly best: KernelVersion;
  readonly high: KernelVersion;
}

export interface Target {
  /** Canonical spelling: "6.12", "6.12.111", "rhel8". Parsing it again gives the same target. */
  readonly name: string;
  /** For people: "Linux 6.12", "RHEL 8 (4.18)". */
  readonly title: string;
  readonly version: KernelVersion;
  readonly profile: ProfileName;
  readonly like: Readonly<Record<Area, LikeUpstream>>;
}

const AREAS: readonly Area[] = ['context', 'ops', 'helpers', 'kfuncs', 'maps', 'options', 'verifier', 'tcp', 'runtime'];

/** Whether something with these lifetimes exists in an area of a target. */
export function presenceIn(target: Target, area: Area, lifetimes: readonly Lifetime[]): Presence {
  const { low, high } = target.like[area];
  const atLow = presence(lifetimes, low);
  if (low === high) return atLow;
  const atHigh = presence(lifetimes, high);
  return atLow === atHigh ? atLow : 'unknown';
}

const cache = new Map<string, Target>();

function memo(target: Target): Target {
  const known = cache.get(target.name);
  if (known) return known;
  cache.set(target.name, Object.freeze(target));
  return target;
}

function everywhere(version: KernelVersion): Record<Area, LikeUpstream> {
  const like = Object.freeze({ low: version, best: version, high: version });
  return Object.fromEntries(AREAS.map((area) => [area, like])) as Record<Area, LikeUpstream>;
}

/** The upstream kernel of that exact version. */
export function upstreamTarget(version: KernelVersion): Target {
  const name = versionText(version);
  return memo({ name, title: `Linux ${name}`, version, profile: 'upstream', like: everywhere(version) });
}

function seriesTarget(version: KernelVersion): Target {
  const name = versionText(version);
  return memo({ name, title: `Linux ${name}`, version, profile: 'upstream', like: everywhere(bareSeries(version)) });
}

function profileTarget(row: ProfileRow): Target {
  const base = parseVersion(row.version)!;
  const like = everywhere(bareSeries(base));
  for (const area of AREAS) {
    const overlay = row.like[area] ?? row.like.all;
    if (!overlay) continue;
    const low = parseVersion(overlay.low)!;
    const high = parseVersion(overlay.high)!;
    like[area] = Object.freeze({ low, best: parseVersion(overlay.best)!, high });
  }
  return memo({
    name: row.name,
    title: `${row.title} (${row.version})`,
    version: base,
    profile: row.name as ProfileName,
    like: Object.freeze(like),
  });
}

/** Every target a person can pick from a list: the profiles and the upstream series with measured answers. */
export function listedTargets(): readonly Target[] {
  return PROFILES.filter((row) => row.name !== 'upstream').map(profileTarget);
}

/** Flavours of Ubuntu's kernels, as they end a release string. */
const UBUNTU = /-(generic|lowlatency|azure|aws|gcp|oracle|kvm|raspi|nvidia)\b/;

/** The distribution that a release string from `uname -r` tells: "4.18.0-553.el8_10.x86_64", "6.8.0-52-generic". */
function distributionOf(release: string, version: KernelVersion): ProfileRow | undefined {
  const redHat = /\.el(\d+)(?:_(\d+))?/.exec(release);
  if (redHat) return profileNamed(`rhel${redHat[1]}.${redHat[2]}`) ?? profileNamed(`rhel${redHat[1]}`);
  if (!UBUNTU.test(release)) return undefined;
  return PROFILES.find((row) => row.name.startsWith('ubuntu') && parseVersion(row.version) === (version & ~1023));
}

/**
 * Reads what a person writes for a kernel: "6.12" (the series, at the stable release that the tables were checked against),
 * "6.12.111" (exactly that release), a release string from `uname -r` (of a
 * distribution where it tells one), a profile name ("rhel8", "debian12", "ubuntu 22.04"), or
 * "upstream"/"latest" for the newest described kernel. Undefined with a problem when it is none of these; a version outside
 * the described range is clamped to it with a warning.
 */
export function parseTarget(text: string): Outcome<Target | undefined> {
  const asked = text.trim().toLowerCase();
  if (asked === 'upstream' || asked === 'latest' || asked === 'mainline') {
    return { value: seriesTarget(NEWEST_KERNEL), problems: [] };
  }
  const profile = profileNamed(asked);
  if (profile) return { value: profileTarget(profile), problems: [] };
  const version = parseVersion(asked);
  const distribution = version === undefined ? undefined : distributionOf(asked, version);
  if (distribution) return { value: profileTarget(distribution), problems: [] };
  if (version === undefined) {
    return {
      value: undefined,
      problems: [
        {
          code: 'unknown-kernel',
          severity: 'error',
          message: `"${text}" is neither a kernel version nor the name of a distribution kernel`,
          remedy: `write a version such as 6.12, or one of ${PROFILES.map((row) => row.name).join(', ')}`,
        },
      ],
    };
  }
  if (version < OLDEST_KERNEL) {
    return {
      value: seriesTarget(OLDEST_KERNEL),
      problems: [
        {
          code: 'kernel-too-old',
          severity: 'warning',
          message: `Linux ${versionText(version)} has no sock_ops programs; they came with 4.13, which is used instead`,
        },
      ],
    };
  }
  const series = (version >> 10) << 10;
  if (series > NEWEST_KERNEL) {
    return {
      value: seriesTarget(NEWEST_KERNEL),
      problems: [
        {
          code: 'kernel-too-new',
          severity: 'warning',
          message: `Linux ${versionText(version)} is newer than the newest described kernel; ${versionText(NEWEST_KERNEL)} is used instead`,
        },
      ],
    };
  }
  // Distributions leave the third number at 0 in release strings ("5.10.0-32-amd64"), so .0 names the series.
  return { value: (version & 1023) === 0 ? seriesTarget(version) : upstreamTarget(version), problems: [] };
}
