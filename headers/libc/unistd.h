/* Only what needs no library. SPDX-License-Identifier: MIT */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <sys/cdefs.h>
#include <stddef.h>
#include <sys/types.h>
long syscall(long number, ...);
#endif
