/* Numbers of system calls that stand in helper headers which programs of both sides share (x86-64). SPDX-License-Identifier: MIT */
#ifndef _ASM_UNISTD_H
#define _ASM_UNISTD_H
#define __NR_perf_event_open 298
#define __NR_bpf 321
#define __NR_pidfd_send_signal 424
#define __NR_pidfd_open 434
#define __NR_pidfd_getfd 438
#endif
