// Error numbers that maps and helpers return, as in include/uapi/asm-generic/errno.h (negative when returned).

export const EPERM = -1;
export const ENOENT = -2;
export const E2BIG = -7;
export const EBADF = -9;
export const EAGAIN = -11;
export const ENOMEM = -12;
export const EACCES = -13;
export const EFAULT = -14;
export const EBUSY = -16;
export const EEXIST = -17;
export const EINVAL = -22;
export const ENOSPC = -28;
export const ERANGE = -34;
export const EDEADLK = -35;
export const EOPNOTSUPP = -95;
/** Inside the kernel only; the bpf(2) system call lets it out for some maps. */
export const ENOTSUPP = -524;
