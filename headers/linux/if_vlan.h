/* The layout of a VLAN tag; the kernel's own header is not for programs of user space. SPDX-License-Identifier: MIT */
#ifndef _LINUX_IF_VLAN_H
#define _LINUX_IF_VLAN_H

#include <linux/types.h>

#define VLAN_HLEN 4

struct vlan_hdr {
	__be16 h_vlan_TCI;
	__be16 h_vlan_encapsulated_proto;
};

#endif
