/* SPDX-License-Identifier: MIT */
#ifndef _ERRNO_H
#define _ERRNO_H

#include <sys/cdefs.h>
#include <linux/errno.h>
#endif
