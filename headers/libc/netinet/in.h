/* SPDX-License-Identifier: MIT */
#ifndef _NETINET_IN_H
#define _NETINET_IN_H

#include <sys/cdefs.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <stdint.h>
#include <sys/socket.h>

#define SOL_IP 0
#define SOL_IPV6 41

typedef uint16_t in_port_t;
typedef uint32_t in_addr_t;

#define INET_ADDRSTRLEN 16
#define INET6_ADDRSTRLEN 46

#endif
