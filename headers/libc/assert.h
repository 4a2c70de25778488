/* A BPF program cannot abort: an assertion is not evaluated. SPDX-License-Identifier: MIT */
#ifndef _ASSERT_H
#define _ASSERT_H
#define assert(condition) ((void)0)
#define static_assert _Static_assert
#endif
