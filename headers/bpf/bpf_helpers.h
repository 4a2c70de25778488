/*
 * The macros that libbpf-style programs are written with. Same names and meanings as libbpf's header of this name, text of
 * our own, so that a program compiles where libbpf is not installed.
 * SPDX-License-Identifier: MIT
 */
#ifndef __BPF_HELPERS__
#define __BPF_HELPERS__

#include "bpf_helper_defs.h"

/* Map definitions: members of an anonymous structure whose types carry the numbers. */
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]
#define __ulong(name, value) enum { ___bpf_concat(__unique_value, __COUNTER__) = value } name

/* Places a function or a variable into a section of the object file; the section decides what it is. */
#if defined(__GNUC__) && !defined(__clang__)
#define SEC(name) __attribute__((section(name), used))
#else
#define SEC(name)                                                           \
	_Pragma("GCC diagnostic push")                                      \
	_Pragma("GCC diagnostic ignored \"-Wignored-attributes\"")          \
	__attribute__((section(name), used))                                \
	_Pragma("GCC diagnostic pop")
#endif

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
#ifndef __weak
#define __weak __attribute__((weak))
#endif
#define __hidden __attribute__((visibility("hidden")))

#ifndef NULL
#define NULL ((void *)0)
#endif

#ifndef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#endif

#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#ifndef container_of
#define container_of(pointer, type, member) ((type *)((void *)(pointer) - offsetof(type, member)))
#endif

/* Keeps the compiler from moving or merging loads and stores across this place, or from guessing about one variable. */
#ifndef barrier
#define barrier() asm volatile("" ::: "memory")
#endif
#ifndef barrier_var
#define barrier_var(variable) asm volatile("" : "+r"(variable))
#endif

#ifndef likely
#define likely(x) (__builtin_expect(!!(x), 1))
#endif
#ifndef unlikely
#define unlikely(x) (__builtin_expect(!!(x), 0))
#endif

#ifndef __bpf_unreachable
#define __bpf_unreachable() __builtin_trap()
#endif

/* A tail call whose index is a constant, in the form that the kernel can turn into a direct jump. */
#if defined(__bpf__) && (!defined(__clang__) || __clang_major__ >= 8)
static __always_inline void bpf_tail_call_static(void *ctx, const void *map, const __u32 slot)
{
	if (!__builtin_constant_p(slot))
		__bpf_unreachable();

	asm volatile("r1 = %[ctx]\n\t"
		     "r2 = %[map]\n\t"
		     "r3 = %[slot]\n\t"
		     "call 12"
		     :
		     : [ctx] "r"(ctx), [map] "r"(map), [slot] "i"(slot)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
}
#endif

#ifdef __SOCKSCOPE_BPF_MAP_DEF
/* Maps as they were defined before BTF. libbpf 1.0 dropped the structure, and programs that still use it bring it along or mean an older libbpf. */
struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};
#endif

enum libbpf_pin_type {
	LIBBPF_PIN_NONE,
	LIBBPF_PIN_BY_NAME,
};

enum libbpf_tristate {
	TRI_NO = 0,
	TRI_YES = 1,
	TRI_MODULE = 2,
};

#define __kconfig __attribute__((section(".kconfig")))
#define __ksym __attribute__((section(".ksyms")))
#define __kptr_untrusted __attribute__((btf_type_tag("kptr_untrusted")))
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __percpu_kptr __attribute__((btf_type_tag("percpu_kptr")))
#define __uptr __attribute__((btf_type_tag("uptr")))

#if defined(__clang__)
#define bpf_ksym_exists(symbol)                                                                \
	({                                                                                     \
		_Static_assert(!__builtin_constant_p(!!symbol), #symbol " must be __weak");    \
		!!symbol;                                                                      \
	})
#else
#define bpf_ksym_exists(symbol) (!!symbol)
#endif

/* Attributes of the arguments of global functions. */
#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))
#define __arg_nullable __attribute__((btf_decl_tag("arg:nullable")))
#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))
#define __arg_untrusted __attribute__((btf_decl_tag("arg:untrusted")))
#define __arg_arena __attribute__((btf_decl_tag("arg:arena")))

/* Preprocessor tools: join, count and apply over arguments. */
#ifndef ___bpf_concat
#define ___bpf_concat(a, b) a##b
#endif
#ifndef ___bpf_apply
#define ___bpf_apply(fn, n) ___bpf_concat(fn, n)
#endif
#ifndef ___bpf_nth
#define ___bpf_nth(_, _1, _2, _3, _4, _5, _6, _7, _8, _9, _a, _b, _c, N, ...) N
#endif
#ifndef ___bpf_narg
#define ___bpf_narg(...) ___bpf_nth(_, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#endif

#define ___bpf_fill0(array, at, x) do {} while (0)
#define ___bpf_fill1(array, at, x) array[at] = x
#define ___bpf_fill2(array, at, x, rest...) array[at] = x; ___bpf_fill1(array, at + 1, rest)
#define ___bpf_fill3(array, at, x, rest...) array[at] = x; ___bpf_fill2(array, at + 1, rest)
#define ___bpf_fill4(array, at, x, rest...) array[at] = x; ___bpf_fill3(array, at + 1, rest)
#define ___bpf_fill5(array, at, x, rest...) array[at] = x; ___bpf_fill4(array, at + 1, rest)
#define ___bpf_fill6(array, at, x, rest...) array[at] = x; ___bpf_fill5(array, at + 1, rest)
#define ___bpf_fill7(array, at, x, rest...) array[at] = x; ___bpf_fill6(array, at + 1, rest)
#define ___bpf_fill8(array, at, x, rest...) array[at] = x; ___bpf_fill7(array, at + 1, rest)
#define ___bpf_fill9(array, at, x, rest...) array[at] = x; ___bpf_fill8(array, at + 1, rest)
#define ___bpf_fill10(array, at, x, rest...) array[at] = x; ___bpf_fill9(array, at + 1, rest)
#define ___bpf_fill11(array, at, x, rest...) array[at] = x; ___bpf_fill10(array, at + 1, rest)
#define ___bpf_fill12(array, at, x, rest...) array[at] = x; ___bpf_fill11(array, at + 1, rest)
#define ___bpf_fill(array, values...) ___bpf_apply(___bpf_fill, ___bpf_narg(values))(array, 0, values)

/* Prints text into a buffer; the format becomes a read-only constant. */
#define BPF_SNPRINTF(out, out_size, fmt, values...)                                            \
	({                                                                                     \
		static const char ___fmt[] = fmt;                                              \
		unsigned long long ___values[___bpf_narg(values)];                             \
		_Pragma("GCC diagnostic push")                                                 \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")                         \
		___bpf_fill(___values, values);                                                \
		_Pragma("GCC diagnostic pop")                                                  \
		bpf_snprintf(out, out_size, ___fmt, ___values, sizeof(___values));             \
	})

/* Prints to one of the program's streams (6.17). */
extern int bpf_stream_vprintk_impl(int stream_id, const char *fmt, const void *args, __u32 size, void *aux) __weak __ksym;

#define bpf_stream_printk(stream, fmt, values...)                                              \
	({                                                                                     \
		static const char ___fmt[] = fmt;                                              \
		unsigned long long ___values[___bpf_narg(values)];                             \
		_Pragma("GCC diagnostic push")                                                 \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")                         \
		___bpf_fill(___values, values);                                                \
		_Pragma("GCC diagnostic pop")                                                  \
		bpf_stream_vprintk_impl(stream, ___fmt, ___values, sizeof(___values), NULL);   \
	})

#ifdef BPF_NO_GLOBAL_DATA
#define BPF_PRINTK_FMT_MOD
#else
#define BPF_PRINTK_FMT_MOD static const
#endif

#define __bpf_printk(fmt, values...)                                                           \
	({                                                                                     \
		BPF_PRINTK_FMT_MOD char ____fmt[] = fmt;                                       \
		bpf_trace_printk(____fmt, sizeof(____fmt), ##values);                          \
	})

#define __bpf_vprintk(fmt, values...)                                                          \
	({                                                                                     \
		static const char ___fmt[] = fmt;                                              \
		unsigned long long ___values[___bpf_narg(values)];                             \
		_Pragma("GCC diagnostic push")                                                 \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")                         \
		___bpf_fill(___values, values);                                                \
		_Pragma("GCC diagnostic pop")                                                  \
		bpf_trace_vprintk(___fmt, sizeof(___fmt), ___values, sizeof(___values));       \
	})

#define ___bpf_pick_printk(...)                                                                \
	___bpf_nth(_, ##__VA_ARGS__, __bpf_vprintk, __bpf_vprintk, __bpf_vprintk,              \
		   __bpf_vprintk, __bpf_vprintk, __bpf_vprintk, __bpf_vprintk, __bpf_vprintk,  \
		   __bpf_vprintk, __bpf_printk, __bpf_printk, __bpf_printk, __bpf_printk)

/* Prints to the trace pipe: with up to three values by bpf_trace_printk(), with more by bpf_trace_vprintk(). */
#define bpf_printk(fmt, args...) ___bpf_pick_printk(args)(fmt, ##args)

/* Loops over open-coded iterators. */
struct bpf_iter_num;

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __weak __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __weak __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __weak __ksym;

#ifndef bpf_for_each
#define bpf_for_each(type, current, args...)                                                   \
	for (struct bpf_iter_##type ___it __attribute__((aligned(8),                           \
			cleanup(bpf_iter_##type##_destroy))),                                  \
		     *___started __attribute__((unused)) = (                                   \
			     bpf_iter_##type##_new(&___it, ##args),                            \
			     (void)bpf_iter_##type##_destroy, (void *)0);                      \
	     (((current) = bpf_iter_##type##_next(&___it)));)
#endif

#ifndef bpf_for
#define bpf_for(i, start, end)                                                                 \
	for (struct bpf_iter_num ___it __attribute__((aligned(8),                              \
			cleanup(bpf_iter_num_destroy))),                                       \
		     *___started __attribute__((unused)) = (                                   \
			     bpf_iter_num_new(&___it, (start), (end)),                         \
			     (void)bpf_iter_num_destroy, (void *)0);                           \
	     ({                                                                                \
		     int *___next = bpf_iter_num_next(&___it);                                 \
		     ___next && ((i) = *___next, (i) >= (start) && (i) < (end));               \
	     });)
#endif

#ifndef bpf_repeat
#define bpf_repeat(count)                                                                      \
	for (struct bpf_iter_num ___it __attribute__((aligned(8),                              \
			cleanup(bpf_iter_num_destroy))),                                       \
		     *___started __attribute__((unused)) = (                                   \
			     bpf_iter_num_new(&___it, 0, (count)),                             \
			     (void)bpf_iter_num_destroy, (void *)0);                           \
	     bpf_iter_num_next(&___it);)
#endif

#endif
