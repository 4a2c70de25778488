// The control group tree as far as programs of type sock_ops go: what an attach is answered with and which programs run for
// a socket, in which order. Source: kernel/bpf/cgroup.c hierarchy_allows_attach(), compute_effective_progs(),
// __cgroup_bpf_attach(); checked against attach-and-reply measurements of a 6.18 kernel.

/** What the tree depends on of the kernel. */
export interface CgroupFeatures {
  /** BPF_F_ALLOW_MULTI exists. */
  readonly multi: boolean;
  /** BPF_F_PREORDER exists. */
  readonly preorder: boolean;
}

export type AttachMode = 'multi' | 'override' | 'exclusive';

export interface Attachment<P> {
  readonly program: P;
  readonly mode: AttachMode;
  readonly preorder: boolean;
}

/** The errno names with which the kernel refuses an attach or a detach. */
export type AttachError = 'EPERM' | 'EINVAL' | 'ENOENT' | 'E2BIG';

export type AttachResult =
  | { readonly kind: 'attached'; readonly replaced: boolean }
  | { readonly kind: 'refused'; readonly error: AttachError; readonly why: string };

/** BPF_CGROUP_MAX_PROGS. */
const MOST_PROGRAMS = 64;

/** "/a/b" -> "/a" -> "/" -> undefined. */
export function parentOf(path: string): string | undefined {
  if (path === '/') return undefined;
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

interface Group<P> {
  readonly mode: AttachMode;
  readonly programs: readonly Attachment<P>[];
}

/** Copyable state of a tree. */
export type CgroupSnapshot<P> = ReadonlyMap<string, Group<P>>;

/** A tree of control groups; a group exists as soon as somebody names it. `P` is compared by identity. */
export class CgroupTree<P> {
  readonly #features: CgroupFeatures;
  #groups: ReadonlyMap<string, Group<P>> = new Map();
  #effective = new Map<string, readonly P[]>();

  constructor(features: CgroupFeatures) {
    this.#features = features;
  }

  /** bpf(BPF_PROG_ATTACH) with BPF_CGROUP_SOCK_OPS. */
  attach(path: string, attachment: Attachment<P>): AttachResult {
    const { mode, program, preorder } = attachment;
    if (mode === 'multi' && !this.#features.multi) {
      return refused('EINVAL', 'this kernel does not know BPF_F_ALLOW_MULTI');
    }
    if (preorder && !this.#features.preorder) {
      return refused('EINVAL', 'this kernel does not know BPF_F_PREORDER');
    }
    const blocking = this.#blockingAncestor(path);
    if (blocking !== undefined) {
      return refused('EPERM', `${blocking} has a program attached without BPF_F_ALLOW_MULTI or BPF_F_ALLOW_OVERRIDE`);
    }
    const group = this.#groups.get(path);
    const present = group?.programs ?? [];
    if (group !== undefined && group.mode !== mode) {
      return refused('EPERM', `${path} already has programs attached as ${group.mode}; all must use the same flag`);
    }
    if (present.length >= MOST_PROGRAMS) return refused('E2BIG', `${path} already has ${MOST_PROGRAMS} programs`);
    if (mode === 'multi' && present.some((one) => one.program === program)) {
      return refused('EINVAL', `this program is already attached to ${path}`);
    }
    const programs = mode === 'multi' ? [...present, attachment] : [attachment];
    this.#set(path, { mode, programs });
    return { kind: 'attached', replaced: mode !== 'multi' && present.length > 0 };
  }

  /** bpf(BPF_PROG_DETACH): the given program, or the only one of a group without BPF_F_ALLOW_MULTI. */
  detach(path: string, program: P): AttachResult {
    const group = this.#groups.get(path);
    const found = group?.programs.find((one) => one.program === program || group.mode !== 'multi');
    if (group === undefined || found === undefined) return refused('ENOENT', `it is not attached to ${path}`);
    this.#set(path, { mode: group.mode, programs: group.programs.filter((one) => one !== found) });
    return { kind: 'attached', replaced: false };
  }

  /** Programs that run for a socket of the group, in order. */
  effective(path: string): readonly P[] {
    let programs = this.#effective.get(path);
    if (programs === undefined) {
      programs = this.#compute(path);
      this.#effective.set(path, programs);
    }
    return programs;
  }

  /** The groups that have programs, with them in attach order. */
  attachments(): readonly (readonly [string, readonly Attachment<P>[]])[] {
    return [...this.#groups].map(([path, group]) => [path, group.programs]);
  }

  snapshot(): CgroupSnapshot<P> {
    return this.#groups;
  }

  restore(snapshot: CgroupSnapshot<P>): void {
    this.#groups = snapshot;
    this.#effective = new Map();
  }

  #set(path: string, group: Group<P>): void {
    const groups = new Map(this.#groups);
    // The kernel forgets the flags of a group with its last program.
    if (group.programs.length === 0) groups.delete(path);
    else groups.set(path, group);
    this.#groups = groups;
    this.#effective = new Map();
  }

  /** The nearest ancestor with programs decides, unless one further down is multi. */
  #blockingAncestor(path: string): string | undefined {
    for (let at = parentOf(path); at !== undefined; at = parentOf(at)) {
      const group = this.#groups.get(at);
      if (group === undefined) continue;
      if (group.mode === 'multi') return undefined;
      return group.mode === 'override' ? undefined : at;
    }
    return undefined;
  }

  #compute(path: string): readonly P[] {
    let preordered: P[] = [];
    const ordinary: P[] = [];
    let count = 0;
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
      const group = this.#groups.get(at);
      if (group === undefined || (count > 0 && group.mode !== 'multi')) continue;
      count += group.programs.length;
      const first: P[] = [];
      for (const { program, preorder } of group.programs) (preorder ? first : ordinary).push(program);
      // Those that go first do so from the outermost group inwards.
      if (first.length > 0) preordered = [...first, ...preordered];
    }
    return preordered.length === 0 ? ordinary : [...preordered, ...ordinary];
  }
}

const refused = (error: AttachError, why: string): AttachResult => ({ kind: 'refused', error, why });
