/* SPDX-License-Identifier: MIT */
#ifndef _NETINET_IP6_H
#define _NETINET_IP6_H
#include <linux/ipv6.h>
#endif
