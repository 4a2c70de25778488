/* SPDX-License-Identifier: MIT */
#ifndef _LIMITS_H
#define _LIMITS_H

#include <sys/cdefs.h>

#define CHAR_BIT 8
#define INT_MAX __INT_MAX__
#define INT_MIN (-__INT_MAX__ - 1)
#define UINT_MAX (2U * __INT_MAX__ + 1U)
#define LONG_MAX __LONG_MAX__
#define ULONG_MAX (2UL * __LONG_MAX__ + 1UL)
#define LLONG_MAX __LONG_LONG_MAX__
#define ULLONG_MAX (2ULL * __LONG_LONG_MAX__ + 1ULL)
#endif
