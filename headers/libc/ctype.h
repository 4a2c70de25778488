/* Only what needs no library. SPDX-License-Identifier: MIT */
#ifndef _CTYPE_H
#define _CTYPE_H
#endif
