	.file	"sockops.c"
	.file	0 "/src" "sockops.c" md5 0x88d81ad31acd7f6c8a3db29fc90916ec
	.text
	.globl	tune                            # -- Begin function tune
	.p2align	3
	.type	tune,@function
tune:                                   # @tune
.Lfunc_begin0:
	.loc	0 32 0                          # sockops.c:32:0
	.cfi_sections .debug_frame
	.cfi_startproc
# %bb.0:
	#DEBUG_VALUE: tune:s <- $r1
	r6 = r1
.Ltmp0:
.Ltmp1:
	#DEBUG_VALUE: tune:s <- $r6
	.loc	0 32 78 prologue_end            # sockops.c:32:78
.Ltmp2:
	w1 = *(u32 *)(r6 + 4)
	.loc	0 32 70 is_stmt 0               # sockops.c:32:70
.Ltmp3:
	call pick
.Ltmp4:
	.loc	0 32 66 is_stmt 1               # sockops.c:32:66
.Ltmp5:
	*(u32 *)(r10 - 4) = w0
	r4 = r10
	r4 += -4
	.loc	0 32 98                         # sockops.c:32:98
.Ltmp6:
	r1 = r6
	w2 = 1
	w3 = 7
	w5 = 4
	call 49
.Ltmp7:
                                        # kill: def $w0 killed $w0 killed $r0
	.loc	0 32 91                         # sockops.c:32:91
.Ltmp8:
	exit
.Ltmp9:
.Ltmp10:
.Lfunc_end0:
	.size	tune, .Lfunc_end0-tune
	.cfi_endproc
                                        # -- End function
	.p2align	3                               # -- Begin function pick
	.type	pick,@function
pick:                                   # @pick
.Lfunc_begin1:
	.loc	0 31 0                          # sockops.c:31:0
	.cfi_startproc
# %bb.0:
	#DEBUG_VALUE: pick:a <- $w1
	w6 = w1
.Ltmp11:
.Ltmp12:
	#DEBUG_VALUE: pick:a <- $w6
	.loc	0 31 86 prologue_end            # sockops.c:31:86
.Ltmp13:
	r1 = w6
	.loc	0 31 80 is_stmt 0               # sockops.c:31:80
.Ltmp14:
	*(u64 *)(r10 - 8) = r1
	r3 = r10
	r3 += -8
	.loc	0 31 89                         # sockops.c:31:89
.Ltmp15:
	w1 = w6
	r2 = step ll
	r4 = 0
	call 181
.Ltmp16:
	.loc	0 31 139 is_stmt 1              # sockops.c:31:139
.Ltmp17:
	w6 &= 3
.Ltmp18:
.Ltmp19:
	.loc	0 31 130 is_stmt 0              # sockops.c:31:130
.Ltmp20:
	r6 <<= 2
	r1 = limits ll
	r1 += r6
	w0 = *(u32 *)(r1 + 0)
	.loc	0 31 120                        # sockops.c:31:120
.Ltmp21:
	r1 = *(u64 *)(r10 - 8)
	.loc	0 31 124                        # sockops.c:31:124
.Ltmp22:
	r1 /= 3
	.loc	0 31 120                        # sockops.c:31:120
.Ltmp23:
	w0 += w1
	.loc	0 31 113                        # sockops.c:31:113
.Ltmp24:
	exit
.Ltmp25:
.Ltmp26:
.Lfunc_end1:
	.size	pick, .Lfunc_end1-pick
	.cfi_endproc
                                        # -- End function
	.section	sockops,"ax",@progbits
	.globl	account                         # -- Begin function account
	.p2align	3
	.type	account,@function
account:                                # @account
.Lfunc_begin2:
	.loc	0 33 0 is_stmt 1                # sockops.c:33:0
	.cfi_startproc
# %bb.0:
	#DEBUG_VALUE: account:s <- $r1
	r6 = r1
.Ltmp27:
.Ltmp28:
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 34 23 prologue_end            # sockops.c:34:23
.Ltmp29:
	w1 = *(u32 *)(r6 + 24)
	.loc	0 34 18 is_stmt 0               # sockops.c:34:18
.Ltmp30:
	*(u32 *)(r10 - 8) = w1
	.loc	0 34 43                         # sockops.c:34:43
.Ltmp31:
	w1 = *(u32 *)(r6 + 68)
	.loc	0 34 18                         # sockops.c:34:18
.Ltmp32:
	*(u16 *)(r10 - 4) = w1
	*(u16 *)(r10 - 2) = 0
	r2 = r10
	r2 += -8
	.loc	0 35 21 is_stmt 1               # sockops.c:35:21
.Ltmp33:
	r1 = flows ll
	call 1
.Ltmp34:
	.loc	0 35 21                         # sockops.c:35:21
	r1 = r0
.Ltmp35:
.Ltmp36:
	#DEBUG_VALUE: account:v <- $r1
	.loc	0 36 7                          # sockops.c:36:7
.Ltmp37:
	r2 = seen ll
	r3 = *(u64 *)(r2 + 0)
.Ltmp38:
	r3 += 1
.Ltmp39:
	*(u64 *)(r2 + 0) = r3
	r2 = 4294967291 ll
	.loc	0 35 41                         # sockops.c:35:41
.Ltmp40:
	*(u64 *)(r10 - 16) = r2
	*(u64 *)(r10 - 24) = 0
	*(u64 *)(r10 - 32) = 1
.Ltmp41:
	.loc	0 37 7                          # sockops.c:37:7
.Ltmp42:
.Ltmp43:
	if r1 != 0 goto LBB2_3
.Ltmp44:
.Ltmp45:
# %bb.1:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 0 7 is_stmt 0                 # sockops.c:0:7
	r2 = r10
	r2 += -8
	r3 = r10
	r3 += -32
	.loc	0 37 18 is_stmt 1               # sockops.c:37:18
.Ltmp46:
	r1 = flows ll
.Ltmp47:
.Ltmp48:
	r4 = 1
	call 2
.Ltmp49:
	.loc	0 37 18                         # sockops.c:37:18
	r1 = r0
	w0 = 1
	.loc	0 37 48 is_stmt 0               # sockops.c:37:48
.Ltmp50:
	if r1 == 0 goto LBB2_10
.Ltmp51:
.Ltmp52:
# %bb.2:
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 0 48                          # sockops.c:0:48
	w0 = 0
	goto LBB2_10
.Ltmp53:
.Ltmp54:
LBB2_3:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	r2 = 1
	.loc	0 38 3                          # sockops.c:38:3
.Ltmp55:
	r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)
	.loc	0 38 73                         # sockops.c:38:73
.Ltmp56:
	w2 = *(u32 *)(r6 + 80)
	.loc	0 38 39                         # sockops.c:38:39
.Ltmp57:
	r2 = atomic_fetch_or((u64 *)(r1 + 8), r2)
	r2 = 8
.Ltmp58:
	.loc	0 39 7                          # sockops.c:39:7
.Ltmp59:
.Ltmp60:
	r0 = 7
	r0 = cmpxchg_64(r1 + 0, r0, r2)
	w2 = 1
	if r0 == 7 goto LBB2_5
.Ltmp61:
.Ltmp62:
# %bb.4:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 0 7                           # sockops.c:0:7
	w2 = 0
.Ltmp63:
.Ltmp64:
LBB2_5:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 39 37 is_stmt 1               # sockops.c:39:37
.Ltmp65:
	if w2 != 1 goto LBB2_7
.Ltmp66:
.Ltmp67:
# %bb.6:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 0 37 is_stmt 0                # sockops.c:0:37
	r2 = 0
	.loc	0 39 43                         # sockops.c:39:43
.Ltmp68:
	r2 = xchg_64(r1 + 8, r2)
.Ltmp69:
.Ltmp70:
LBB2_7:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 40 50 is_stmt 1               # sockops.c:40:50
.Ltmp71:
	w3 = *(u32 *)(r6 + 76)
	.loc	0 40 59 is_stmt 0               # sockops.c:40:59
.Ltmp72:
	w3 |= 1
	.loc	0 40 31                         # sockops.c:40:31
.Ltmp73:
	w2 = *(u32 *)(r1 + 16)
	.loc	0 40 12                         # sockops.c:40:12
.Ltmp74:
	w2 = (s16)w2
	.loc	0 40 36                         # sockops.c:40:36
.Ltmp75:
	w2 s%= w3
	.loc	0 40 10                         # sockops.c:40:10
.Ltmp76:
	*(u32 *)(r1 + 16) = w2
	w0 = 1
.Ltmp77:
	.loc	0 41 15 is_stmt 1               # sockops.c:41:15
.Ltmp78:
.Ltmp79:
	w3 = *(u32 *)(r6 + 80)
	.loc	0 41 32 is_stmt 0               # sockops.c:41:32
.Ltmp80:
	if w3 s>= w2 goto LBB2_10
.Ltmp81:
.Ltmp82:
# %bb.8:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 0 32                          # sockops.c:0:32
	r3 = mode ll
	w3 = *(u32 *)(r3 + 0)
	.loc	0 41 32 is_stmt 1               # sockops.c:41:32
	if w3 < 2 goto LBB2_10
.Ltmp83:
.Ltmp84:
# %bb.9:
	#DEBUG_VALUE: account:v <- $r1
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 41 111                        # sockops.c:41:111
.Ltmp85:
	r3 = *(u64 *)(r1 + 8)
	.loc	0 41 90 is_stmt 0               # sockops.c:41:90
.Ltmp86:
	r3 = bswap64 r3
	.loc	0 41 55                         # sockops.c:41:55
.Ltmp87:
	w4 = *(u32 *)(r6 + 68)
	r4 = bswap16 r4
	.loc	0 41 88                         # sockops.c:41:88
.Ltmp88:
	w3 ^= w4
	.loc	0 41 52                         # sockops.c:41:52
.Ltmp89:
	w2 += w3
.Ltmp90:
	*(u32 *)(r1 + 16) = w2
.Ltmp91:
.Ltmp92:
LBB2_10:
	#DEBUG_VALUE: account:s <- $r6
	.loc	0 43 1 is_stmt 1                # sockops.c:43:1
.Ltmp93:
	exit
.Ltmp94:
.Ltmp95:
.Lfunc_end2:
	.size	account, .Lfunc_end2-account
	.cfi_endproc
                                        # -- End function
	.section	"sockops/second","ax",@progbits
	.globl	second                          # -- Begin function second
	.p2align	3
	.type	second,@function
second:                                 # @second
.Lfunc_begin3:
	.loc	0 44 0                          # sockops.c:44:0
	.cfi_startproc
# %bb.0:
	#DEBUG_VALUE: second:s <- $r1
	r6 = r1
.Ltmp96:
.Ltmp97:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 14 prologue_end            # sockops.c:46:14
.Ltmp98:
	w3 = *(u32 *)(r6 + 0)
	.loc	0 46 3 is_stmt 0                # sockops.c:46:3
.Ltmp99:
	if w3 s> 5 goto LBB3_3
.Ltmp100:
.Ltmp101:
# %bb.1:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 3 is_stmt 1                # sockops.c:46:3
	w1 = w3
	w1 += -4
	if w1 < 2 goto LBB3_8
.Ltmp102:
.Ltmp103:
# %bb.2:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 3                          # sockops.c:46:3
	if w3 == 1 goto LBB3_5
	goto LBB3_12
.Ltmp104:
.Ltmp105:
LBB3_5:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 0 3 is_stmt 0                 # sockops.c:0:3
	w1 = 100
.Ltmp106:
	.loc	0 46 39 is_stmt 1               # sockops.c:46:39
.Ltmp107:
.Ltmp108:
	r2 = mode ll
	w2 = *(u32 *)(r2 + 0)
.Ltmp109:
	if w2 != 0 goto LBB3_7
.Ltmp110:
.Ltmp111:
# %bb.6:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 52 is_stmt 0               # sockops.c:46:52
.Ltmp112:
	r1 = limits ll
	w1 = *(u32 *)(r1 + 4)
.Ltmp113:
.Ltmp114:
LBB3_7:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 37 is_stmt 1               # sockops.c:46:37
.Ltmp115:
	*(u32 *)(r6 + 4) = w1
	.loc	0 46 63                         # sockops.c:46:63
.Ltmp116:
	goto LBB3_13
.Ltmp117:
.Ltmp118:
LBB3_3:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 3                          # sockops.c:46:3
.Ltmp119:
	if w3 == 6 goto LBB3_9
.Ltmp120:
.Ltmp121:
# %bb.4:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 3                          # sockops.c:46:3
	if w3 == 9 goto LBB3_10
	goto LBB3_12
.Ltmp122:
.Ltmp123:
LBB3_10:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 47 17                         # sockops.c:47:17
.Ltmp124:
	r1 = bpf_sock_ops_enable_tx_tstamp ll
.Ltmp125:
	if r1 == 0 goto LBB3_13
.Ltmp126:
.Ltmp127:
# %bb.11:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 47 48                         # sockops.c:47:48
.Ltmp128:
	r1 = r6
	r2 = 0
	call bpf_sock_ops_enable_tx_tstamp
.Ltmp129:
	goto LBB3_13
.Ltmp130:
.Ltmp131:
LBB3_8:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 86                         # sockops.c:46:86
.Ltmp132:
	r1 = r6
	call tune
.Ltmp133:
	.loc	0 46 95                         # sockops.c:46:95
.Ltmp134:
	goto LBB3_13
.Ltmp135:
.Ltmp136:
LBB3_9:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 46 110                        # sockops.c:46:110
.Ltmp137:
	r1 = r6
	w2 = 6
	w3 = 13
	r4 = name ll
	w5 = 16
	call 49
.Ltmp138:
	.loc	0 46 151                        # sockops.c:46:151
.Ltmp139:
	goto LBB3_13
.Ltmp140:
.Ltmp141:
LBB3_12:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 47 137                        # sockops.c:47:137
.Ltmp142:
	r1 = seen ll
	r4 = *(u64 *)(r1 + 0)
	.loc	0 47 101 is_stmt 0              # sockops.c:47:101
.Ltmp143:
	r1 = second.fmt ll
	w2 = 12
                                        # kill: def $w4 killed $w4 killed $r4
	call 6
.Ltmp144:
.Ltmp145:
LBB3_13:
	#DEBUG_VALUE: second:s <- $r6
	#DEBUG_VALUE: i <- 0
	.loc	0 0 101                         # sockops.c:0:101
	r1 = 0
	w2 = *(u32 *)(r6 + 20)
.Ltmp146:
	.loc	0 48 3 is_stmt 1                # sockops.c:48:3
.Ltmp147:
.Ltmp148:
	goto LBB3_15
.Ltmp149:
.Ltmp150:
LBB3_14:                                #   in Loop: Header=BB3_15 Depth=1
	#DEBUG_VALUE: i <- [DW_OP_plus_uconst 1, DW_OP_stack_value] $r1
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 0 3 is_stmt 0                 # sockops.c:0:3
	w0 = 1
.Ltmp151:
	.loc	0 48 29 is_stmt 1               # sockops.c:48:29
.Ltmp152:
.Ltmp153:
	r1 += 1
.Ltmp154:
.Ltmp155:
	#DEBUG_VALUE: i <- $r1
	.loc	0 48 3                          # sockops.c:48:3
.Ltmp156:
	if r1 == 100 goto LBB3_16
.Ltmp157:
.Ltmp158:
LBB3_15:                                # =>This Inner Loop Header: Depth=1
	#DEBUG_VALUE: second:s <- $r6
	#DEBUG_VALUE: i <- $r1
	.loc	0 48 37                         # sockops.c:48:37
.Ltmp159:
	r3 = table ll
	r3 += r1
	w0 = 0
	w3 = *(u8 *)(r3 + 0)
.Ltmp160:
.Ltmp161:
	#DEBUG_VALUE: i <- [DW_OP_plus_uconst 1, DW_OP_stack_value] $r1
	.loc	0 48 46 is_stmt 0               # sockops.c:48:46
.Ltmp162:
	if w2 != w3 goto LBB3_14
.Ltmp163:
.Ltmp164:
LBB3_16:
	#DEBUG_VALUE: second:s <- $r6
	.loc	0 50 1 is_stmt 1                # sockops.c:50:1
.Ltmp165:
	exit
.Ltmp166:
.Ltmp167:
.Lfunc_end3:
	.size	second, .Lfunc_end3-second
	.cfi_endproc
                                        # -- End function
	.text
	.p2align	3                               # -- Begin function step
	.type	step,@function
step:                                   # @step
.Lfunc_begin4:
	.cfi_startproc
# %bb.0:
	#DEBUG_VALUE: step:i <- $w1
	#DEBUG_VALUE: step:ctx <- $r2
                                        # kill: def $w1 killed $w1 def $r1
	.loc	0 30 61 prologue_end            # sockops.c:30:61
.Ltmp168:
	r3 = w1
	r3 *= 458129845
	r3 >>= 37
	w3 *= 300
	w1 -= w3
.Ltmp169:
.Ltmp170:
	.loc	0 30 53 is_stmt 0               # sockops.c:30:53
.Ltmp171:
	r3 = table ll
	r3 += r1
	w1 = *(u8 *)(r3 + 0)
	.loc	0 30 50                         # sockops.c:30:50
.Ltmp172:
	r3 = *(u64 *)(r2 + 0)
.Ltmp173:
	r3 += r1
.Ltmp174:
	*(u64 *)(r2 + 0) = r3
	.loc	0 30 69 is_stmt 1               # sockops.c:30:69
.Ltmp175:
	r0 = 0
	exit
.Ltmp176:
.Ltmp177:
.Lfunc_end4:
	.size	step, .Lfunc_end4-step
	.cfi_endproc
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

	.section	.debug_loclists,"",@progbits
	.long	.Ldebug_list_header_end0-.Ldebug_list_header_start0 # Length
.Ldebug_list_header_start0:
	.short	5                               # Version
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
	.long	7                               # Offset entry count
.Lloclists_table_base0:
	.long	.Ldebug_loc0-.Lloclists_table_base0
	.long	.Ldebug_loc1-.Lloclists_table_base0
	.long	.Ldebug_loc2-.Lloclists_table_base0
	.long	.Ldebug_loc3-.Lloclists_table_base0
	.long	.Ldebug_loc4-.Lloclists_table_base0
	.long	.Ldebug_loc5-.Lloclists_table_base0
	.long	.Ldebug_loc6-.Lloclists_table_base0
.Ldebug_loc0:
	.byte	1                               # DW_LLE_base_addressx
	.byte	9                               #   base address index
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Lfunc_begin0-.Lfunc_begin0    #   starting offset
	.uleb128 .Ltmp0-.Lfunc_begin0           #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp0-.Lfunc_begin0           #   starting offset
	.uleb128 .Lfunc_end0-.Lfunc_begin0      #   ending offset
	.byte	1                               # Loc expr size
	.byte	86                              # DW_OP_reg6
	.byte	0                               # DW_LLE_end_of_list
.Ldebug_loc1:
	.byte	1                               # DW_LLE_base_addressx
	.byte	9                               #   base address index
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Lfunc_begin1-.Lfunc_begin0    #   starting offset
	.uleb128 .Ltmp11-.Lfunc_begin0          #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp11-.Lfunc_begin0          #   starting offset
	.uleb128 .Ltmp18-.Lfunc_begin0          #   ending offset
	.byte	1                               # Loc expr size
	.byte	86                              # DW_OP_reg6
	.byte	0                               # DW_LLE_end_of_list
.Ldebug_loc2:
	.byte	1                               # DW_LLE_base_addressx
	.byte	12                              #   base address index
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Lfunc_begin2-.Lfunc_begin2    #   starting offset
	.uleb128 .Ltmp27-.Lfunc_begin2          #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp27-.Lfunc_begin2          #   starting offset
	.uleb128 .Lfunc_end2-.Lfunc_begin2      #   ending offset
	.byte	1                               # Loc expr size
	.byte	86                              # DW_OP_reg6
	.byte	0                               # DW_LLE_end_of_list
.Ldebug_loc3:
	.byte	1                               # DW_LLE_base_addressx
	.byte	12                              #   base address index
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp35-.Lfunc_begin2          #   starting offset
	.uleb128 .Ltmp47-.Lfunc_begin2          #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp53-.Lfunc_begin2          #   starting offset
	.uleb128 .Ltmp91-.Lfunc_begin2          #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	0                               # DW_LLE_end_of_list
.Ldebug_loc4:
	.byte	1                               # DW_LLE_base_addressx
	.byte	13                              #   base address index
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Lfunc_begin3-.Lfunc_begin3    #   starting offset
	.uleb128 .Ltmp96-.Lfunc_begin3          #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp96-.Lfunc_begin3          #   starting offset
	.uleb128 .Lfunc_end3-.Lfunc_begin3      #   ending offset
	.byte	1                               # Loc expr size
	.byte	86                              # DW_OP_reg6
	.byte	0                               # DW_LLE_end_of_list
.Ldebug_loc5:
	.byte	1                               # DW_LLE_base_addressx
	.byte	13                              #   base address index
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp144-.Lfunc_begin3         #   starting offset
	.uleb128 .Ltmp149-.Lfunc_begin3         #   ending offset
	.byte	2                               # Loc expr size
	.byte	48                              # DW_OP_lit0
	.byte	159                             # DW_OP_stack_value
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp149-.Lfunc_begin3         #   starting offset
	.uleb128 .Ltmp154-.Lfunc_begin3         #   ending offset
	.byte	3                               # Loc expr size
	.byte	113                             # DW_OP_breg1
	.byte	1                               # 1
	.byte	159                             # DW_OP_stack_value
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp154-.Lfunc_begin3         #   starting offset
	.uleb128 .Ltmp160-.Lfunc_begin3         #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Ltmp160-.Lfunc_begin3         #   starting offset
	.uleb128 .Ltmp163-.Lfunc_begin3         #   ending offset
	.byte	3                               # Loc expr size
	.byte	113                             # DW_OP_breg1
	.byte	1                               # 1
	.byte	159                             # DW_OP_stack_value
	.byte	0                               # DW_LLE_end_of_list
.Ldebug_loc6:
	.byte	1                               # DW_LLE_base_addressx
	.byte	9                               #   base address index
	.byte	4                               # DW_LLE_offset_pair
	.uleb128 .Lfunc_begin4-.Lfunc_begin0    #   starting offset
	.uleb128 .Ltmp169-.Lfunc_begin0         #   ending offset
	.byte	1                               # Loc expr size
	.byte	81                              # DW_OP_reg1
	.byte	0                               # DW_LLE_end_of_list
.Ldebug_list_header_end0:
	.section	.debug_abbrev,"",@progbits
	.byte	1                               # Abbreviation Code
	.byte	17                              # DW_TAG_compile_unit
	.byte	1                               # DW_CHILDREN_yes
	.byte	37                              # DW_AT_producer
	.byte	37                              # DW_FORM_strx1
	.byte	19                              # DW_AT_language
	.byte	5                               # DW_FORM_data2
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	114                             # DW_AT_str_offsets_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	16                              # DW_AT_stmt_list
	.byte	23                              # DW_FORM_sec_offset
	.byte	27                              # DW_AT_comp_dir
	.byte	37                              # DW_FORM_strx1
	.byte	17                              # DW_AT_low_pc
	.byte	1                               # DW_FORM_addr
	.byte	85                              # DW_AT_ranges
	.byte	35                              # DW_FORM_rnglistx
	.byte	115                             # DW_AT_addr_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	116                             # DW_AT_rnglists_base
	.byte	23                              # DW_FORM_sec_offset
	.ascii	"\214\001"                      # DW_AT_loclists_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	2                               # Abbreviation Code
	.byte	52                              # DW_TAG_variable
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	63                              # DW_AT_external
	.byte	25                              # DW_FORM_flag_present
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	2                               # DW_AT_location
	.byte	24                              # DW_FORM_exprloc
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	3                               # Abbreviation Code
	.byte	1                               # DW_TAG_array_type
	.byte	1                               # DW_CHILDREN_yes
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	4                               # Abbreviation Code
	.byte	33                              # DW_TAG_subrange_type
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	55                              # DW_AT_count
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	5                               # Abbreviation Code
	.byte	38                              # DW_TAG_const_type
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	6                               # Abbreviation Code
	.byte	53                              # DW_TAG_volatile_type
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	7                               # Abbreviation Code
	.byte	22                              # DW_TAG_typedef
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	8                               # Abbreviation Code
	.byte	36                              # DW_TAG_base_type
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	62                              # DW_AT_encoding
	.byte	11                              # DW_FORM_data1
	.byte	11                              # DW_AT_byte_size
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	9                               # Abbreviation Code
	.byte	36                              # DW_TAG_base_type
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	11                              # DW_AT_byte_size
	.byte	11                              # DW_FORM_data1
	.byte	62                              # DW_AT_encoding
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	10                              # Abbreviation Code
	.byte	52                              # DW_TAG_variable
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	11                              # Abbreviation Code
	.byte	15                              # DW_TAG_pointer_type
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	12                              # Abbreviation Code
	.byte	21                              # DW_TAG_subroutine_type
	.byte	1                               # DW_CHILDREN_yes
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	39                              # DW_AT_prototyped
	.byte	25                              # DW_FORM_flag_present
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	13                              # Abbreviation Code
	.byte	5                               # DW_TAG_formal_parameter
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	14                              # Abbreviation Code
	.byte	15                              # DW_TAG_pointer_type
	.byte	0                               # DW_CHILDREN_no
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	15                              # Abbreviation Code
	.byte	38                              # DW_TAG_const_type
	.byte	0                               # DW_CHILDREN_no
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	16                              # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	1                               # DW_CHILDREN_yes
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	64                              # DW_AT_frame_base
	.byte	24                              # DW_FORM_exprloc
	.byte	122                             # DW_AT_call_all_calls
	.byte	25                              # DW_FORM_flag_present
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	39                              # DW_AT_prototyped
	.byte	25                              # DW_FORM_flag_present
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	63                              # DW_AT_external
	.byte	25                              # DW_FORM_flag_present
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	17                              # Abbreviation Code
	.byte	52                              # DW_TAG_variable
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	2                               # DW_AT_location
	.byte	24                              # DW_FORM_exprloc
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	18                              # Abbreviation Code
	.byte	5                               # DW_TAG_formal_parameter
	.byte	0                               # DW_CHILDREN_no
	.byte	2                               # DW_AT_location
	.byte	34                              # DW_FORM_loclistx
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	19                              # Abbreviation Code
	.byte	11                              # DW_TAG_lexical_block
	.byte	1                               # DW_CHILDREN_yes
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	20                              # Abbreviation Code
	.byte	52                              # DW_TAG_variable
	.byte	0                               # DW_CHILDREN_no
	.byte	2                               # DW_AT_location
	.byte	34                              # DW_FORM_loclistx
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	21                              # Abbreviation Code
	.byte	72                              # DW_TAG_call_site
	.byte	0                               # DW_CHILDREN_no
	.byte	127                             # DW_AT_call_origin
	.byte	19                              # DW_FORM_ref4
	.byte	125                             # DW_AT_call_return_pc
	.byte	27                              # DW_FORM_addrx
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	22                              # Abbreviation Code
	.byte	24                              # DW_TAG_unspecified_parameters
	.byte	0                               # DW_CHILDREN_no
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	23                              # Abbreviation Code
	.byte	19                              # DW_TAG_structure_type
	.byte	1                               # DW_CHILDREN_yes
	.byte	11                              # DW_AT_byte_size
	.byte	11                              # DW_FORM_data1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	24                              # Abbreviation Code
	.byte	13                              # DW_TAG_member
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	56                              # DW_AT_data_member_location
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	25                              # Abbreviation Code
	.byte	19                              # DW_TAG_structure_type
	.byte	1                               # DW_CHILDREN_yes
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	11                              # DW_AT_byte_size
	.byte	11                              # DW_FORM_data1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	26                              # Abbreviation Code
	.byte	33                              # DW_TAG_subrange_type
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	55                              # DW_AT_count
	.byte	5                               # DW_FORM_data2
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	27                              # Abbreviation Code
	.byte	52                              # DW_TAG_variable
	.byte	0                               # DW_CHILDREN_no
	.byte	2                               # DW_AT_location
	.byte	24                              # DW_FORM_exprloc
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	28                              # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	1                               # DW_CHILDREN_yes
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	64                              # DW_AT_frame_base
	.byte	24                              # DW_FORM_exprloc
	.byte	122                             # DW_AT_call_all_calls
	.byte	25                              # DW_FORM_flag_present
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	39                              # DW_AT_prototyped
	.byte	25                              # DW_FORM_flag_present
	.byte	54                              # DW_AT_calling_convention
	.byte	11                              # DW_FORM_data1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	29                              # Abbreviation Code
	.byte	5                               # DW_TAG_formal_parameter
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	30                              # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	1                               # DW_CHILDREN_yes
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	39                              # DW_AT_prototyped
	.byte	25                              # DW_FORM_flag_present
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	60                              # DW_AT_declaration
	.byte	25                              # DW_FORM_flag_present
	.byte	63                              # DW_AT_external
	.byte	25                              # DW_FORM_flag_present
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	31                              # Abbreviation Code
	.byte	13                              # DW_TAG_member
	.byte	0                               # DW_CHILDREN_no
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	56                              # DW_AT_data_member_location
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	32                              # Abbreviation Code
	.byte	23                              # DW_TAG_union_type
	.byte	1                               # DW_CHILDREN_yes
	.byte	11                              # DW_AT_byte_size
	.byte	11                              # DW_FORM_data1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	33                              # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	1                               # DW_CHILDREN_yes
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	64                              # DW_AT_frame_base
	.byte	24                              # DW_FORM_exprloc
	.byte	122                             # DW_AT_call_all_calls
	.byte	25                              # DW_FORM_flag_present
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	39                              # DW_AT_prototyped
	.byte	25                              # DW_FORM_flag_present
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	34                              # Abbreviation Code
	.byte	5                               # DW_TAG_formal_parameter
	.byte	0                               # DW_CHILDREN_no
	.byte	2                               # DW_AT_location
	.byte	24                              # DW_FORM_exprloc
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	73                              # DW_AT_type
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	0                               # EOM(3)
	.section	.debug_info,"",@progbits
.Lcu_begin0:
	.long	.Ldebug_info_end0-.Ldebug_info_start0 # Length of Unit
.Ldebug_info_start0:
	.short	5                               # DWARF version number
	.byte	1                               # DWARF Unit Type
	.byte	8                               # Address Size (in bytes)
	.long	.debug_abbrev                   # Offset Into Abbrev. Section
	.byte	1                               # Abbrev [1] 0xc:0x479 DW_TAG_compile_unit
	.byte	0                               # DW_AT_producer
	.short	29                              # DW_AT_language
	.byte	1                               # DW_AT_name
	.long	.Lstr_offsets_base0             # DW_AT_str_offsets_base
	.long	.Lline_table_start0             # DW_AT_stmt_list
	.byte	2                               # DW_AT_comp_dir
	.quad	0                               # DW_AT_low_pc
	.byte	0                               # DW_AT_ranges
	.long	.Laddr_table_base0              # DW_AT_addr_base
	.long	.Lrnglists_table_base0          # DW_AT_rnglists_base
	.long	.Lloclists_table_base0          # DW_AT_loclists_base
	.byte	2                               # Abbrev [2] 0x2f:0xb DW_TAG_variable
	.byte	3                               # DW_AT_name
	.long	58                              # DW_AT_type
                                        # DW_AT_external
	.byte	0                               # DW_AT_decl_file
	.byte	27                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	0
	.byte	3                               # Abbrev [3] 0x3a:0xc DW_TAG_array_type
	.long	70                              # DW_AT_type
	.byte	4                               # Abbrev [4] 0x3f:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	4                               # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	5                               # Abbrev [5] 0x46:0x5 DW_TAG_const_type
	.long	75                              # DW_AT_type
	.byte	6                               # Abbrev [6] 0x4b:0x5 DW_TAG_volatile_type
	.long	80                              # DW_AT_type
	.byte	7                               # Abbrev [7] 0x50:0x8 DW_TAG_typedef
	.long	88                              # DW_AT_type
	.byte	5                               # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	12                              # DW_AT_decl_line
	.byte	8                               # Abbrev [8] 0x58:0x4 DW_TAG_base_type
	.byte	4                               # DW_AT_name
	.byte	7                               # DW_AT_encoding
	.byte	4                               # DW_AT_byte_size
	.byte	9                               # Abbrev [9] 0x5c:0x4 DW_TAG_base_type
	.byte	6                               # DW_AT_name
	.byte	8                               # DW_AT_byte_size
	.byte	7                               # DW_AT_encoding
	.byte	2                               # Abbrev [2] 0x60:0xb DW_TAG_variable
	.byte	7                               # DW_AT_name
	.long	80                              # DW_AT_type
                                        # DW_AT_external
	.byte	0                               # DW_AT_decl_file
	.byte	28                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	1
	.byte	10                              # Abbrev [10] 0x6b:0x8 DW_TAG_variable
	.byte	8                               # DW_AT_name
	.long	115                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	24                              # DW_AT_decl_line
	.byte	5                               # Abbrev [5] 0x73:0x5 DW_TAG_const_type
	.long	120                             # DW_AT_type
	.byte	11                              # Abbrev [11] 0x78:0x5 DW_TAG_pointer_type
	.long	125                             # DW_AT_type
	.byte	12                              # Abbrev [12] 0x7d:0x1f DW_TAG_subroutine_type
	.long	156                             # DW_AT_type
                                        # DW_AT_prototyped
	.byte	13                              # Abbrev [13] 0x82:0x5 DW_TAG_formal_parameter
	.long	160                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x87:0x5 DW_TAG_formal_parameter
	.long	161                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x8c:0x5 DW_TAG_formal_parameter
	.long	161                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x91:0x5 DW_TAG_formal_parameter
	.long	160                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x96:0x5 DW_TAG_formal_parameter
	.long	161                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	8                               # Abbrev [8] 0x9c:0x4 DW_TAG_base_type
	.byte	9                               # DW_AT_name
	.byte	5                               # DW_AT_encoding
	.byte	8                               # DW_AT_byte_size
	.byte	14                              # Abbrev [14] 0xa0:0x1 DW_TAG_pointer_type
	.byte	8                               # Abbrev [8] 0xa1:0x4 DW_TAG_base_type
	.byte	10                              # DW_AT_name
	.byte	5                               # DW_AT_encoding
	.byte	4                               # DW_AT_byte_size
	.byte	10                              # Abbrev [10] 0xa5:0x8 DW_TAG_variable
	.byte	11                              # DW_AT_name
	.long	173                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	21                              # DW_AT_decl_line
	.byte	5                               # Abbrev [5] 0xad:0x5 DW_TAG_const_type
	.long	178                             # DW_AT_type
	.byte	11                              # Abbrev [11] 0xb2:0x5 DW_TAG_pointer_type
	.long	183                             # DW_AT_type
	.byte	12                              # Abbrev [12] 0xb7:0x10 DW_TAG_subroutine_type
	.long	160                             # DW_AT_type
                                        # DW_AT_prototyped
	.byte	13                              # Abbrev [13] 0xbc:0x5 DW_TAG_formal_parameter
	.long	160                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0xc1:0x5 DW_TAG_formal_parameter
	.long	199                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0xc7:0x5 DW_TAG_pointer_type
	.long	204                             # DW_AT_type
	.byte	15                              # Abbrev [15] 0xcc:0x1 DW_TAG_const_type
	.byte	10                              # Abbrev [10] 0xcd:0x8 DW_TAG_variable
	.byte	12                              # DW_AT_name
	.long	213                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	22                              # DW_AT_decl_line
	.byte	5                               # Abbrev [5] 0xd5:0x5 DW_TAG_const_type
	.long	218                             # DW_AT_type
	.byte	11                              # Abbrev [11] 0xda:0x5 DW_TAG_pointer_type
	.long	223                             # DW_AT_type
	.byte	12                              # Abbrev [12] 0xdf:0x1a DW_TAG_subroutine_type
	.long	156                             # DW_AT_type
                                        # DW_AT_prototyped
	.byte	13                              # Abbrev [13] 0xe4:0x5 DW_TAG_formal_parameter
	.long	160                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0xe9:0x5 DW_TAG_formal_parameter
	.long	199                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0xee:0x5 DW_TAG_formal_parameter
	.long	199                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0xf3:0x5 DW_TAG_formal_parameter
	.long	249                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	7                               # Abbrev [7] 0xf9:0x8 DW_TAG_typedef
	.long	257                             # DW_AT_type
	.byte	14                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	12                              # DW_AT_decl_line
	.byte	8                               # Abbrev [8] 0x101:0x4 DW_TAG_base_type
	.byte	13                              # DW_AT_name
	.byte	7                               # DW_AT_encoding
	.byte	8                               # DW_AT_byte_size
	.byte	16                              # Abbrev [16] 0x105:0x40 DW_TAG_subprogram
	.byte	13                              # DW_AT_low_pc
	.long	.Lfunc_end3-.Lfunc_begin3       # DW_AT_high_pc
	.byte	1                               # DW_AT_frame_base
	.byte	90
                                        # DW_AT_call_all_calls
	.byte	61                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	44                              # DW_AT_decl_line
                                        # DW_AT_prototyped
	.long	161                             # DW_AT_type
                                        # DW_AT_external
	.byte	17                              # Abbrev [17] 0x114:0xb DW_TAG_variable
	.byte	15                              # DW_AT_name
	.long	325                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	45                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	2
	.byte	18                              # Abbrev [18] 0x11f:0x9 DW_TAG_formal_parameter
	.byte	4                               # DW_AT_location
	.byte	64                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	44                              # DW_AT_decl_line
	.long	950                             # DW_AT_type
	.byte	19                              # Abbrev [19] 0x128:0x10 DW_TAG_lexical_block
	.byte	14                              # DW_AT_low_pc
	.long	.Ltmp163-.Ltmp146               # DW_AT_high_pc
	.byte	20                              # Abbrev [20] 0x12e:0x9 DW_TAG_variable
	.byte	5                               # DW_AT_location
	.byte	69                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	48                              # DW_AT_decl_line
	.long	80                              # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	21                              # Abbrev [21] 0x138:0x6 DW_TAG_call_site
	.long	931                             # DW_AT_call_origin
	.byte	15                              # DW_AT_call_return_pc
	.byte	21                              # Abbrev [21] 0x13e:0x6 DW_TAG_call_site
	.long	788                             # DW_AT_call_origin
	.byte	16                              # DW_AT_call_return_pc
	.byte	0                               # End Of Children Mark
	.byte	3                               # Abbrev [3] 0x145:0xc DW_TAG_array_type
	.long	337                             # DW_AT_type
	.byte	4                               # Abbrev [4] 0x14a:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	12                              # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	5                               # Abbrev [5] 0x151:0x5 DW_TAG_const_type
	.long	342                             # DW_AT_type
	.byte	8                               # Abbrev [8] 0x156:0x4 DW_TAG_base_type
	.byte	16                              # DW_AT_name
	.byte	6                               # DW_AT_encoding
	.byte	1                               # DW_AT_byte_size
	.byte	10                              # Abbrev [10] 0x15a:0x8 DW_TAG_variable
	.byte	17                              # DW_AT_name
	.long	354                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	23                              # DW_AT_decl_line
	.byte	5                               # Abbrev [5] 0x162:0x5 DW_TAG_const_type
	.long	359                             # DW_AT_type
	.byte	11                              # Abbrev [11] 0x167:0x5 DW_TAG_pointer_type
	.long	364                             # DW_AT_type
	.byte	12                              # Abbrev [12] 0x16c:0x11 DW_TAG_subroutine_type
	.long	156                             # DW_AT_type
                                        # DW_AT_prototyped
	.byte	13                              # Abbrev [13] 0x171:0x5 DW_TAG_formal_parameter
	.long	381                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x176:0x5 DW_TAG_formal_parameter
	.long	80                              # DW_AT_type
	.byte	22                              # Abbrev [22] 0x17b:0x1 DW_TAG_unspecified_parameters
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0x17d:0x5 DW_TAG_pointer_type
	.long	337                             # DW_AT_type
	.byte	2                               # Abbrev [2] 0x182:0xb DW_TAG_variable
	.byte	18                              # DW_AT_name
	.long	397                             # DW_AT_type
                                        # DW_AT_external
	.byte	0                               # DW_AT_decl_file
	.byte	51                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	3
	.byte	3                               # Abbrev [3] 0x18d:0xc DW_TAG_array_type
	.long	342                             # DW_AT_type
	.byte	4                               # Abbrev [4] 0x192:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	4                               # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	2                               # Abbrev [2] 0x199:0xb DW_TAG_variable
	.byte	19                              # DW_AT_name
	.long	420                             # DW_AT_type
                                        # DW_AT_external
	.byte	0                               # DW_AT_decl_file
	.byte	19                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	4
	.byte	23                              # Abbrev [23] 0x1a4:0x29 DW_TAG_structure_type
	.byte	32                              # DW_AT_byte_size
	.byte	0                               # DW_AT_decl_file
	.byte	19                              # DW_AT_decl_line
	.byte	24                              # Abbrev [24] 0x1a8:0x9 DW_TAG_member
	.byte	20                              # DW_AT_name
	.long	461                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	19                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x1b1:0x9 DW_TAG_member
	.byte	21                              # DW_AT_name
	.long	478                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	19                              # DW_AT_decl_line
	.byte	8                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x1ba:0x9 DW_TAG_member
	.byte	22                              # DW_AT_name
	.long	495                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	19                              # DW_AT_decl_line
	.byte	16                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x1c3:0x9 DW_TAG_member
	.byte	28                              # DW_AT_name
	.long	545                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	19                              # DW_AT_decl_line
	.byte	24                              # DW_AT_data_member_location
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0x1cd:0x5 DW_TAG_pointer_type
	.long	466                             # DW_AT_type
	.byte	3                               # Abbrev [3] 0x1d2:0xc DW_TAG_array_type
	.long	161                             # DW_AT_type
	.byte	4                               # Abbrev [4] 0x1d7:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	1                               # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0x1de:0x5 DW_TAG_pointer_type
	.long	483                             # DW_AT_type
	.byte	3                               # Abbrev [3] 0x1e3:0xc DW_TAG_array_type
	.long	161                             # DW_AT_type
	.byte	4                               # Abbrev [4] 0x1e8:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	128                             # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0x1ef:0x5 DW_TAG_pointer_type
	.long	500                             # DW_AT_type
	.byte	25                              # Abbrev [25] 0x1f4:0x21 DW_TAG_structure_type
	.byte	22                              # DW_AT_name
	.byte	8                               # DW_AT_byte_size
	.byte	0                               # DW_AT_decl_file
	.byte	17                              # DW_AT_decl_line
	.byte	24                              # Abbrev [24] 0x1f9:0x9 DW_TAG_member
	.byte	23                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	17                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x202:0x9 DW_TAG_member
	.byte	24                              # DW_AT_name
	.long	533                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	17                              # DW_AT_decl_line
	.byte	4                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x20b:0x9 DW_TAG_member
	.byte	27                              # DW_AT_name
	.long	533                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	17                              # DW_AT_decl_line
	.byte	6                               # DW_AT_data_member_location
	.byte	0                               # End Of Children Mark
	.byte	7                               # Abbrev [7] 0x215:0x8 DW_TAG_typedef
	.long	541                             # DW_AT_type
	.byte	26                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	12                              # DW_AT_decl_line
	.byte	8                               # Abbrev [8] 0x21d:0x4 DW_TAG_base_type
	.byte	25                              # DW_AT_name
	.byte	7                               # DW_AT_encoding
	.byte	2                               # DW_AT_byte_size
	.byte	11                              # Abbrev [11] 0x221:0x5 DW_TAG_pointer_type
	.long	550                             # DW_AT_type
	.byte	25                              # Abbrev [25] 0x226:0x21 DW_TAG_structure_type
	.byte	28                              # DW_AT_name
	.byte	24                              # DW_AT_byte_size
	.byte	0                               # DW_AT_decl_file
	.byte	18                              # DW_AT_decl_line
	.byte	24                              # Abbrev [24] 0x22b:0x9 DW_TAG_member
	.byte	29                              # DW_AT_name
	.long	249                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	18                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x234:0x9 DW_TAG_member
	.byte	30                              # DW_AT_name
	.long	249                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	18                              # DW_AT_decl_line
	.byte	8                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x23d:0x9 DW_TAG_member
	.byte	31                              # DW_AT_name
	.long	583                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	18                              # DW_AT_decl_line
	.byte	16                              # DW_AT_data_member_location
	.byte	0                               # End Of Children Mark
	.byte	7                               # Abbrev [7] 0x247:0x8 DW_TAG_typedef
	.long	161                             # DW_AT_type
	.byte	32                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	12                              # DW_AT_decl_line
	.byte	2                               # Abbrev [2] 0x24f:0xb DW_TAG_variable
	.byte	33                              # DW_AT_name
	.long	602                             # DW_AT_type
                                        # DW_AT_external
	.byte	0                               # DW_AT_decl_file
	.byte	20                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	5
	.byte	23                              # Abbrev [23] 0x25a:0x17 DW_TAG_structure_type
	.byte	16                              # DW_AT_byte_size
	.byte	0                               # DW_AT_decl_file
	.byte	20                              # DW_AT_decl_line
	.byte	24                              # Abbrev [24] 0x25e:0x9 DW_TAG_member
	.byte	20                              # DW_AT_name
	.long	625                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	20                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x267:0x9 DW_TAG_member
	.byte	21                              # DW_AT_name
	.long	642                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	20                              # DW_AT_decl_line
	.byte	8                               # DW_AT_data_member_location
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0x271:0x5 DW_TAG_pointer_type
	.long	630                             # DW_AT_type
	.byte	3                               # Abbrev [3] 0x276:0xc DW_TAG_array_type
	.long	161                             # DW_AT_type
	.byte	4                               # Abbrev [4] 0x27b:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	27                              # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0x282:0x5 DW_TAG_pointer_type
	.long	647                             # DW_AT_type
	.byte	3                               # Abbrev [3] 0x287:0xd DW_TAG_array_type
	.long	161                             # DW_AT_type
	.byte	26                              # Abbrev [26] 0x28c:0x7 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.short	4096                            # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	2                               # Abbrev [2] 0x294:0xb DW_TAG_variable
	.byte	34                              # DW_AT_name
	.long	671                             # DW_AT_type
                                        # DW_AT_external
	.byte	0                               # DW_AT_decl_file
	.byte	28                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	6
	.byte	6                               # Abbrev [6] 0x29f:0x5 DW_TAG_volatile_type
	.long	249                             # DW_AT_type
	.byte	10                              # Abbrev [10] 0x2a4:0x8 DW_TAG_variable
	.byte	35                              # DW_AT_name
	.long	684                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	25                              # DW_AT_decl_line
	.byte	5                               # Abbrev [5] 0x2ac:0x5 DW_TAG_const_type
	.long	689                             # DW_AT_type
	.byte	11                              # Abbrev [11] 0x2b1:0x5 DW_TAG_pointer_type
	.long	694                             # DW_AT_type
	.byte	12                              # Abbrev [12] 0x2b6:0x1a DW_TAG_subroutine_type
	.long	156                             # DW_AT_type
                                        # DW_AT_prototyped
	.byte	13                              # Abbrev [13] 0x2bb:0x5 DW_TAG_formal_parameter
	.long	80                              # DW_AT_type
	.byte	13                              # Abbrev [13] 0x2c0:0x5 DW_TAG_formal_parameter
	.long	160                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x2c5:0x5 DW_TAG_formal_parameter
	.long	160                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x2ca:0x5 DW_TAG_formal_parameter
	.long	249                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	17                              # Abbrev [17] 0x2d0:0xb DW_TAG_variable
	.byte	36                              # DW_AT_name
	.long	731                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	29                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	7
	.byte	3                               # Abbrev [3] 0x2db:0xc DW_TAG_array_type
	.long	342                             # DW_AT_type
	.byte	4                               # Abbrev [4] 0x2e0:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	16                              # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	17                              # Abbrev [17] 0x2e7:0xb DW_TAG_variable
	.byte	37                              # DW_AT_name
	.long	754                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	28                              # DW_AT_decl_line
	.byte	2                               # DW_AT_location
	.byte	161
	.byte	8
	.byte	3                               # Abbrev [3] 0x2f2:0xd DW_TAG_array_type
	.long	767                             # DW_AT_type
	.byte	26                              # Abbrev [26] 0x2f7:0x7 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.short	300                             # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	7                               # Abbrev [7] 0x2ff:0x8 DW_TAG_typedef
	.long	775                             # DW_AT_type
	.byte	39                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	12                              # DW_AT_decl_line
	.byte	8                               # Abbrev [8] 0x307:0x4 DW_TAG_base_type
	.byte	38                              # DW_AT_name
	.byte	8                               # DW_AT_encoding
	.byte	1                               # DW_AT_byte_size
	.byte	8                               # Abbrev [8] 0x30b:0x4 DW_TAG_base_type
	.byte	40                              # DW_AT_name
	.byte	5                               # DW_AT_encoding
	.byte	2                               # DW_AT_byte_size
	.byte	11                              # Abbrev [11] 0x30f:0x5 DW_TAG_pointer_type
	.long	249                             # DW_AT_type
	.byte	16                              # Abbrev [16] 0x314:0x2a DW_TAG_subprogram
	.byte	9                               # DW_AT_low_pc
	.long	.Lfunc_end0-.Lfunc_begin0       # DW_AT_high_pc
	.byte	1                               # DW_AT_frame_base
	.byte	90
                                        # DW_AT_call_all_calls
	.byte	58                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	32                              # DW_AT_decl_line
                                        # DW_AT_prototyped
	.long	161                             # DW_AT_type
                                        # DW_AT_external
	.byte	18                              # Abbrev [18] 0x323:0x9 DW_TAG_formal_parameter
	.byte	0                               # DW_AT_location
	.byte	64                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	32                              # DW_AT_decl_line
	.long	950                             # DW_AT_type
	.byte	27                              # Abbrev [27] 0x32c:0xb DW_TAG_variable
	.byte	2                               # DW_AT_location
	.byte	145
	.byte	4
	.byte	63                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	32                              # DW_AT_decl_line
	.long	161                             # DW_AT_type
	.byte	21                              # Abbrev [21] 0x337:0x6 DW_TAG_call_site
	.long	830                             # DW_AT_call_origin
	.byte	10                              # DW_AT_call_return_pc
	.byte	0                               # End Of Children Mark
	.byte	28                              # Abbrev [28] 0x33e:0x2d DW_TAG_subprogram
	.byte	11                              # DW_AT_low_pc
	.long	.Lfunc_end1-.Lfunc_begin1       # DW_AT_high_pc
	.byte	1                               # DW_AT_frame_base
	.byte	90
                                        # DW_AT_call_all_calls
	.byte	59                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	31                              # DW_AT_decl_line
                                        # DW_AT_prototyped
	.byte	3                               # DW_AT_calling_convention
	.long	80                              # DW_AT_type
	.byte	29                              # Abbrev [29] 0x34e:0x8 DW_TAG_formal_parameter
	.byte	64                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	31                              # DW_AT_decl_line
	.long	950                             # DW_AT_type
	.byte	18                              # Abbrev [18] 0x356:0x9 DW_TAG_formal_parameter
	.byte	1                               # DW_AT_location
	.byte	66                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	31                              # DW_AT_decl_line
	.long	80                              # DW_AT_type
	.byte	27                              # Abbrev [27] 0x35f:0xb DW_TAG_variable
	.byte	2                               # DW_AT_location
	.byte	145
	.byte	0
	.byte	65                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	31                              # DW_AT_decl_line
	.long	249                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	16                              # Abbrev [16] 0x36b:0x38 DW_TAG_subprogram
	.byte	12                              # DW_AT_low_pc
	.long	.Lfunc_end2-.Lfunc_begin2       # DW_AT_high_pc
	.byte	1                               # DW_AT_frame_base
	.byte	90
                                        # DW_AT_call_all_calls
	.byte	60                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	33                              # DW_AT_decl_line
                                        # DW_AT_prototyped
	.long	161                             # DW_AT_type
                                        # DW_AT_external
	.byte	18                              # Abbrev [18] 0x37a:0x9 DW_TAG_formal_parameter
	.byte	2                               # DW_AT_location
	.byte	64                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	33                              # DW_AT_decl_line
	.long	950                             # DW_AT_type
	.byte	27                              # Abbrev [27] 0x383:0xb DW_TAG_variable
	.byte	2                               # DW_AT_location
	.byte	145
	.byte	24
	.byte	67                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	34                              # DW_AT_decl_line
	.long	500                             # DW_AT_type
	.byte	27                              # Abbrev [27] 0x38e:0xb DW_TAG_variable
	.byte	2                               # DW_AT_location
	.byte	145
	.byte	0
	.byte	68                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	35                              # DW_AT_decl_line
	.long	550                             # DW_AT_type
	.byte	20                              # Abbrev [20] 0x399:0x9 DW_TAG_variable
	.byte	3                               # DW_AT_location
	.byte	63                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	35                              # DW_AT_decl_line
	.long	545                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	30                              # Abbrev [30] 0x3a3:0x13 DW_TAG_subprogram
	.byte	41                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	26                              # DW_AT_decl_line
                                        # DW_AT_prototyped
	.long	161                             # DW_AT_type
                                        # DW_AT_declaration
                                        # DW_AT_external
	.byte	13                              # Abbrev [13] 0x3ab:0x5 DW_TAG_formal_parameter
	.long	950                             # DW_AT_type
	.byte	13                              # Abbrev [13] 0x3b0:0x5 DW_TAG_formal_parameter
	.long	249                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	11                              # Abbrev [11] 0x3b6:0x5 DW_TAG_pointer_type
	.long	955                             # DW_AT_type
	.byte	25                              # Abbrev [25] 0x3bb:0x9a DW_TAG_structure_type
	.byte	57                              # DW_AT_name
	.byte	88                              # DW_AT_byte_size
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	24                              # Abbrev [24] 0x3c0:0x9 DW_TAG_member
	.byte	42                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	31                              # Abbrev [31] 0x3c9:0x8 DW_TAG_member
	.long	977                             # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	4                               # DW_AT_data_member_location
	.byte	32                              # Abbrev [32] 0x3d1:0x20 DW_TAG_union_type
	.byte	16                              # DW_AT_byte_size
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	24                              # Abbrev [24] 0x3d5:0x9 DW_TAG_member
	.byte	43                              # DW_AT_name
	.long	1109                            # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x3de:0x9 DW_TAG_member
	.byte	44                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x3e7:0x9 DW_TAG_member
	.byte	45                              # DW_AT_name
	.long	1109                            # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	0                               # DW_AT_data_member_location
	.byte	0                               # End Of Children Mark
	.byte	24                              # Abbrev [24] 0x3f1:0x9 DW_TAG_member
	.byte	46                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	20                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x3fa:0x9 DW_TAG_member
	.byte	47                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	24                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x403:0x9 DW_TAG_member
	.byte	48                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	28                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x40c:0x9 DW_TAG_member
	.byte	49                              # DW_AT_name
	.long	1109                            # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	32                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x415:0x9 DW_TAG_member
	.byte	50                              # DW_AT_name
	.long	1109                            # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	48                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x41e:0x9 DW_TAG_member
	.byte	51                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	64                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x427:0x9 DW_TAG_member
	.byte	52                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	68                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x430:0x9 DW_TAG_member
	.byte	53                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	72                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x439:0x9 DW_TAG_member
	.byte	54                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	76                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x442:0x9 DW_TAG_member
	.byte	55                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	80                              # DW_AT_data_member_location
	.byte	24                              # Abbrev [24] 0x44b:0x9 DW_TAG_member
	.byte	56                              # DW_AT_name
	.long	80                              # DW_AT_type
	.byte	0                               # DW_AT_decl_file
	.byte	14                              # DW_AT_decl_line
	.byte	84                              # DW_AT_data_member_location
	.byte	0                               # End Of Children Mark
	.byte	3                               # Abbrev [3] 0x455:0xc DW_TAG_array_type
	.long	80                              # DW_AT_type
	.byte	4                               # Abbrev [4] 0x45a:0x6 DW_TAG_subrange_type
	.long	92                              # DW_AT_type
	.byte	4                               # DW_AT_count
	.byte	0                               # End Of Children Mark
	.byte	33                              # Abbrev [33] 0x461:0x23 DW_TAG_subprogram
	.byte	17                              # DW_AT_low_pc
	.long	.Lfunc_end4-.Lfunc_begin4       # DW_AT_high_pc
	.byte	1                               # DW_AT_frame_base
	.byte	90
                                        # DW_AT_call_all_calls
	.byte	62                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	30                              # DW_AT_decl_line
                                        # DW_AT_prototyped
	.long	156                             # DW_AT_type
	.byte	18                              # Abbrev [18] 0x470:0x9 DW_TAG_formal_parameter
	.byte	6                               # DW_AT_location
	.byte	69                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	30                              # DW_AT_decl_line
	.long	80                              # DW_AT_type
	.byte	34                              # Abbrev [34] 0x479:0xa DW_TAG_formal_parameter
	.byte	1                               # DW_AT_location
	.byte	82
	.byte	70                              # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	30                              # DW_AT_decl_line
	.long	160                             # DW_AT_type
	.byte	0                               # End Of Children Mark
	.byte	0                               # End Of Children Mark
.Ldebug_info_end0:
	.section	.debug_rnglists,"",@progbits
	.long	.Ldebug_list_header_end1-.Ldebug_list_header_start1 # Length
.Ldebug_list_header_start1:
	.short	5                               # Version
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
	.long	1                               # Offset entry count
.Lrnglists_table_base0:
	.long	.Ldebug_ranges0-.Lrnglists_table_base0
.Ldebug_ranges0:
	.byte	1                               # DW_RLE_base_addressx
	.byte	9                               #   base address index
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Lfunc_begin0-.Lfunc_begin0    #   starting offset
	.uleb128 .Lfunc_end1-.Lfunc_begin0      #   ending offset
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Lfunc_begin4-.Lfunc_begin0    #   starting offset
	.uleb128 .Lfunc_end4-.Lfunc_begin0      #   ending offset
	.byte	3                               # DW_RLE_startx_length
	.byte	12                              #   start index
	.uleb128 .Lfunc_end2-.Lfunc_begin2      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	13                              #   start index
	.uleb128 .Lfunc_end3-.Lfunc_begin3      #   length
	.byte	0                               # DW_RLE_end_of_list
.Ldebug_list_header_end1:
	.section	.debug_str_offsets,"",@progbits
	.long	288                             # Length of String Offsets Set
	.short	5
	.short	0
.Lstr_offsets_base0:
	.section	.debug_str,"MS",@progbits,1
.Linfo_string0:
	.asciz	"Debian clang version 22.1.8 (1~deb12u1)" # string offset=0
.Linfo_string1:
	.asciz	"sockops.c"                     # string offset=40
.Linfo_string2:
	.asciz	"/src"                          # string offset=50
.Linfo_string3:
	.asciz	"limits"                        # string offset=55
.Linfo_string4:
	.asciz	"unsigned int"                  # string offset=62
.Linfo_string5:
	.asciz	"u32"                           # string offset=75
.Linfo_string6:
	.asciz	"__ARRAY_SIZE_TYPE__"           # string offset=79
.Linfo_string7:
	.asciz	"mode"                          # string offset=99
.Linfo_string8:
	.asciz	"setsockopt"                    # string offset=104
.Linfo_string9:
	.asciz	"long"                          # string offset=115
.Linfo_string10:
	.asciz	"int"                           # string offset=120
.Linfo_string11:
	.asciz	"lookup"                        # string offset=124
.Linfo_string12:
	.asciz	"update"                        # string offset=131
.Linfo_string13:
	.asciz	"unsigned long long"            # string offset=138
.Linfo_string14:
	.asciz	"u64"                           # string offset=157
.Linfo_string15:
	.asciz	"fmt"                           # string offset=161
.Linfo_string16:
	.asciz	"char"                          # string offset=165
.Linfo_string17:
	.asciz	"printk"                        # string offset=170
.Linfo_string18:
	.asciz	"_license"                      # string offset=177
.Linfo_string19:
	.asciz	"flows"                         # string offset=186
.Linfo_string20:
	.asciz	"type"                          # string offset=192
.Linfo_string21:
	.asciz	"max_entries"                   # string offset=197
.Linfo_string22:
	.asciz	"key"                           # string offset=209
.Linfo_string23:
	.asciz	"address"                       # string offset=213
.Linfo_string24:
	.asciz	"port"                          # string offset=221
.Linfo_string25:
	.asciz	"unsigned short"                # string offset=226
.Linfo_string26:
	.asciz	"u16"                           # string offset=241
.Linfo_string27:
	.asciz	"pad"                           # string offset=245
.Linfo_string28:
	.asciz	"value"                         # string offset=249
.Linfo_string29:
	.asciz	"count"                         # string offset=255
.Linfo_string30:
	.asciz	"bytes"                         # string offset=261
.Linfo_string31:
	.asciz	"low"                           # string offset=267
.Linfo_string32:
	.asciz	"s32"                           # string offset=271
.Linfo_string33:
	.asciz	"events"                        # string offset=275
.Linfo_string34:
	.asciz	"seen"                          # string offset=282
.Linfo_string35:
	.asciz	"loop"                          # string offset=287
.Linfo_string36:
	.asciz	"name"                          # string offset=292
.Linfo_string37:
	.asciz	"table"                         # string offset=297
.Linfo_string38:
	.asciz	"unsigned char"                 # string offset=303
.Linfo_string39:
	.asciz	"u8"                            # string offset=317
.Linfo_string40:
	.asciz	"short"                         # string offset=320
.Linfo_string41:
	.asciz	"bpf_sock_ops_enable_tx_tstamp" # string offset=326
.Linfo_string42:
	.asciz	"op"                            # string offset=356
.Linfo_string43:
	.asciz	"args"                          # string offset=359
.Linfo_string44:
	.asciz	"reply"                         # string offset=364
.Linfo_string45:
	.asciz	"replylong"                     # string offset=370
.Linfo_string46:
	.asciz	"family"                        # string offset=380
.Linfo_string47:
	.asciz	"remote_ip4"                    # string offset=387
.Linfo_string48:
	.asciz	"local_ip4"                     # string offset=398
.Linfo_string49:
	.asciz	"remote_ip6"                    # string offset=408
.Linfo_string50:
	.asciz	"local_ip6"                     # string offset=419
.Linfo_string51:
	.asciz	"remote_port"                   # string offset=429
.Linfo_string52:
	.asciz	"local_port"                    # string offset=441
.Linfo_string53:
	.asciz	"is_fullsock"                   # string offset=452
.Linfo_string54:
	.asciz	"snd_cwnd"                      # string offset=464
.Linfo_string55:
	.asciz	"srtt_us"                       # string offset=473
.Linfo_string56:
	.asciz	"flags"                         # string offset=481
.Linfo_string57:
	.asciz	"bpf_sock_ops"                  # string offset=487
.Linfo_string58:
	.asciz	"tune"                          # string offset=500
.Linfo_string59:
	.asciz	"pick"                          # string offset=505
.Linfo_string60:
	.asciz	"account"                       # string offset=510
.Linfo_string61:
	.asciz	"second"                        # string offset=518
.Linfo_string62:
	.asciz	"step"                          # string offset=525
.Linfo_string63:
	.asciz	"v"                             # string offset=530
.Linfo_string64:
	.asciz	"s"                             # string offset=532
.Linfo_string65:
	.asciz	"sum"                           # string offset=534
.Linfo_string66:
	.asciz	"a"                             # string offset=538
.Linfo_string67:
	.asciz	"k"                             # string offset=540
.Linfo_string68:
	.asciz	"fresh"                         # string offset=542
.Linfo_string69:
	.asciz	"i"                             # string offset=548
.Linfo_string70:
	.asciz	"ctx"                           # string offset=550
	.section	.debug_str_offsets,"",@progbits
	.long	.Linfo_string0
	.long	.Linfo_string1
	.long	.Linfo_string2
	.long	.Linfo_string3
	.long	.Linfo_string4
	.long	.Linfo_string5
	.long	.Linfo_string6
	.long	.Linfo_string7
	.long	.Linfo_string8
	.long	.Linfo_string9
	.long	.Linfo_string10
	.long	.Linfo_string11
	.long	.Linfo_string12
	.long	.Linfo_string13
	.long	.Linfo_string14
	.long	.Linfo_string15
	.long	.Linfo_string16
	.long	.Linfo_string17
	.long	.Linfo_string18
	.long	.Linfo_string19
	.long	.Linfo_string20
	.long	.Linfo_string21
	.long	.Linfo_string22
	.long	.Linfo_string23
	.long	.Linfo_string24
	.long	.Linfo_string25
	.long	.Linfo_string26
	.long	.Linfo_string27
	.long	.Linfo_string28
	.long	.Linfo_string29
	.long	.Linfo_string30
	.long	.Linfo_string31
	.long	.Linfo_string32
	.long	.Linfo_string33
	.long	.Linfo_string34
	.long	.Linfo_string35
	.long	.Linfo_string36
	.long	.Linfo_string37
	.long	.Linfo_string38
	.long	.Linfo_string39
	.long	.Linfo_string40
	.long	.Linfo_string41
	.long	.Linfo_string42
	.long	.Linfo_string43
	.long	.Linfo_string44
	.long	.Linfo_string45
	.long	.Linfo_string46
	.long	.Linfo_string47
	.long	.Linfo_string48
	.long	.Linfo_string49
	.long	.Linfo_string50
	.long	.Linfo_string51
	.long	.Linfo_string52
	.long	.Linfo_string53
	.long	.Linfo_string54
	.long	.Linfo_string55
	.long	.Linfo_string56
	.long	.Linfo_string57
	.long	.Linfo_string58
	.long	.Linfo_string59
	.long	.Linfo_string60
	.long	.Linfo_string61
	.long	.Linfo_string62
	.long	.Linfo_string63
	.long	.Linfo_string64
	.long	.Linfo_string65
	.long	.Linfo_string66
	.long	.Linfo_string67
	.long	.Linfo_string68
	.long	.Linfo_string69
	.long	.Linfo_string70
	.section	.debug_addr,"",@progbits
	.long	.Ldebug_addr_end0-.Ldebug_addr_start0 # Length of contribution
.Ldebug_addr_start0:
	.short	5                               # DWARF version number
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
.Laddr_table_base0:
	.quad	limits
	.quad	mode
	.quad	second.fmt
	.quad	_license
	.quad	flows
	.quad	events
	.quad	seen
	.quad	name
	.quad	table
	.quad	.Lfunc_begin0
	.quad	.Ltmp4
	.quad	.Lfunc_begin1
	.quad	.Lfunc_begin2
	.quad	.Lfunc_begin3
	.quad	.Ltmp146
	.quad	.Ltmp129
	.quad	.Ltmp133
	.quad	.Lfunc_begin4
.Ldebug_addr_end0:
	.section	.BTF,"",@progbits
	.short	60319                           # 0xeb9f
	.byte	1
	.byte	0
	.long	24
	.long	0
	.long	1532
	.long	1532
	.long	534
	.long	0                               # BTF_KIND_PTR(id = 1)
	.long	33554432                        # 0x2000000
	.long	3
	.long	1                               # BTF_KIND_INT(id = 2)
	.long	16777216                        # 0x1000000
	.long	4
	.long	16777248                        # 0x1000020
	.long	0                               # BTF_KIND_ARRAY(id = 3)
	.long	50331648                        # 0x3000000
	.long	0
	.long	2
	.long	4
	.long	1
	.long	5                               # BTF_KIND_INT(id = 4)
	.long	16777216                        # 0x1000000
	.long	4
	.long	32                              # 0x20
	.long	0                               # BTF_KIND_PTR(id = 5)
	.long	33554432                        # 0x2000000
	.long	6
	.long	0                               # BTF_KIND_ARRAY(id = 6)
	.long	50331648                        # 0x3000000
	.long	0
	.long	2
	.long	4
	.long	128
	.long	0                               # BTF_KIND_PTR(id = 7)
	.long	33554432                        # 0x2000000
	.long	8
	.long	25                              # BTF_KIND_STRUCT(id = 8)
	.long	67108867                        # 0x4000003
	.long	8
	.long	29
	.long	9
	.long	0                               # 0x0
	.long	37
	.long	11
	.long	32                              # 0x20
	.long	42
	.long	11
	.long	48                              # 0x30
	.long	46                              # BTF_KIND_TYPEDEF(id = 9)
	.long	134217728                       # 0x8000000
	.long	10
	.long	50                              # BTF_KIND_INT(id = 10)
	.long	16777216                        # 0x1000000
	.long	4
	.long	32                              # 0x20
	.long	63                              # BTF_KIND_TYPEDEF(id = 11)
	.long	134217728                       # 0x8000000
	.long	12
	.long	67                              # BTF_KIND_INT(id = 12)
	.long	16777216                        # 0x1000000
	.long	2
	.long	16                              # 0x10
	.long	0                               # BTF_KIND_PTR(id = 13)
	.long	33554432                        # 0x2000000
	.long	14
	.long	82                              # BTF_KIND_STRUCT(id = 14)
	.long	67108867                        # 0x4000003
	.long	24
	.long	88
	.long	15
	.long	0                               # 0x0
	.long	94
	.long	15
	.long	64                              # 0x40
	.long	100
	.long	17
	.long	128                             # 0x80
	.long	104                             # BTF_KIND_TYPEDEF(id = 15)
	.long	134217728                       # 0x8000000
	.long	16
	.long	108                             # BTF_KIND_INT(id = 16)
	.long	16777216                        # 0x1000000
	.long	8
	.long	64                              # 0x40
	.long	127                             # BTF_KIND_TYPEDEF(id = 17)
	.long	134217728                       # 0x8000000
	.long	2
	.long	0                               # BTF_KIND_STRUCT(id = 18)
	.long	67108868                        # 0x4000004
	.long	32
	.long	131
	.long	1
	.long	0                               # 0x0
	.long	136
	.long	5
	.long	64                              # 0x40
	.long	25
	.long	7
	.long	128                             # 0x80
	.long	82
	.long	13
	.long	192                             # 0xc0
	.long	148                             # BTF_KIND_VAR(id = 19)
	.long	234881024                       # 0xe000000
	.long	18
	.long	1
	.long	0                               # BTF_KIND_PTR(id = 20)
	.long	33554432                        # 0x2000000
	.long	21
	.long	0                               # BTF_KIND_ARRAY(id = 21)
	.long	50331648                        # 0x3000000
	.long	0
	.long	2
	.long	4
	.long	27
	.long	0                               # BTF_KIND_PTR(id = 22)
	.long	33554432                        # 0x2000000
	.long	23
	.long	0                               # BTF_KIND_ARRAY(id = 23)
	.long	50331648                        # 0x3000000
	.long	0
	.long	2
	.long	4
	.long	4096
	.long	0                               # BTF_KIND_STRUCT(id = 24)
	.long	67108866                        # 0x4000002
	.long	16
	.long	131
	.long	20
	.long	0                               # 0x0
	.long	136
	.long	22
	.long	64                              # 0x40
	.long	154                             # BTF_KIND_VAR(id = 25)
	.long	234881024                       # 0xe000000
	.long	24
	.long	1
	.long	0                               # BTF_KIND_PTR(id = 26)
	.long	33554432                        # 0x2000000
	.long	27
	.long	161                             # BTF_KIND_STRUCT(id = 27)
	.long	67108877                        # 0x400000d
	.long	88
	.long	174
	.long	9
	.long	0                               # 0x0
	.long	0
	.long	28
	.long	32                              # 0x20
	.long	177
	.long	9
	.long	160                             # 0xa0
	.long	184
	.long	9
	.long	192                             # 0xc0
	.long	195
	.long	9
	.long	224                             # 0xe0
	.long	205
	.long	29
	.long	256                             # 0x100
	.long	216
	.long	29
	.long	384                             # 0x180
	.long	226
	.long	9
	.long	512                             # 0x200
	.long	238
	.long	9
	.long	544                             # 0x220
	.long	249
	.long	9
	.long	576                             # 0x240
	.long	261
	.long	9
	.long	608                             # 0x260
	.long	270
	.long	9
	.long	640                             # 0x280
	.long	278
	.long	9
	.long	672                             # 0x2a0
	.long	0                               # BTF_KIND_UNION(id = 28)
	.long	83886083                        # 0x5000003
	.long	16
	.long	284
	.long	29
	.long	0                               # 0x0
	.long	289
	.long	9
	.long	0                               # 0x0
	.long	295
	.long	29
	.long	0                               # 0x0
	.long	0                               # BTF_KIND_ARRAY(id = 29)
	.long	50331648                        # 0x3000000
	.long	0
	.long	9
	.long	4
	.long	4
	.long	0                               # BTF_KIND_FUNC_PROTO(id = 30)
	.long	218103809                       # 0xd000001
	.long	2
	.long	305
	.long	26
	.long	307                             # BTF_KIND_FUNC(id = 31)
	.long	201326593                       # 0xc000001
	.long	30
	.long	0                               # BTF_KIND_FUNC_PROTO(id = 32)
	.long	218103810                       # 0xd000002
	.long	9
	.long	305
	.long	26
	.long	333
	.long	9
	.long	335                             # BTF_KIND_FUNC(id = 33)
	.long	201326592                       # 0xc000000
	.long	32
	.long	0                               # BTF_KIND_FUNC_PROTO(id = 34)
	.long	218103809                       # 0xd000001
	.long	2
	.long	305
	.long	26
	.long	340                             # BTF_KIND_FUNC(id = 35)
	.long	201326593                       # 0xc000001
	.long	34
	.long	0                               # BTF_KIND_FUNC_PROTO(id = 36)
	.long	218103809                       # 0xd000001
	.long	2
	.long	305
	.long	26
	.long	356                             # BTF_KIND_FUNC(id = 37)
	.long	201326593                       # 0xc000001
	.long	36
	.long	0                               # BTF_KIND_FUNC_PROTO(id = 38)
	.long	218103810                       # 0xd000002
	.long	2
	.long	0
	.long	26
	.long	0
	.long	15
	.long	378                             # BTF_KIND_FUNC(id = 39)
	.long	201326594                       # 0xc000002
	.long	38
	.long	0                               # BTF_KIND_PTR(id = 40)
	.long	33554432                        # 0x2000000
	.long	0
	.long	0                               # BTF_KIND_FUNC_PROTO(id = 41)
	.long	218103810                       # 0xd000002
	.long	42
	.long	408
	.long	9
	.long	410
	.long	40
	.long	414                             # BTF_KIND_INT(id = 42)
	.long	16777216                        # 0x1000000
	.long	8
	.long	16777280                        # 0x1000040
	.long	419                             # BTF_KIND_FUNC(id = 43)
	.long	201326592                       # 0xc000000
	.long	41
	.long	0                               # BTF_KIND_CONST(id = 44)
	.long	167772160                       # 0xa000000
	.long	45
	.long	0                               # BTF_KIND_VOLATILE(id = 45)
	.long	150994944                       # 0x9000000
	.long	9
	.long	0                               # BTF_KIND_ARRAY(id = 46)
	.long	50331648                        # 0x3000000
	.long	0
	.long	44
	.long	4
	.long	4
	.long	424                             # BTF_KIND_VAR(id = 47)
	.long	234881024                       # 0xe000000
	.long	46
	.long	1
	.long	431                             # BTF_KIND_VAR(id = 48)
	.long	234881024                       # 0xe000000
	.long	9
	.long	1
	.long	0                               # BTF_KIND_VOLATILE(id = 49)
	.long	150994944                       # 0x9000000
	.long	15
	.long	436                             # BTF_KIND_VAR(id = 50)
	.long	234881024                       # 0xe000000
	.long	49
	.long	1
	.long	0                               # BTF_KIND_CONST(id = 51)
	.long	167772160                       # 0xa000000
	.long	52
	.long	441                             # BTF_KIND_INT(id = 52)
	.long	16777216                        # 0x1000000
	.long	1
	.long	16777224                        # 0x1000008
	.long	0                               # BTF_KIND_ARRAY(id = 53)
	.long	50331648                        # 0x3000000
	.long	0
	.long	51
	.long	4
	.long	12
	.long	446                             # BTF_KIND_VAR(id = 54)
	.long	234881024                       # 0xe000000
	.long	53
	.long	0
	.long	0                               # BTF_KIND_ARRAY(id = 55)
	.long	50331648                        # 0x3000000
	.long	0
	.long	52
	.long	4
	.long	16
	.long	457                             # BTF_KIND_VAR(id = 56)
	.long	234881024                       # 0xe000000
	.long	55
	.long	0
	.long	462                             # BTF_KIND_TYPEDEF(id = 57)
	.long	134217728                       # 0x8000000
	.long	58
	.long	465                             # BTF_KIND_INT(id = 58)
	.long	16777216                        # 0x1000000
	.long	1
	.long	8                               # 0x8
	.long	0                               # BTF_KIND_ARRAY(id = 59)
	.long	50331648                        # 0x3000000
	.long	0
	.long	57
	.long	4
	.long	300
	.long	479                             # BTF_KIND_VAR(id = 60)
	.long	234881024                       # 0xe000000
	.long	59
	.long	0
	.long	0                               # BTF_KIND_ARRAY(id = 61)
	.long	50331648                        # 0x3000000
	.long	0
	.long	52
	.long	4
	.long	4
	.long	485                             # BTF_KIND_VAR(id = 62)
	.long	234881024                       # 0xe000000
	.long	61
	.long	1
	.long	494                             # BTF_KIND_DATASEC(id = 63)
	.long	251658241                       # 0xf000001
	.long	0
	.long	50
	.long	seen
	.long	8
	.long	499                             # BTF_KIND_DATASEC(id = 64)
	.long	251658242                       # 0xf000002
	.long	0
	.long	48
	.long	mode
	.long	4
	.long	56
	.long	name
	.long	16
	.long	505                             # BTF_KIND_DATASEC(id = 65)
	.long	251658241                       # 0xf000001
	.long	0
	.long	39
	.long	bpf_sock_ops_enable_tx_tstamp
	.long	0
	.long	512                             # BTF_KIND_DATASEC(id = 66)
	.long	251658242                       # 0xf000002
	.long	0
	.long	19
	.long	flows
	.long	32
	.long	25
	.long	events
	.long	16
	.long	518                             # BTF_KIND_DATASEC(id = 67)
	.long	251658243                       # 0xf000003
	.long	0
	.long	47
	.long	limits
	.long	16
	.long	54
	.long	second.fmt
	.long	12
	.long	60
	.long	table
	.long	300
	.long	526                             # BTF_KIND_DATASEC(id = 68)
	.long	251658241                       # 0xf000001
	.long	0
	.long	62
	.long	_license
	.long	4
	.byte	0                               # string offset=0
	.ascii	"int"                           # string offset=1
	.byte	0
	.ascii	"__ARRAY_SIZE_TYPE__"           # string offset=5
	.byte	0
	.ascii	"key"                           # string offset=25
	.byte	0
	.ascii	"address"                       # string offset=29
	.byte	0
	.ascii	"port"                          # string offset=37
	.byte	0
	.ascii	"pad"                           # string offset=42
	.byte	0
	.ascii	"u32"                           # string offset=46
	.byte	0
	.ascii	"unsigned int"                  # string offset=50
	.byte	0
	.ascii	"u16"                           # string offset=63
	.byte	0
	.ascii	"unsigned short"                # string offset=67
	.byte	0
	.ascii	"value"                         # string offset=82
	.byte	0
	.ascii	"count"                         # string offset=88
	.byte	0
	.ascii	"bytes"                         # string offset=94
	.byte	0
	.ascii	"low"                           # string offset=100
	.byte	0
	.ascii	"u64"                           # string offset=104
	.byte	0
	.ascii	"unsigned long long"            # string offset=108
	.byte	0
	.ascii	"s32"                           # string offset=127
	.byte	0
	.ascii	"type"                          # string offset=131
	.byte	0
	.ascii	"max_entries"                   # string offset=136
	.byte	0
	.ascii	"flows"                         # string offset=148
	.byte	0
	.ascii	"events"                        # string offset=154
	.byte	0
	.ascii	"bpf_sock_ops"                  # string offset=161
	.byte	0
	.ascii	"op"                            # string offset=174
	.byte	0
	.ascii	"family"                        # string offset=177
	.byte	0
	.ascii	"remote_ip4"                    # string offset=184
	.byte	0
	.ascii	"local_ip4"                     # string offset=195
	.byte	0
	.ascii	"remote_ip6"                    # string offset=205
	.byte	0
	.ascii	"local_ip6"                     # string offset=216
	.byte	0
	.ascii	"remote_port"                   # string offset=226
	.byte	0
	.ascii	"local_port"                    # string offset=238
	.byte	0
	.ascii	"is_fullsock"                   # string offset=249
	.byte	0
	.ascii	"snd_cwnd"                      # string offset=261
	.byte	0
	.ascii	"srtt_us"                       # string offset=270
	.byte	0
	.ascii	"flags"                         # string offset=278
	.byte	0
	.ascii	"args"                          # string offset=284
	.byte	0
	.ascii	"reply"                         # string offset=289
	.byte	0
	.ascii	"replylong"                     # string offset=295
	.byte	0
	.byte	115                             # string offset=305
	.byte	0
	.ascii	"tune"                          # string offset=307
	.byte	0
	.ascii	".text"                         # string offset=312
	.byte	0
	.ascii	"/src/sockops.c"                # string offset=318
	.byte	0
	.byte	97                              # string offset=333
	.byte	0
	.ascii	"pick"                          # string offset=335
	.byte	0
	.ascii	"account"                       # string offset=340
	.byte	0
	.ascii	"sockops"                       # string offset=348
	.byte	0
	.ascii	"second"                        # string offset=356
	.byte	0
	.ascii	"sockops/second"                # string offset=363
	.byte	0
	.ascii	"bpf_sock_ops_enable_tx_tstamp" # string offset=378
	.byte	0
	.byte	105                             # string offset=408
	.byte	0
	.ascii	"ctx"                           # string offset=410
	.byte	0
	.ascii	"long"                          # string offset=414
	.byte	0
	.ascii	"step"                          # string offset=419
	.byte	0
	.ascii	"limits"                        # string offset=424
	.byte	0
	.ascii	"mode"                          # string offset=431
	.byte	0
	.ascii	"seen"                          # string offset=436
	.byte	0
	.ascii	"char"                          # string offset=441
	.byte	0
	.ascii	"second.fmt"                    # string offset=446
	.byte	0
	.ascii	"name"                          # string offset=457
	.byte	0
	.ascii	"u8"                            # string offset=462
	.byte	0
	.ascii	"unsigned char"                 # string offset=465
	.byte	0
	.ascii	"table"                         # string offset=479
	.byte	0
	.ascii	"_license"                      # string offset=485
	.byte	0
	.ascii	".bss"                          # string offset=494
	.byte	0
	.ascii	".data"                         # string offset=499
	.byte	0
	.ascii	".ksyms"                        # string offset=505
	.byte	0
	.ascii	".maps"                         # string offset=512
	.byte	0
	.ascii	".rodata"                       # string offset=518
	.byte	0
	.ascii	"license"                       # string offset=526
	.byte	0
	.section	.BTF.ext,"",@progbits
	.short	60319                           # 0xeb9f
	.byte	1
	.byte	0
	.long	32
	.long	0
	.long	68
	.long	68
	.long	1308
	.long	1376
	.long	0
	.long	8                               # FuncInfo
	.long	312                             # FuncInfo section string offset=312
	.long	3
	.long	.Lfunc_begin0
	.long	31
	.long	.Lfunc_begin1
	.long	33
	.long	.Lfunc_begin4
	.long	43
	.long	348                             # FuncInfo section string offset=348
	.long	1
	.long	.Lfunc_begin2
	.long	35
	.long	363                             # FuncInfo section string offset=363
	.long	1
	.long	.Lfunc_begin3
	.long	37
	.long	16                              # LineInfo
	.long	312                             # LineInfo section string offset=312
	.long	22
	.long	.Lfunc_begin0
	.long	318
	.long	0
	.long	32768                           # Line 32 Col 0
	.long	.Ltmp2
	.long	318
	.long	0
	.long	32846                           # Line 32 Col 78
	.long	.Ltmp3
	.long	318
	.long	0
	.long	32838                           # Line 32 Col 70
	.long	.Ltmp5
	.long	318
	.long	0
	.long	32834                           # Line 32 Col 66
	.long	.Ltmp6
	.long	318
	.long	0
	.long	32866                           # Line 32 Col 98
	.long	.Ltmp8
	.long	318
	.long	0
	.long	32859                           # Line 32 Col 91
	.long	.Lfunc_begin1
	.long	318
	.long	0
	.long	31744                           # Line 31 Col 0
	.long	.Ltmp13
	.long	318
	.long	0
	.long	31830                           # Line 31 Col 86
	.long	.Ltmp14
	.long	318
	.long	0
	.long	31824                           # Line 31 Col 80
	.long	.Ltmp15
	.long	318
	.long	0
	.long	31833                           # Line 31 Col 89
	.long	.Ltmp17
	.long	318
	.long	0
	.long	31883                           # Line 31 Col 139
	.long	.Ltmp20
	.long	318
	.long	0
	.long	31874                           # Line 31 Col 130
	.long	.Ltmp21
	.long	318
	.long	0
	.long	31864                           # Line 31 Col 120
	.long	.Ltmp22
	.long	318
	.long	0
	.long	31868                           # Line 31 Col 124
	.long	.Ltmp23
	.long	318
	.long	0
	.long	31864                           # Line 31 Col 120
	.long	.Ltmp24
	.long	318
	.long	0
	.long	31857                           # Line 31 Col 113
	.long	.Ltmp168
	.long	318
	.long	0
	.long	30781                           # Line 30 Col 61
	.long	.Ltmp171
	.long	318
	.long	0
	.long	30773                           # Line 30 Col 53
	.long	.Ltmp172
	.long	318
	.long	0
	.long	30770                           # Line 30 Col 50
	.long	.Ltmp173
	.long	318
	.long	0
	.long	30770                           # Line 30 Col 50
	.long	.Ltmp174
	.long	318
	.long	0
	.long	30770                           # Line 30 Col 50
	.long	.Ltmp175
	.long	318
	.long	0
	.long	30789                           # Line 30 Col 69
	.long	348                             # LineInfo section string offset=348
	.long	34
	.long	.Lfunc_begin2
	.long	318
	.long	0
	.long	33792                           # Line 33 Col 0
	.long	.Ltmp29
	.long	318
	.long	0
	.long	34839                           # Line 34 Col 23
	.long	.Ltmp30
	.long	318
	.long	0
	.long	34834                           # Line 34 Col 18
	.long	.Ltmp31
	.long	318
	.long	0
	.long	34859                           # Line 34 Col 43
	.long	.Ltmp32
	.long	318
	.long	0
	.long	34834                           # Line 34 Col 18
	.long	.Ltmp33
	.long	318
	.long	0
	.long	35861                           # Line 35 Col 21
	.long	.Ltmp37
	.long	318
	.long	0
	.long	36871                           # Line 36 Col 7
	.long	.Ltmp38
	.long	318
	.long	0
	.long	36871                           # Line 36 Col 7
	.long	.Ltmp39
	.long	318
	.long	0
	.long	36871                           # Line 36 Col 7
	.long	.Ltmp40
	.long	318
	.long	0
	.long	35881                           # Line 35 Col 41
	.long	.Ltmp43
	.long	318
	.long	0
	.long	37895                           # Line 37 Col 7
	.long	.Ltmp46
	.long	318
	.long	0
	.long	37906                           # Line 37 Col 18
	.long	.Ltmp50
	.long	318
	.long	0
	.long	37936                           # Line 37 Col 48
	.long	.Ltmp55
	.long	318
	.long	0
	.long	38915                           # Line 38 Col 3
	.long	.Ltmp56
	.long	318
	.long	0
	.long	38985                           # Line 38 Col 73
	.long	.Ltmp57
	.long	318
	.long	0
	.long	38951                           # Line 38 Col 39
	.long	.Ltmp60
	.long	318
	.long	0
	.long	39943                           # Line 39 Col 7
	.long	.Ltmp65
	.long	318
	.long	0
	.long	39973                           # Line 39 Col 37
	.long	.Ltmp68
	.long	318
	.long	0
	.long	39979                           # Line 39 Col 43
	.long	.Ltmp71
	.long	318
	.long	0
	.long	41010                           # Line 40 Col 50
	.long	.Ltmp72
	.long	318
	.long	0
	.long	41019                           # Line 40 Col 59
	.long	.Ltmp73
	.long	318
	.long	0
	.long	40991                           # Line 40 Col 31
	.long	.Ltmp74
	.long	318
	.long	0
	.long	40972                           # Line 40 Col 12
	.long	.Ltmp75
	.long	318
	.long	0
	.long	40996                           # Line 40 Col 36
	.long	.Ltmp76
	.long	318
	.long	0
	.long	40970                           # Line 40 Col 10
	.long	.Ltmp79
	.long	318
	.long	0
	.long	41999                           # Line 41 Col 15
	.long	.Ltmp80
	.long	318
	.long	0
	.long	42016                           # Line 41 Col 32
	.long	.Ltmp85
	.long	318
	.long	0
	.long	42095                           # Line 41 Col 111
	.long	.Ltmp86
	.long	318
	.long	0
	.long	42074                           # Line 41 Col 90
	.long	.Ltmp87
	.long	318
	.long	0
	.long	42039                           # Line 41 Col 55
	.long	.Ltmp88
	.long	318
	.long	0
	.long	42072                           # Line 41 Col 88
	.long	.Ltmp89
	.long	318
	.long	0
	.long	42036                           # Line 41 Col 52
	.long	.Ltmp90
	.long	318
	.long	0
	.long	42036                           # Line 41 Col 52
	.long	.Ltmp93
	.long	318
	.long	0
	.long	44033                           # Line 43 Col 1
	.long	363                             # LineInfo section string offset=363
	.long	24
	.long	.Lfunc_begin3
	.long	318
	.long	0
	.long	45056                           # Line 44 Col 0
	.long	.Ltmp98
	.long	318
	.long	0
	.long	47118                           # Line 46 Col 14
	.long	.Ltmp99
	.long	318
	.long	0
	.long	47107                           # Line 46 Col 3
	.long	.Ltmp108
	.long	318
	.long	0
	.long	47143                           # Line 46 Col 39
	.long	.Ltmp109
	.long	318
	.long	0
	.long	47143                           # Line 46 Col 39
	.long	.Ltmp112
	.long	318
	.long	0
	.long	47156                           # Line 46 Col 52
	.long	.Ltmp115
	.long	318
	.long	0
	.long	47141                           # Line 46 Col 37
	.long	.Ltmp116
	.long	318
	.long	0
	.long	47167                           # Line 46 Col 63
	.long	.Ltmp119
	.long	318
	.long	0
	.long	47107                           # Line 46 Col 3
	.long	.Ltmp124
	.long	318
	.long	0
	.long	48145                           # Line 47 Col 17
	.long	.Ltmp125
	.long	318
	.long	0
	.long	48145                           # Line 47 Col 17
	.long	.Ltmp128
	.long	318
	.long	0
	.long	48176                           # Line 47 Col 48
	.long	.Ltmp132
	.long	318
	.long	0
	.long	47190                           # Line 46 Col 86
	.long	.Ltmp134
	.long	318
	.long	0
	.long	47199                           # Line 46 Col 95
	.long	.Ltmp137
	.long	318
	.long	0
	.long	47214                           # Line 46 Col 110
	.long	.Ltmp139
	.long	318
	.long	0
	.long	47255                           # Line 46 Col 151
	.long	.Ltmp142
	.long	318
	.long	0
	.long	48265                           # Line 47 Col 137
	.long	.Ltmp143
	.long	318
	.long	0
	.long	48229                           # Line 47 Col 101
	.long	.Ltmp148
	.long	318
	.long	0
	.long	49155                           # Line 48 Col 3
	.long	.Ltmp153
	.long	318
	.long	0
	.long	49181                           # Line 48 Col 29
	.long	.Ltmp156
	.long	318
	.long	0
	.long	49155                           # Line 48 Col 3
	.long	.Ltmp159
	.long	318
	.long	0
	.long	49189                           # Line 48 Col 37
	.long	.Ltmp162
	.long	318
	.long	0
	.long	49198                           # Line 48 Col 46
	.long	.Ltmp165
	.long	318
	.long	0
	.long	51201                           # Line 50 Col 1
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
	.section	.debug_line,"",@progbits
.Lline_table_start0:
