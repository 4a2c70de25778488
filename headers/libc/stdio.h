/* Only what needs no library. SPDX-License-Identifier: MIT */
#ifndef _STDIO_H
#define _STDIO_H

#include <sys/cdefs.h>
#include <stddef.h>
#endif
