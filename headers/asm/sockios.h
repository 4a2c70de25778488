/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SOCKIOS_H
#define _ASM_SOCKIOS_H
#define SIOCINQ 0x541B
#define SIOCOUTQ 0x5411
#endif
