/* BPF programs convert with bpf/bpf_endian.h; these are the C library's names for the same. SPDX-License-Identifier: MIT */
#ifndef _ARPA_INET_H
#define _ARPA_INET_H

#include <netinet/in.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define htons(x) __builtin_bswap16(x)
#define ntohs(x) __builtin_bswap16(x)
#define htonl(x) __builtin_bswap32(x)
#define ntohl(x) __builtin_bswap32(x)
#else
#define htons(x) (x)
#define ntohs(x) (x)
#define htonl(x) (x)
#define ntohl(x) (x)
#endif

#endif
