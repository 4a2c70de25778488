	.file	"sockops.c"
	.text
	.globl	tune                            # -- Begin function tune
	.p2align	3
	.type	tune,@function
tune:                                   # @tune
# %bb.0:
	r6 = r1
	r1 = *(u32 *)(r6 + 4)
	call pick
	*(u32 *)(r10 - 4) = r0
	r4 = r10
	r4 += -4
	r1 = r6
	r2 = 1
	r3 = 7
	r5 = 4
	call 49
	exit
.Lfunc_end0:
	.size	tune, .Lfunc_end0-tune
                                        # -- End function
	.p2align	3                               # -- Begin function pick
	.type	pick,@function
pick:                                   # @pick
# %bb.0:
	r6 = r1
	r1 <<= 32
	r1 >>= 32
	*(u64 *)(r10 - 8) = r1
	r3 = r10
	r3 += -8
	r1 = r6
	r2 = step ll
	r4 = 0
	call 181
	r6 &= 3
	r6 <<= 2
	r1 = limits ll
	r1 += r6
	r0 = *(u32 *)(r1 + 0)
	r1 = *(u64 *)(r10 - 8)
	r1 /= 3
	r0 += r1
	exit
.Lfunc_end1:
	.size	pick, .Lfunc_end1-pick
                                        # -- End function
	.section	sockops,"ax",@progbits
	.globl	account                         # -- Begin function account
	.p2align	3
	.type	account,@function
account:                                # @account
# %bb.0:
	r7 = r1
	r1 = *(u32 *)(r7 + 24)
	*(u32 *)(r10 - 8) = r1
	r1 = *(u32 *)(r7 + 68)
	*(u16 *)(r10 - 4) = r1
	r8 = 0
	*(u16 *)(r10 - 2) = r8
	r2 = r10
	r2 += -8
	r1 = flows ll
	call 1
	r1 = seen ll
	r2 = *(u64 *)(r1 + 0)
	r2 += 1
	*(u64 *)(r1 + 0) = r2
	r1 = 4294967291 ll
	*(u64 *)(r10 - 16) = r1
	*(u64 *)(r10 - 24) = r8
	r6 = 1
	*(u64 *)(r10 - 32) = r6
	if r0 != 0 goto LBB2_3
# %bb.1:
	r2 = r10
	r2 += -8
	r3 = r10
	r3 += -32
	r1 = flows ll
	r4 = 1
	call 2
	if r0 == 0 goto LBB2_8
# %bb.2:
	r6 = 0
	goto LBB2_8
LBB2_3:
	r1 = 1
	lock *(u64 *)(r0 + 0) += r1
	r1 = *(u64 *)(r0 + 0)
	if r1 == 7 goto LBB2_5
# %bb.4:
	r1 = *(u32 *)(r7 + 80)
	r8 = *(u64 *)(r0 + 8)
	r8 |= r1
LBB2_5:
	*(u64 *)(r0 + 8) = r8
	r1 = *(u32 *)(r0 + 16)
	r1 <<= 48
	r1 s>>= 48
	r1 <<= 32
	r1 >>= 32
	r2 = *(u32 *)(r7 + 76)
	r2 |= 1
	r2 <<= 32
	r2 >>= 32
	r1 %= r2
	*(u32 *)(r0 + 16) = r1
	r1 <<= 32
	r1 s>>= 32
	r2 = *(u32 *)(r7 + 80)
	r2 <<= 32
	r2 s>>= 32
	if r2 s>= r1 goto LBB2_8
# %bb.6:
	r2 = mode ll
	r2 = *(u32 *)(r2 + 0)
	r3 = 2
	if r3 > r2 goto LBB2_8
# %bb.7:
	r8 = be64 r8
	r2 = *(u32 *)(r7 + 68)
	r2 = be16 r2
	r8 ^= r2
	r1 += r8
	*(u32 *)(r0 + 16) = r1
LBB2_8:
	r0 = r6
	exit
.Lfunc_end2:
	.size	account, .Lfunc_end2-account
                                        # -- End function
	.section	"sockops/second","ax",@progbits
	.globl	second                          # -- Begin function second
	.p2align	3
	.type	second,@function
second:                                 # @second
# %bb.0:
	r6 = r1
	r3 = *(u32 *)(r6 + 0)
	if r3 s> 5 goto LBB3_3
# %bb.1:
	r1 = r3
	r1 += -4
	r2 = 2
	if r2 > r1 goto LBB3_8
# %bb.2:
	if r3 == 1 goto LBB3_5
	goto LBB3_12
LBB3_5:
	r1 = 100
	r2 = mode ll
	r2 = *(u32 *)(r2 + 0)
	if r2 != 0 goto LBB3_7
# %bb.6:
	r1 = limits ll
	r1 = *(u32 *)(r1 + 4)
LBB3_7:
	*(u32 *)(r6 + 4) = r1
	goto LBB3_13
LBB3_3:
	if r3 == 6 goto LBB3_9
# %bb.4:
	if r3 == 9 goto LBB3_10
	goto LBB3_12
LBB3_10:
	r1 = bpf_sock_ops_enable_tx_tstamp ll
	if r1 == 0 goto LBB3_13
# %bb.11:
	r1 = r6
	r2 = 0
	call bpf_sock_ops_enable_tx_tstamp
	goto LBB3_13
LBB3_8:
	r1 = r6
	call tune
	goto LBB3_13
LBB3_9:
	r1 = r6
	r2 = 6
	r3 = 13
	r4 = name ll
	r5 = 16
	call 49
	goto LBB3_13
LBB3_12:
	r1 = seen ll
	r4 = *(u64 *)(r1 + 0)
	r1 = second.fmt ll
	r2 = 12
	call 6
LBB3_13:
	r1 = 0
	r2 = *(u32 *)(r6 + 20)
	goto LBB3_15
LBB3_14:                                #   in Loop: Header=BB3_15 Depth=1
	r0 = 1
	r1 += 1
	if r1 == 100 goto LBB3_16
LBB3_15:                                # =>This Inner Loop Header: Depth=1
	r3 = table ll
	r3 += r1
	r3 = *(u8 *)(r3 + 0)
	r0 = 0
	if r2 != r3 goto LBB3_14
LBB3_16:
	exit
.Lfunc_end3:
	.size	second, .Lfunc_end3-second
                                        # -- End function
	.text
	.p2align	3                               # -- Begin function step
	.type	step,@function
step:                                   # @step
# %bb.0:
	r3 = r1
	r3 <<= 32
	r3 >>= 32
	r3 *= 458129845
	r3 >>= 37
	r3 *= 300
	r1 -= r3
	r1 <<= 32
	r1 >>= 32
	r3 = table ll
	r3 += r1
	r1 = *(u8 *)(r3 + 0)
	r3 = *(u64 *)(r2 + 0)
	r3 += r1
	*(u64 *)(r2 + 0) = r3
	r0 = 0
	exit
.Lfunc_end4:
	.size	step, .Lfunc_end4-step
                                        # -- End function
	.type	limits,@object                  # @limits
	.section	.rodata,"a",@progbits
	.globl	limits
	.p2align	2, 0x0
limits:
	.long	10                              # 0xa
	.long	20                              # 0x14
	.long	0                               # 0x0
	.long	40                              # 0x28
	.size	limits, 16

	.type	mode,@object                    # @mode
	.data
	.globl	mode
	.p2align	2, 0x0
mode:
	.long	3                               # 0x3
	.size	mode, 4

	.type	flows,@object                   # @flows
	.section	.maps,"aw",@progbits
	.globl	flows
	.p2align	3, 0x0
flows:
	.zero	32
	.size	flows, 32

	.type	.L__const.account.fresh,@object # @__const.account.fresh
	.section	.rodata,"a",@progbits
	.p2align	3, 0x0
.L__const.account.fresh:
	.quad	1                               # 0x1
	.quad	0                               # 0x0
	.long	4294967291                      # 0xfffffffb
	.zero	4
	.size	.L__const.account.fresh, 24

	.type	seen,@object                    # @seen
	.section	.bss,"aw",@nobits
	.globl	seen
	.p2align	3, 0x0
seen:
	.quad	0                               # 0x0
	.size	seen, 8

	.type	second.fmt,@object              # @second.fmt
	.section	.rodata,"a",@progbits
second.fmt:
	.asciz	"op %d \"%d\"\n"
	.size	second.fmt, 12

	.type	name,@object                    # @name
	.data
name:
	.asciz	"reno\t\"x\"\000\000\000\000\000\000\000"
	.size	name, 16

	.type	table,@object                   # @table
	.section	.rodata,"a",@progbits
table:
	.ascii	"\001\002\003\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\t"
	.size	table, 300

	.type	_license,@object                # @_license
	.section	license,"aw",@progbits
	.globl	_license
_license:
	.asciz	"GPL"
	.size	_license, 4

	.type	events,@object                  # @events
	.section	.maps,"aw",@progbits
	.globl	events
	.p2align	3, 0x0
events:
	.zero	16
	.size	events, 16

	.weak	bpf_sock_ops_enable_tx_tstamp
	.addrsig
	.addrsig_sym account
	.addrsig_sym second
	.addrsig_sym bpf_sock_ops_enable_tx_tstamp
	.addrsig_sym step
	.addrsig_sym limits
	.addrsig_sym flows
	.addrsig_sym seen
	.addrsig_sym second.fmt
	.addrsig_sym name
	.addrsig_sym _license
	.addrsig_sym events
