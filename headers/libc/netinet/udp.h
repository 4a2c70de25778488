/* SPDX-License-Identifier: MIT */
#ifndef _NETINET_UDP_H
#define _NETINET_UDP_H
#include <linux/udp.h>
#endif
