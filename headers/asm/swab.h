/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SWAB_H
#define _ASM_SWAB_H
#define __SWAB_64_THRU_32__
#endif
