/* SPDX-License-Identifier: MIT */
#ifndef _STDINT_H
#define _STDINT_H

#include <sys/cdefs.h>

typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INTPTR_TYPE__ intptr_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __INTMAX_TYPE__ intmax_t;
typedef __UINTMAX_TYPE__ uintmax_t;

#define INT8_MIN (-128)
#define INT8_MAX 127
#define UINT8_MAX 255
#define INT16_MIN (-32768)
#define INT16_MAX 32767
#define UINT16_MAX 65535
#define INT32_MIN (-2147483647 - 1)
#define INT32_MAX 2147483647
#define UINT32_MAX 4294967295U
#define INT64_MIN (-__INT64_C(9223372036854775807) - 1)
#define INT64_MAX __INT64_C(9223372036854775807)
#define UINT64_MAX __UINT64_C(18446744073709551615)
#define SIZE_MAX __SIZE_MAX__

#ifndef __INT64_C
#define __INT64_C(value) value##LL
#define __UINT64_C(value) value##ULL
#endif
#define INT64_C(value) __INT64_C(value)
#define UINT64_C(value) __UINT64_C(value)
#define INT32_C(value) value
#define UINT32_C(value) value##U

#endif
