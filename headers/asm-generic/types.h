/* SPDX-License-Identifier: MIT */
#ifndef _ASM_GENERIC_TYPES_H
#define _ASM_GENERIC_TYPES_H
#include <asm/types.h>
#endif
