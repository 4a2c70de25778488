/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_FILTER_H
#define _LINUX_FILTER_H
#include <linux/bpf_common.h>
#include <linux/types.h>

struct sock_filter {
	__u16 code;
	__u8 jt;
	__u8 jf;
	__u32 k;
};

#endif
