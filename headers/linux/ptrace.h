/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PTRACE_H
#define _LINUX_PTRACE_H
#include <linux/types.h>
struct pt_regs;
#endif
