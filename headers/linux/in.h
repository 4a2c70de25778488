/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_IN_H
#define _LINUX_IN_H

#include <linux/socket.h>
#include <linux/types.h>

enum {
	IPPROTO_IP = 0,
#define IPPROTO_IP IPPROTO_IP
	IPPROTO_ICMP = 1,
#define IPPROTO_ICMP IPPROTO_ICMP
	IPPROTO_IGMP = 2,
#define IPPROTO_IGMP IPPROTO_IGMP
	IPPROTO_IPIP = 4,
#define IPPROTO_IPIP IPPROTO_IPIP
	IPPROTO_TCP = 6,
#define IPPROTO_TCP IPPROTO_TCP
	IPPROTO_UDP = 17,
#define IPPROTO_UDP IPPROTO_UDP
	IPPROTO_DCCP = 33,
#define IPPROTO_DCCP IPPROTO_DCCP
	IPPROTO_IPV6 = 41,
#define IPPROTO_IPV6 IPPROTO_IPV6
	IPPROTO_GRE = 47,
#define IPPROTO_GRE IPPROTO_GRE
	IPPROTO_ESP = 50,
#define IPPROTO_ESP IPPROTO_ESP
	IPPROTO_AH = 51,
#define IPPROTO_AH IPPROTO_AH
	IPPROTO_SCTP = 132,
#define IPPROTO_SCTP IPPROTO_SCTP
	IPPROTO_UDPLITE = 136,
#define IPPROTO_UDPLITE IPPROTO_UDPLITE
	IPPROTO_RAW = 255,
#define IPPROTO_RAW IPPROTO_RAW
	IPPROTO_MPTCP = 262,
#define IPPROTO_MPTCP IPPROTO_MPTCP
	IPPROTO_MAX
};

struct in_addr {
	__be32 s_addr;
};

#define IP_TOS 1
#define IP_TTL 2
#define IP_HDRINCL 3
#define IP_OPTIONS 4
#define IP_RECVOPTS 6
#define IP_PKTINFO 8
#define IP_MTU_DISCOVER 10
#define IP_RECVERR 11
#define IP_RECVTTL 12
#define IP_RECVTOS 13
#define IP_MTU 14
#define IP_FREEBIND 15
#define IP_TRANSPARENT 19
#define IP_BIND_ADDRESS_NO_PORT 24
#define IP_LOCAL_PORT_RANGE 51

#define __SOCK_SIZE__ 16
struct sockaddr_in {
	__kernel_sa_family_t sin_family;
	__be16 sin_port;
	struct in_addr sin_addr;
	unsigned char __pad[__SOCK_SIZE__ - sizeof(short int) - sizeof(unsigned short int) - sizeof(struct in_addr)];
};

#define INADDR_ANY ((unsigned long int)0x00000000)
#define INADDR_BROADCAST ((unsigned long int)0xffffffff)
#define INADDR_NONE ((unsigned long int)0xffffffff)
#define INADDR_LOOPBACK 0x7f000001

#endif
