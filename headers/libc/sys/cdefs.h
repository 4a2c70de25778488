/* SPDX-License-Identifier: MIT */
#ifndef _SYS_CDEFS_H
#define _SYS_CDEFS_H

#define __BEGIN_DECLS
#define __END_DECLS

#ifndef __always_inline
#define __always_inline __inline __attribute__((__always_inline__))
#endif

#endif
