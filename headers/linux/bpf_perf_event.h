/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_BPF_PERF_EVENT_H
#define _LINUX_BPF_PERF_EVENT_H
#include <linux/types.h>
struct bpf_perf_event_data;
#endif
