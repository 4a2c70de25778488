/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_BPF_COMMON_H
#define _LINUX_BPF_COMMON_H
#define BPF_MAXINSNS 4096
#endif
