/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_IPV6_H
#define _LINUX_IPV6_H

#include <asm/byteorder.h>
#include <linux/in6.h>
#include <linux/types.h>

struct ipv6hdr {
#if defined(__LITTLE_ENDIAN_BITFIELD)
	__u8 priority : 4;
	__u8 version : 4;
#else
	__u8 version : 4;
	__u8 priority : 4;
#endif
	__u8 flow_lbl[3];
	__be16 payload_len;
	__u8 nexthdr;
	__u8 hop_limit;
	struct in6_addr saddr;
	struct in6_addr daddr;
};

#endif
