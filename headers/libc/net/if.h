/* SPDX-License-Identifier: MIT */
#ifndef _NET_IF_H
#define _NET_IF_H
#include <linux/if.h>
#define IF_NAMESIZE IFNAMSIZ
#endif
