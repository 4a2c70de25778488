/* SPDX-License-Identifier: MIT */
#ifndef _TIME_H
#define _TIME_H

#include <sys/cdefs.h>
#include <linux/time.h>
#include <stddef.h>

typedef long time_t;

#endif
