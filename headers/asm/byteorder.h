/* SPDX-License-Identifier: MIT */
#ifndef _ASM_BYTEORDER_H
#define _ASM_BYTEORDER_H

#include <linux/swab.h>
#include <linux/types.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#ifndef __LITTLE_ENDIAN
#define __LITTLE_ENDIAN 1234
#endif
#ifndef __LITTLE_ENDIAN_BITFIELD
#define __LITTLE_ENDIAN_BITFIELD
#endif
#define __cpu_to_be16(x) ((__be16)__builtin_bswap16(x))
#define __be16_to_cpu(x) __builtin_bswap16((__u16)(x))
#define __cpu_to_be32(x) ((__be32)__builtin_bswap32(x))
#define __be32_to_cpu(x) __builtin_bswap32((__u32)(x))
#define __cpu_to_be64(x) ((__be64)__builtin_bswap64(x))
#define __be64_to_cpu(x) __builtin_bswap64((__u64)(x))
#define __constant_cpu_to_be16(x) ((__be16)((((__u16)(x) & 0xff) << 8) | ((__u16)(x) >> 8)))
#define __constant_cpu_to_be32(x)                                                  \
	((__be32)((((__u32)(x) & 0xff) << 24) | (((__u32)(x) & 0xff00) << 8) |     \
		  (((__u32)(x) >> 8) & 0xff00) | ((__u32)(x) >> 24)))
#define __constant_be16_to_cpu(x) __constant_cpu_to_be16(x)
#define __constant_be32_to_cpu(x) __constant_cpu_to_be32(x)
#else
#ifndef __BIG_ENDIAN
#define __BIG_ENDIAN 4321
#endif
#ifndef __BIG_ENDIAN_BITFIELD
#define __BIG_ENDIAN_BITFIELD
#endif
#define __cpu_to_be16(x) ((__be16)(x))
#define __be16_to_cpu(x) ((__u16)(x))
#define __cpu_to_be32(x) ((__be32)(x))
#define __be32_to_cpu(x) ((__u32)(x))
#define __cpu_to_be64(x) ((__be64)(x))
#define __be64_to_cpu(x) ((__u64)(x))
#define __constant_cpu_to_be16(x) ((__be16)(x))
#define __constant_cpu_to_be32(x) ((__be32)(x))
#define __constant_be16_to_cpu(x) ((__u16)(x))
#define __constant_be32_to_cpu(x) ((__u32)(x))
#endif
#define __constant_htons(x) __constant_cpu_to_be16(x)
#define __constant_ntohs(x) __constant_be16_to_cpu(x)
#define __constant_htonl(x) __constant_cpu_to_be32(x)
#define __constant_ntohl(x) __constant_be32_to_cpu(x)

#endif
