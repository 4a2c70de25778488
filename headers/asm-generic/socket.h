/* SPDX-License-Identifier: MIT */
#ifndef _ASM_GENERIC_SOCKET_H
#define _ASM_GENERIC_SOCKET_H
#include <asm/socket.h>
#endif
