/* The C library's headers ask for this file when they are read for BPF; nothing in it is needed. SPDX-License-Identifier: MIT */
