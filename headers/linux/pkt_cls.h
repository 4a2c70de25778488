/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PKT_CLS_H
#define _LINUX_PKT_CLS_H

#include <linux/types.h>

#define TC_ACT_UNSPEC (-1)
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#define TC_ACT_STOLEN 4
#define TC_ACT_REDIRECT 7

#endif
