/*
 * Typed arguments for tracing programs that stand in one file with a sock_ops program. Probe register macros, which depend
 * on the machine, are not part of it: sock_ops programs never see registers of the kernel.
 * SPDX-License-Identifier: MIT
 */
#ifndef __BPF_TRACING_H__
#define __BPF_TRACING_H__

#include "bpf_helpers.h"

#define ___bpf_ctx_cast0() ctx
#define ___bpf_ctx_cast1(a) ___bpf_ctx_cast0(), (void *)ctx[0]
#define ___bpf_ctx_cast2(a, rest...) ___bpf_ctx_cast1(rest), (void *)ctx[1]
#define ___bpf_ctx_cast3(a, rest...) ___bpf_ctx_cast2(rest), (void *)ctx[2]
#define ___bpf_ctx_cast4(a, rest...) ___bpf_ctx_cast3(rest), (void *)ctx[3]
#define ___bpf_ctx_cast5(a, rest...) ___bpf_ctx_cast4(rest), (void *)ctx[4]
#define ___bpf_ctx_cast6(a, rest...) ___bpf_ctx_cast5(rest), (void *)ctx[5]
#define ___bpf_ctx_cast7(a, rest...) ___bpf_ctx_cast6(rest), (void *)ctx[6]
#define ___bpf_ctx_cast8(a, rest...) ___bpf_ctx_cast7(rest), (void *)ctx[7]
#define ___bpf_ctx_cast(args...) ___bpf_apply(___bpf_ctx_cast, ___bpf_narg(args))(args)

/* Declares a program whose arguments are the words of its context. */
#define BPF_PROG(name, args...)                                                                \
	name(unsigned long long *ctx);                                                         \
	static __always_inline typeof(name(0)) ____##name(unsigned long long *ctx, ##args);    \
	typeof(name(0)) name(unsigned long long *ctx)                                          \
	{                                                                                      \
		_Pragma("GCC diagnostic push")                                                 \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")                         \
		return ____##name(___bpf_ctx_cast(args));                                      \
		_Pragma("GCC diagnostic pop")                                                  \
	}                                                                                      \
	static __always_inline typeof(name(0)) ____##name(unsigned long long *ctx, ##args)

#endif
