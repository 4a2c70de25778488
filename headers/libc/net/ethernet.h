/* SPDX-License-Identifier: MIT */
#ifndef _NET_ETHERNET_H
#define _NET_ETHERNET_H
#include <linux/if_ether.h>
#endif
