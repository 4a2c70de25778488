/* SPDX-License-Identifier: MIT */
#ifndef _SYS_SYSCALL_H
#define _SYS_SYSCALL_H
#include <asm/unistd.h>
#endif
