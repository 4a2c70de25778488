/*
 * Compile once, run everywhere: reads of kernel structures whose offsets the loader fills in. Same names as libbpf's header
 * of this name, text of our own.
 * SPDX-License-Identifier: MIT
 */
#ifndef __BPF_CORE_READ_H__
#define __BPF_CORE_READ_H__

#include "bpf_helpers.h"

enum bpf_field_info_kind {
	BPF_FIELD_BYTE_OFFSET = 0,
	BPF_FIELD_BYTE_SIZE = 1,
	BPF_FIELD_EXISTS = 2,
	BPF_FIELD_SIGNED = 3,
	BPF_FIELD_LSHIFT_U64 = 4,
	BPF_FIELD_RSHIFT_U64 = 5,
};

enum bpf_type_id_kind {
	BPF_TYPE_ID_LOCAL = 0,
	BPF_TYPE_ID_TARGET = 1,
};

enum bpf_type_info_kind {
	BPF_TYPE_EXISTS = 0,
	BPF_TYPE_SIZE = 1,
	BPF_TYPE_MATCHES = 2,
};

enum bpf_enum_value_kind {
	BPF_ENUMVAL_EXISTS = 0,
	BPF_ENUMVAL_VALUE = 1,
};

#define __CORE_RELO(src, field, info) __builtin_preserve_field_info((src)->field, BPF_FIELD_##info)

/* A field is named either by an expression (p->field) or by a type and a path (struct s, field). */
#define ___bpf_field_ref1(field) (field)
#define ___bpf_field_ref2(type, field) (((typeof(type) *)0)->field)
#define ___bpf_field_ref(args...) ___bpf_apply(___bpf_field_ref, ___bpf_narg(args))(args)

#define bpf_core_field_exists(field...) \
	__builtin_preserve_field_info(___bpf_field_ref(field), BPF_FIELD_EXISTS)
#define bpf_core_field_size(field...) \
	__builtin_preserve_field_info(___bpf_field_ref(field), BPF_FIELD_BYTE_SIZE)
#define bpf_core_field_offset(field...) \
	__builtin_preserve_field_info(___bpf_field_ref(field), BPF_FIELD_BYTE_OFFSET)

#define ___bpf_typeof1(type) (*(typeof(type) *)0)
#define bpf_core_type_id_local(type) __builtin_btf_type_id(___bpf_typeof1(type), BPF_TYPE_ID_LOCAL)
#define bpf_core_type_id_kernel(type) __builtin_btf_type_id(___bpf_typeof1(type), BPF_TYPE_ID_TARGET)
#define bpf_core_type_exists(type) __builtin_preserve_type_info(___bpf_typeof1(type), BPF_TYPE_EXISTS)
#define bpf_core_type_matches(type) __builtin_preserve_type_info(___bpf_typeof1(type), BPF_TYPE_MATCHES)
#define bpf_core_type_size(type) __builtin_preserve_type_info(___bpf_typeof1(type), BPF_TYPE_SIZE)

#define bpf_core_enum_value_exists(type, value) \
	__builtin_preserve_enum_value(*(typeof(type) *)value, BPF_ENUMVAL_EXISTS)
#define bpf_core_enum_value(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, BPF_ENUMVAL_VALUE)

/* A copy of kernel memory at a place that is relocated. */
#define bpf_core_read(to, size, from) \
	bpf_probe_read_kernel(to, size, (const void *)__builtin_preserve_access_index(from))
#define bpf_core_read_user(to, size, from) \
	bpf_probe_read_user(to, size, (const void *)__builtin_preserve_access_index(from))
#define bpf_core_read_str(to, size, from) \
	bpf_probe_read_kernel_str(to, size, (const void *)__builtin_preserve_access_index(from))
#define bpf_core_read_user_str(to, size, from) \
	bpf_probe_read_user_str(to, size, (const void *)__builtin_preserve_access_index(from))

extern void *bpf_rdonly_cast(const void *pointer, __u32 btf_id) __ksym __weak;

#define bpf_core_cast(pointer, type) \
	((typeof(type) *)bpf_rdonly_cast((pointer), bpf_core_type_id_kernel(type)))

/* Bit fields: read the bytes that hold it, then shift. The first form for pointers that can be read directly. */
#define BPF_CORE_READ_BITFIELD(s, field)                                                       \
	({                                                                                     \
		const void *___place = (const void *)(s) + __CORE_RELO(s, field, BYTE_OFFSET); \
		unsigned long long ___bits = 0;                                                \
		asm volatile("" : "=r"(___place) : "0"(___place));                             \
		switch (__CORE_RELO(s, field, BYTE_SIZE)) {                                    \
		case 1:                                                                        \
			___bits = *(const unsigned char *)___place;                            \
			break;                                                                 \
		case 2:                                                                        \
			___bits = *(const unsigned short *)___place;                           \
			break;                                                                 \
		case 4:                                                                        \
			___bits = *(const unsigned int *)___place;                             \
			break;                                                                 \
		case 8:                                                                        \
			___bits = *(const unsigned long long *)___place;                       \
			break;                                                                 \
		}                                                                              \
		___bits <<= __CORE_RELO(s, field, LSHIFT_U64);                                 \
		if (__CORE_RELO(s, field, SIGNED))                                             \
			___bits = ((long long)___bits) >> __CORE_RELO(s, field, RSHIFT_U64);   \
		else                                                                           \
			___bits = ___bits >> __CORE_RELO(s, field, RSHIFT_U64);                \
		___bits;                                                                       \
	})

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ___bpf_bitfield_place(bits, s, field) (void *)&(bits)
#else
#define ___bpf_bitfield_place(bits, s, field) ((void *)&(bits) + (8 - __CORE_RELO(s, field, BYTE_SIZE)))
#endif

#define BPF_CORE_READ_BITFIELD_PROBED(s, field)                                                \
	({                                                                                     \
		unsigned long long ___bits = 0;                                                \
		bpf_probe_read_kernel(___bpf_bitfield_place(___bits, s, field),                \
				      __CORE_RELO(s, field, BYTE_SIZE),                        \
				      (const void *)(s) + __CORE_RELO(s, field, BYTE_OFFSET)); \
		___bits <<= __CORE_RELO(s, field, LSHIFT_U64);                                 \
		if (__CORE_RELO(s, field, SIGNED))                                             \
			___bits = ((long long)___bits) >> __CORE_RELO(s, field, RSHIFT_U64);   \
		else                                                                           \
			___bits = ___bits >> __CORE_RELO(s, field, RSHIFT_U64);                \
		___bits;                                                                       \
	})

/* a->b->c->d, following pointers: one read for each arrow, the last into the destination. */
#define ___bpf_arrow1(a) a
#define ___bpf_arrow2(a, b) a->b
#define ___bpf_arrow3(a, b, c) a->b->c
#define ___bpf_arrow4(a, b, c, d) a->b->c->d
#define ___bpf_arrow5(a, b, c, d, e) a->b->c->d->e
#define ___bpf_arrow6(a, b, c, d, e, f) a->b->c->d->e->f
#define ___bpf_arrow7(a, b, c, d, e, f, g) a->b->c->d->e->f->g
#define ___bpf_arrow8(a, b, c, d, e, f, g, h) a->b->c->d->e->f->g->h
#define ___bpf_arrow9(a, b, c, d, e, f, g, h, i) a->b->c->d->e->f->g->h->i
#define ___bpf_arrow(args...) ___bpf_apply(___bpf_arrow, ___bpf_narg(args))(args)
#define ___bpf_type(args...) typeof(___bpf_arrow(args))

#define ___bpf_step(read, to, type, from, field) read((void *)(to), sizeof(*(to)), &((type)(from))->field)

/* walkN(read, src, f1 .. fN) leaves the value of src->f1->..->fN in ___p, a pointer. */
#define ___bpf_walk1(read, src, a) \
	___bpf_step(read, &___p, ___bpf_type(src), src, a);
#define ___bpf_walk2(read, src, a, b) \
	___bpf_walk1(read, src, a) ___bpf_step(read, &___p, ___bpf_type(src, a), ___p, b);
#define ___bpf_walk3(read, src, a, b, c) \
	___bpf_walk2(read, src, a, b) ___bpf_step(read, &___p, ___bpf_type(src, a, b), ___p, c);
#define ___bpf_walk4(read, src, a, b, c, d) \
	___bpf_walk3(read, src, a, b, c) ___bpf_step(read, &___p, ___bpf_type(src, a, b, c), ___p, d);
#define ___bpf_walk5(read, src, a, b, c, d, e) \
	___bpf_walk4(read, src, a, b, c, d) ___bpf_step(read, &___p, ___bpf_type(src, a, b, c, d), ___p, e);
#define ___bpf_walk6(read, src, a, b, c, d, e, f) \
	___bpf_walk5(read, src, a, b, c, d, e) ___bpf_step(read, &___p, ___bpf_type(src, a, b, c, d, e), ___p, f);
#define ___bpf_walk7(read, src, a, b, c, d, e, f, g) \
	___bpf_walk6(read, src, a, b, c, d, e, f) ___bpf_step(read, &___p, ___bpf_type(src, a, b, c, d, e, f), ___p, g);

#define ___bpf_into1(read_ptr, read_last, to, src, a) \
	read_last((void *)(to), sizeof(*(to)), &((___bpf_type(src))(src))->a);
#define ___bpf_into2(read_ptr, read_last, to, src, a, b) \
	const void *___p; ___bpf_walk1(read_ptr, src, a) \
	___bpf_step(read_last, to, ___bpf_type(src, a), ___p, b);
#define ___bpf_into3(read_ptr, read_last, to, src, a, b, c) \
	const void *___p; ___bpf_walk2(read_ptr, src, a, b) \
	___bpf_step(read_last, to, ___bpf_type(src, a, b), ___p, c);
#define ___bpf_into4(read_ptr, read_last, to, src, a, b, c, d) \
	const void *___p; ___bpf_walk3(read_ptr, src, a, b, c) \
	___bpf_step(read_last, to, ___bpf_type(src, a, b, c), ___p, d);
#define ___bpf_into5(read_ptr, read_last, to, src, a, b, c, d, e) \
	const void *___p; ___bpf_walk4(read_ptr, src, a, b, c, d) \
	___bpf_step(read_last, to, ___bpf_type(src, a, b, c, d), ___p, e);
#define ___bpf_into6(read_ptr, read_last, to, src, a, b, c, d, e, f) \
	const void *___p; ___bpf_walk5(read_ptr, src, a, b, c, d, e) \
	___bpf_step(read_last, to, ___bpf_type(src, a, b, c, d, e), ___p, f);
#define ___bpf_into7(read_ptr, read_last, to, src, a, b, c, d, e, f, g) \
	const void *___p; ___bpf_walk6(read_ptr, src, a, b, c, d, e, f) \
	___bpf_step(read_last, to, ___bpf_type(src, a, b, c, d, e, f), ___p, g);
#define ___bpf_into8(read_ptr, read_last, to, src, a, b, c, d, e, f, g, h) \
	const void *___p; ___bpf_walk7(read_ptr, src, a, b, c, d, e, f, g) \
	___bpf_step(read_last, to, ___bpf_type(src, a, b, c, d, e, f, g), ___p, h);
#define ___bpf_into(read_ptr, read_last, to, src, path...) \
	___bpf_apply(___bpf_into, ___bpf_narg(path))(read_ptr, read_last, to, src, path)

#define BPF_CORE_READ_INTO(to, src, path...) \
	({ ___bpf_into(bpf_core_read, bpf_core_read, to, (src), path) 0; })
#define BPF_CORE_READ_USER_INTO(to, src, path...) \
	({ ___bpf_into(bpf_core_read_user, bpf_core_read_user, to, (src), path) 0; })
#define BPF_PROBE_READ_INTO(to, src, path...) \
	({ ___bpf_into(bpf_probe_read_kernel, bpf_probe_read_kernel, to, (src), path) 0; })
#define BPF_PROBE_READ_USER_INTO(to, src, path...) \
	({ ___bpf_into(bpf_probe_read_user, bpf_probe_read_user, to, (src), path) 0; })
#define BPF_CORE_READ_STR_INTO(to, src, path...) \
	({ ___bpf_into(bpf_core_read, bpf_core_read_str, to, (src), path) 0; })
#define BPF_PROBE_READ_STR_INTO(to, src, path...) \
	({ ___bpf_into(bpf_probe_read_kernel, bpf_probe_read_kernel_str, to, (src), path) 0; })

#define BPF_CORE_READ_USER_STR_INTO(to, src, path...) \
	({ ___bpf_into(bpf_core_read_user, bpf_core_read_user_str, to, (src), path) 0; })
#define BPF_PROBE_READ_USER_STR_INTO(to, src, path...) \
	({ ___bpf_into(bpf_probe_read_user, bpf_probe_read_user_str, to, (src), path) 0; })

#define ___bpf_value_of(into, src, path...)                                                    \
	({                                                                                     \
		___bpf_type((src), path) ___value;                                             \
		into(&___value, (src), path);                                                  \
		___value;                                                                      \
	})

/* BPF_CORE_READ(p, a, b, c) is p->a->b->c. */
#define BPF_CORE_READ(src, path...) ___bpf_value_of(BPF_CORE_READ_INTO, src, path)
#define BPF_CORE_READ_USER(src, path...) ___bpf_value_of(BPF_CORE_READ_USER_INTO, src, path)
#define BPF_PROBE_READ(src, path...) ___bpf_value_of(BPF_PROBE_READ_INTO, src, path)
#define BPF_PROBE_READ_USER(src, path...) ___bpf_value_of(BPF_PROBE_READ_USER_INTO, src, path)

#endif
