# Every instruction in every form, with operands at which encodings go wrong. Written once with the help of the table; what
# llvm-mc and llvm-objdump make of it (-mcpu=v4) stands beside this file.
	.text
	.globl	first
	.type	first,@function
first:
	r10 += 1915845736
	r9 += 1278262202
	r0 += 1
	r5 += r10
	r0 += r1
	r2 += r1
	r10 -= 1915845736
	r9 -= 1278262202
	r0 -= 1
	r5 -= r10
	r0 -= r1
	r2 -= r1
	r10 *= 1915845736
	r9 *= 1278262202
	r0 *= 1
	r5 *= r10
	r0 *= r1
	r2 *= r1
	r10 /= 1915845736
	r9 /= 1278262202
	r0 /= 1
	r5 /= r10
	r0 /= r1
	r2 /= r1
	r10 |= 1915845736
	r9 |= 1278262202
	r0 |= 1
	r5 |= r10
	r0 |= r1
	r2 |= r1
	r10 &= 1915845736
	r9 &= 1278262202
	r0 &= 1
	r5 &= r10
	r0 &= r1
	r2 &= r1
	r10 <<= 1915845736
	r9 <<= 1278262202
	r0 <<= 1
	r5 <<= r10
	r0 <<= r1
	r2 <<= r1
	r10 >>= 1915845736
	r9 >>= 1278262202
	r0 >>= 1
	r5 >>= r10
	r0 >>= r1
	r2 >>= r1
	r10 %= 1915845736
	r9 %= 1278262202
	r0 %= 1
	r5 %= r10
	r0 %= r1
	r2 %= r1
	r10 ^= 1915845736
	r9 ^= 1278262202
	r0 ^= 1
	r5 ^= r10
	r0 ^= r1
	r2 ^= r1
	r10 = 1915845736
	r9 = 1278262202
	r0 = 1
	r5 = r10
	r0 = r1
	r2 = r1
	r10 s>>= 1915845736
	r9 s>>= 1278262202
	r0 s>>= 1
	r5 s>>= r10
	r0 s>>= r1
	r2 s>>= r1
	r10 s/= 1915845736
	r9 s/= 1278262202
	r0 s/= 1
	r5 s/= r10
	r0 s/= r1
	r2 s/= r1
	r10 s%= 1915845736
	r9 s%= 1278262202
	r0 s%= 1
	r5 s%= r10
	r0 s%= r1
	r2 s%= r1
	r10 = (s8)r5
	r9 = (s8)r5
	r0 = (s8)r0
	r10 = (s16)r5
	r9 = (s16)r5
	r0 = (s16)r0
	r10 = (s32)r5
	r9 = (s32)r5
	r0 = (s32)r0
	r10 = -r10
	r9 = -r9
	r0 = -r0
	w10 += 1915845736
	w9 += 1278262202
	w0 += 1
	w5 += w10
	w0 += w1
	w2 += w1
	w10 -= 1915845736
	w9 -= 1278262202
	w0 -= 1
	w5 -= w10
	w0 -= w1
	w2 -= w1
	w10 *= 1915845736
	w9 *= 1278262202
	w0 *= 1
	w5 *= w10
	w0 *= w1
	w2 *= w1
	w10 /= 1915845736
	w9 /= 1278262202
	w0 /= 1
	w5 /= w10
	w0 /= w1
	w2 /= w1
	w10 |= 1915845736
	w9 |= 1278262202
	w0 |= 1
	w5 |= w10
	w0 |= w1
	w2 |= w1
	w10 &= 1915845736
	w9 &= 1278262202
	w0 &= 1
	w5 &= w10
	w0 &= w1
	w2 &= w1
	w10 <<= 1915845736
	w9 <<= 1278262202
	w0 <<= 1
	w5 <<= w10
	w0 <<= w1
	w2 <<= w1
	w10 >>= 1915845736
	w9 >>= 1278262202
	w0 >>= 1
	w5 >>= w10
	w0 >>= w1
	w2 >>= w1
	w10 %= 1915845736
	w9 %= 1278262202
	w0 %= 1
	w5 %= w10
	w0 %= w1
	w2 %= w1
	w10 ^= 1915845736
	w9 ^= 1278262202
	w0 ^= 1
	w5 ^= w10
	w0 ^= w1
	w2 ^= w1
	w10 = 1915845736
	w9 = 1278262202
	w0 = 1
	w5 = w10
	w0 = w1
	w2 = w1
	w10 s>>= 1915845736
	w9 s>>= 1278262202
	w0 s>>= 1
	w5 s>>= w10
	w0 s>>= w1
	w2 s>>= w1
	w10 s/= 1915845736
	w9 s/= 1278262202
	w0 s/= 1
	w5 s/= w10
	w0 s/= w1
	w2 s/= w1
	w10 s%= 1915845736
	w9 s%= 1278262202
	w0 s%= 1
	w5 s%= w10
	w0 s%= w1
	w2 s%= w1
	w10 = (s8)w5
	w9 = (s8)w5
	w0 = (s8)w0
	w10 = (s16)w5
	w9 = (s16)w5
	w0 = (s16)w0
	w10 = -w10
	w9 = -w9
	w0 = -w0
	r10 = be16 r10
	r9 = be16 r9
	r0 = be16 r0
	r10 = be32 r10
	r9 = be32 r9
	r0 = be32 r0
	r10 = be64 r10
	r9 = be64 r9
	r0 = be64 r0
	r10 = le16 r10
	r9 = le16 r9
	r0 = le16 r0
	r10 = le32 r10
	r9 = le32 r9
	r0 = le32 r0
	r10 = le64 r10
	r9 = le64 r9
	r0 = le64 r0
	r10 = bswap16 r10
	r9 = bswap16 r9
	r0 = bswap16 r0
	r10 = bswap32 r10
	r9 = bswap32 r9
	r0 = bswap32 r0
	r10 = bswap64 r10
	r9 = bswap64 r9
	r0 = bswap64 r0
	r10 = addr_space_cast(r5, 0, 0)
	r9 = addr_space_cast(r5, 1, 1)
	r0 = addr_space_cast(r0, 1, 1)
	r10 = 9223372036854775807 ll
	r9 = 518182087 ll
	r0 = -4294967276 ll
	.quad 0xffffffff00001a18, 0x7fffffff00000000	# ld_pseudo r10, 1, 4294967295
	.quad 0x1ee2d4c700001918, 0x0	# ld_pseudo r9, 1, 518182087
	.quad 0x1400001018, 0xffffffff00000000	# ld_pseudo r0, 1, 20
	.quad 0xffffffff00002a18, 0x7fffffff00000000	# ld_pseudo r10, 2, 4294967295
	.quad 0x1ee2d4c700002918, 0x0	# ld_pseudo r9, 2, 518182087
	.quad 0x1400002018, 0xffffffff00000000	# ld_pseudo r0, 2, 20
	.quad 0xffffffff00003a18, 0x7fffffff00000000	# ld_pseudo r10, 3, 4294967295
	.quad 0x1ee2d4c700003918, 0x0	# ld_pseudo r9, 3, 518182087
	.quad 0x1400003018, 0xffffffff00000000	# ld_pseudo r0, 3, 20
	.quad 0xffffffff00004a18, 0x7fffffff00000000	# ld_pseudo r10, 4, 4294967295
	.quad 0x1ee2d4c700004918, 0x0	# ld_pseudo r9, 4, 518182087
	.quad 0x1400004018, 0xffffffff00000000	# ld_pseudo r0, 4, 20
	.quad 0xffffffff00005a18, 0x7fffffff00000000	# ld_pseudo r10, 5, 4294967295
	.quad 0x1ee2d4c700005918, 0x0	# ld_pseudo r9, 5, 518182087
	.quad 0x1400005018, 0xffffffff00000000	# ld_pseudo r0, 5, 20
	.quad 0xffffffff00006a18, 0x7fffffff00000000	# ld_pseudo r10, 6, 4294967295
	.quad 0x1ee2d4c700006918, 0x0	# ld_pseudo r9, 6, 518182087
	.quad 0x1400006018, 0xffffffff00000000	# ld_pseudo r0, 6, 20
	w10 = *(u8 *)(r5 - 4)
	w9 = *(u8 *)(r5 - 256)
	w0 = *(u8 *)(r0 + 32767)
	w10 = *(u16 *)(r5 - 4)
	w9 = *(u16 *)(r5 - 256)
	w0 = *(u16 *)(r0 + 32767)
	w10 = *(u32 *)(r5 - 4)
	w9 = *(u32 *)(r5 - 256)
	w0 = *(u32 *)(r0 + 32767)
	r10 = *(u64 *)(r5 - 4)
	r9 = *(u64 *)(r5 - 256)
	r0 = *(u64 *)(r0 + 32767)
	r10 = *(s8 *)(r5 - 4)
	r9 = *(s8 *)(r5 - 256)
	r0 = *(s8 *)(r0 + 32767)
	r10 = *(s16 *)(r5 - 4)
	r9 = *(s16 *)(r5 - 256)
	r0 = *(s16 *)(r0 + 32767)
	r10 = *(s32 *)(r5 - 4)
	r9 = *(s32 *)(r5 - 256)
	r0 = *(s32 *)(r0 + 32767)
	*(u8 *)(r10 + 0) = -1
	*(u8 *)(r9 + 21703) = w1
	*(u8 *)(r0 - 11) = w0
	*(u8 *)(r9 + 599) = 7
	*(u8 *)(r5 - 32768) = w1
	*(u8 *)(r5 + 32753) = 1
	*(u16 *)(r10 + 0) = -1
	*(u16 *)(r9 + 21703) = w1
	*(u16 *)(r0 - 11) = w0
	*(u16 *)(r9 + 599) = 7
	*(u16 *)(r5 - 32768) = w1
	*(u16 *)(r5 + 32753) = 1
	*(u32 *)(r10 + 0) = -1
	*(u32 *)(r9 + 21703) = w1
	*(u32 *)(r0 - 11) = w0
	*(u32 *)(r9 + 599) = 7
	*(u32 *)(r5 - 32768) = w1
	*(u32 *)(r5 + 32753) = 1
	*(u64 *)(r10 + 0) = -1
	*(u64 *)(r9 + 21703) = r1
	*(u64 *)(r0 - 11) = r0
	*(u64 *)(r9 + 599) = 7
	*(u64 *)(r5 - 32768) = r1
	*(u64 *)(r5 + 32753) = 1
	lock *(u64 *)(r10 + 0) += r10
	lock *(u64 *)(r9 + 21703) += r0
	lock *(u64 *)(r0 - 11) += r5
	lock *(u64 *)(r10 + 0) |= r10
	lock *(u64 *)(r9 + 21703) |= r0
	lock *(u64 *)(r0 - 11) |= r5
	lock *(u64 *)(r10 + 0) &= r10
	lock *(u64 *)(r9 + 21703) &= r0
	lock *(u64 *)(r0 - 11) &= r5
	lock *(u64 *)(r10 + 0) ^= r10
	lock *(u64 *)(r9 + 21703) ^= r0
	lock *(u64 *)(r0 - 11) ^= r5
	r10 = atomic_fetch_add((u64 *)(r10 + 0), r10)
	r0 = atomic_fetch_add((u64 *)(r9 + 21703), r0)
	r5 = atomic_fetch_add((u64 *)(r0 - 11), r5)
	r10 = atomic_fetch_or((u64 *)(r10 + 0), r10)
	r0 = atomic_fetch_or((u64 *)(r9 + 21703), r0)
	r5 = atomic_fetch_or((u64 *)(r0 - 11), r5)
	r10 = atomic_fetch_and((u64 *)(r10 + 0), r10)
	r0 = atomic_fetch_and((u64 *)(r9 + 21703), r0)
	r5 = atomic_fetch_and((u64 *)(r0 - 11), r5)
	r10 = atomic_fetch_xor((u64 *)(r10 + 0), r10)
	r0 = atomic_fetch_xor((u64 *)(r9 + 21703), r0)
	r5 = atomic_fetch_xor((u64 *)(r0 - 11), r5)
	r10 = xchg_64(r10 + 0, r10)
	r0 = xchg_64(r9 + 21703, r0)
	r5 = xchg_64(r0 - 11, r5)
	r0 = cmpxchg_64(r10 + 0, r0, r10)
	r0 = cmpxchg_64(r9 + 21703, r0, r0)
	r0 = cmpxchg_64(r0 - 11, r0, r5)
	lock *(u32 *)(r10 + 0) += w10
	lock *(u32 *)(r9 + 21703) += w0
	lock *(u32 *)(r0 - 11) += w5
	lock *(u32 *)(r10 + 0) |= w10
	lock *(u32 *)(r9 + 21703) |= w0
	lock *(u32 *)(r0 - 11) |= w5
	lock *(u32 *)(r10 + 0) &= w10
	lock *(u32 *)(r9 + 21703) &= w0
	lock *(u32 *)(r0 - 11) &= w5
	lock *(u32 *)(r10 + 0) ^= w10
	lock *(u32 *)(r9 + 21703) ^= w0
	lock *(u32 *)(r0 - 11) ^= w5
	w10 = atomic_fetch_add((u32 *)(r10 + 0), w10)
	w0 = atomic_fetch_add((u32 *)(r9 + 21703), w0)
	w5 = atomic_fetch_add((u32 *)(r0 - 11), w5)
	w10 = atomic_fetch_or((u32 *)(r10 + 0), w10)
	w0 = atomic_fetch_or((u32 *)(r9 + 21703), w0)
	w5 = atomic_fetch_or((u32 *)(r0 - 11), w5)
	w10 = atomic_fetch_and((u32 *)(r10 + 0), w10)
	w0 = atomic_fetch_and((u32 *)(r9 + 21703), w0)
	w5 = atomic_fetch_and((u32 *)(r0 - 11), w5)
	w10 = atomic_fetch_xor((u32 *)(r10 + 0), w10)
	w0 = atomic_fetch_xor((u32 *)(r9 + 21703), w0)
	w5 = atomic_fetch_xor((u32 *)(r0 - 11), w5)
	w10 = xchg32_32(r10 + 0, w10)
	w0 = xchg32_32(r9 + 21703, w0)
	w5 = xchg32_32(r0 - 11, w5)
	w0 = cmpxchg32_32(r10 + 0, w0, w10)
	w0 = cmpxchg32_32(r9 + 21703, w0, w0)
	w0 = cmpxchg32_32(r0 - 11, w0, w5)
	w10 = load_acquire((u8 *)(r5 - 4))
	w9 = load_acquire((u8 *)(r5 - 256))
	w0 = load_acquire((u8 *)(r0 + 32767))
	w10 = load_acquire((u16 *)(r5 - 4))
	w9 = load_acquire((u16 *)(r5 - 256))
	w0 = load_acquire((u16 *)(r0 + 32767))
	w10 = load_acquire((u32 *)(r5 - 4))
	w9 = load_acquire((u32 *)(r5 - 256))
	w0 = load_acquire((u32 *)(r0 + 32767))
	r10 = load_acquire((u64 *)(r5 - 4))
	r9 = load_acquire((u64 *)(r5 - 256))
	r0 = load_acquire((u64 *)(r0 + 32767))
	store_release((u8 *)(r10 + 0), w10)
	store_release((u8 *)(r9 + 21703), w0)
	store_release((u8 *)(r0 - 11), w5)
	store_release((u16 *)(r10 + 0), w10)
	store_release((u16 *)(r9 + 21703), w0)
	store_release((u16 *)(r0 - 11), w5)
	store_release((u32 *)(r10 + 0), w10)
	store_release((u32 *)(r9 + 21703), w0)
	store_release((u32 *)(r0 - 11), w5)
	store_release((u64 *)(r10 + 0), r10)
	store_release((u64 *)(r9 + 21703), r0)
	store_release((u64 *)(r0 - 11), r5)
	goto -32768
	goto +32766
	goto +0
	.quad 0x8000000000000006	# gotol -2147483648
	.quad 0x7fffffff00000006	# gotol +2147483647
	gotol +0
	gotox r10
	gotox r9
	gotox r0
	may_goto -32768
	may_goto +32766
	may_goto +0
	if r10 == 1915845736 goto +0
	if r9 == 1278262202 goto -4
	if r0 == 1 goto -32768
	if r5 == r10 goto -32768
	if r0 == r1 goto +0
	if r2 == r1 goto -10978
	if r10 != 1915845736 goto +0
	if r9 != 1278262202 goto -4
	if r0 != 1 goto -32768
	if r5 != r10 goto -32768
	if r0 != r1 goto +0
	if r2 != r1 goto -10978
	if r10 > 1915845736 goto +0
	if r9 > 1278262202 goto -4
	if r0 > 1 goto -32768
	if r5 > r10 goto -32768
	if r0 > r1 goto +0
	if r2 > r1 goto -10978
	if r10 >= 1915845736 goto +0
	if r9 >= 1278262202 goto -4
	if r0 >= 1 goto -32768
	if r5 >= r10 goto -32768
	if r0 >= r1 goto +0
	if r2 >= r1 goto -10978
	if r10 < 1915845736 goto +0
	if r9 < 1278262202 goto -4
	if r0 < 1 goto -32768
	if r5 < r10 goto -32768
	if r0 < r1 goto +0
	if r2 < r1 goto -10978
	if r10 <= 1915845736 goto +0
	if r9 <= 1278262202 goto -4
	if r0 <= 1 goto -32768
	if r5 <= r10 goto -32768
	if r0 <= r1 goto +0
	if r2 <= r1 goto -10978
	if r10 s> 1915845736 goto +0
	if r9 s> 1278262202 goto -4
	if r0 s> 1 goto -32768
	if r5 s> r10 goto -32768
	if r0 s> r1 goto +0
	if r2 s> r1 goto -10978
	if r10 s>= 1915845736 goto +0
	if r9 s>= 1278262202 goto -4
	if r0 s>= 1 goto -32768
	if r5 s>= r10 goto -32768
	if r0 s>= r1 goto +0
	if r2 s>= r1 goto -10978
	if r10 s< 1915845736 goto +0
	if r9 s< 1278262202 goto -4
	if r0 s< 1 goto -32768
	if r5 s< r10 goto -32768
	if r0 s< r1 goto +0
	if r2 s< r1 goto -10978
	if r10 s<= 1915845736 goto +0
	if r9 s<= 1278262202 goto -4
	if r0 s<= 1 goto -32768
	if r5 s<= r10 goto -32768
	if r0 s<= r1 goto +0
	if r2 s<= r1 goto -10978
	if r10 & 1915845736 goto +0
	if r9 & 1278262202 goto -4
	if r0 & 1 goto -32768
	if r5 & r10 goto -32768
	if r0 & r1 goto +0
	if r2 & r1 goto -10978
	if w10 == 1915845736 goto +0
	if w9 == 1278262202 goto -4
	if w0 == 1 goto -32768
	if w5 == w10 goto -32768
	if w0 == w1 goto +0
	if w2 == w1 goto -10978
	if w10 != 1915845736 goto +0
	if w9 != 1278262202 goto -4
	if w0 != 1 goto -32768
	if w5 != w10 goto -32768
	if w0 != w1 goto +0
	if w2 != w1 goto -10978
	if w10 > 1915845736 goto +0
	if w9 > 1278262202 goto -4
	if w0 > 1 goto -32768
	if w5 > w10 goto -32768
	if w0 > w1 goto +0
	if w2 > w1 goto -10978
	if w10 >= 1915845736 goto +0
	if w9 >= 1278262202 goto -4
	if w0 >= 1 goto -32768
	if w5 >= w10 goto -32768
	if w0 >= w1 goto +0
	if w2 >= w1 goto -10978
	if w10 < 1915845736 goto +0
	if w9 < 1278262202 goto -4
	if w0 < 1 goto -32768
	if w5 < w10 goto -32768
	if w0 < w1 goto +0
	if w2 < w1 goto -10978
	if w10 <= 1915845736 goto +0
	if w9 <= 1278262202 goto -4
	if w0 <= 1 goto -32768
	if w5 <= w10 goto -32768
	if w0 <= w1 goto +0
	if w2 <= w1 goto -10978
	if w10 s> 1915845736 goto +0
	if w9 s> 1278262202 goto -4
	if w0 s> 1 goto -32768
	if w5 s> w10 goto -32768
	if w0 s> w1 goto +0
	if w2 s> w1 goto -10978
	if w10 s>= 1915845736 goto +0
	if w9 s>= 1278262202 goto -4
	if w0 s>= 1 goto -32768
	if w5 s>= w10 goto -32768
	if w0 s>= w1 goto +0
	if w2 s>= w1 goto -10978
	if w10 s< 1915845736 goto +0
	if w9 s< 1278262202 goto -4
	if w0 s< 1 goto -32768
	if w5 s< w10 goto -32768
	if w0 s< w1 goto +0
	if w2 s< w1 goto -10978
	if w10 s<= 1915845736 goto +0
	if w9 s<= 1278262202 goto -4
	if w0 s<= 1 goto -32768
	if w5 s<= w10 goto -32768
	if w0 s<= w1 goto +0
	if w2 s<= w1 goto -10978
	if w10 & 1915845736 goto +0
	if w9 & 1278262202 goto -4
	if w0 & 1 goto -32768
	if w5 & w10 goto -32768
	if w0 & w1 goto +0
	if w2 & w1 goto -10978
	call -129
	call -2147483648
	call 7
	.quad 0x8000000000001085	# call -2147483648
	.quad 0x7fffffff00001085	# call 2147483647
	.quad 0x1085	# call 0
	.quad 0xffffff7f00012085	# call -129
	.quad 0x8000000054c72085	# call -2147483648
	.quad 0x7fff52085	# call 7
	callx r10
	callx r9
	callx r0
	exit
	r0 = *(u8 *)skb[-129]
	r0 = *(u8 *)skb[-2147483648]
	r0 = *(u8 *)skb[7]
	r0 = *(u16 *)skb[-129]
	r0 = *(u16 *)skb[-2147483648]
	r0 = *(u16 *)skb[7]
	r0 = *(u32 *)skb[-129]
	r0 = *(u32 *)skb[-2147483648]
	r0 = *(u32 *)skb[7]
	r0 = *(u8 *)skb[r6]
	r0 = *(u8 *)skb[r5]
	r0 = *(u8 *)skb[r9]
	r0 = *(u16 *)skb[r6]
	r0 = *(u16 *)skb[r5]
	r0 = *(u16 *)skb[r9]
	r0 = *(u32 *)skb[r6]
	r0 = *(u32 *)skb[r5]
	r0 = *(u32 *)skb[r9]
