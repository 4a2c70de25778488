// What linux/bpf.h declares for program types other than sock_ops: one source file often holds several programs, and it is
// compiled as a whole. Numbers and layouts are those of the kernel's interface; no table of ours asks about them.

const STRUCTURES = `struct bpf_flow_keys {
	__u16 nhoff;
	__u16 thoff;
	__u16 addr_proto;
	__u8 is_frag;
	__u8 is_first_frag;
	__u8 is_encap;
	__u8 ip_proto;
	__be16 n_proto;
	__be16 sport;
	__be16 dport;
	union {
		struct {
			__be32 ipv4_src;
			__be32 ipv4_dst;
		};
		struct {
			__u32 ipv6_src[4];
			__u32 ipv6_dst[4];
		};
	};
	__u32 flags;
	__be32 flow_label;
};

struct bpf_sk_lookup {
	union {
		__bpf_md_ptr(struct bpf_sock *, sk);
		__u64 cookie;
	};
	__u32 family;
	__u32 protocol;
	__u32 remote_ip4;
	__u32 remote_ip6[4];
	__be16 remote_port;
	__u16 :16;
	__u32 local_ip4;
	__u32 local_ip6[4];
	__u32 local_port;
	__u32 ingress_ifindex;
};

struct sk_reuseport_md {
	__bpf_md_ptr(void *, data);
	__bpf_md_ptr(void *, data_end);
	__u32 len;
	__u32 eth_protocol;
	__u32 ip_protocol;
	__u32 bind_inany;
	__u32 hash;
	__bpf_md_ptr(struct bpf_sock *, sk);
	__bpf_md_ptr(struct bpf_sock *, migrating_sk);
};

struct bpf_sysctl {
	__u32 write;
	__u32 file_pos;
};

struct bpf_cgroup_dev_ctx {
	__u32 access_type;
	__u32 major;
	__u32 minor;
};

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

struct bpf_tunnel_key {
	__u32 tunnel_id;
	union {
		__u32 remote_ipv4;
		__u32 remote_ipv6[4];
	};
	__u8 tunnel_tos;
	__u8 tunnel_ttl;
	union {
		__u16 tunnel_ext;
		__be16 tunnel_flags;
	};
	__u32 tunnel_label;
	union {
		__u32 local_ipv4;
		__u32 local_ipv6[4];
	};
};

struct bpf_xfrm_state {
	__u32 reqid;
	__u32 spi;
	__u16 family;
	__u16 ext;
	union {
		__u32 remote_ipv4;
		__u32 remote_ipv6[4];
	};
};

struct bpf_fib_lookup {
	__u8 family;
	__u8 l4_protocol;
	__be16 sport;
	__be16 dport;
	union {
		__u16 tot_len;
		__u16 mtu_result;
	} __attribute__((packed, aligned(2)));
	__u32 ifindex;
	union {
		__u8 tos;
		__be32 flowinfo;
		__u32 rt_metric;
	};
	union {
		__be32 ipv4_src;
		__u32 ipv6_src[4];
	};
	union {
		__be32 ipv4_dst;
		__u32 ipv6_dst[4];
	};
	union {
		struct {
			__be16 h_vlan_proto;
			__be16 h_vlan_TCI;
		};
		__u32 tbid;
	};
	union {
		__u32 mark;
		struct {
			__u8 smac[6];
			__u8 dmac[6];
		};
	};
};

struct bpf_redir_neigh {
	__u32 nh_family;
	union {
		__be32 ipv4_nh;
		__u32 ipv6_nh[4];
	};
};

struct bpf_devmap_val {
	__u32 ifindex;
	union {
		int fd;
		__u32 id;
	} bpf_prog;
};

struct bpf_cpumap_val {
	__u32 qsize;
	union {
		int fd;
		__u32 id;
	} bpf_prog;
};

struct bpf_xdp_sock {
	__u32 queue_id;
};

struct bpf_insn {
	__u8 code;
	__u8 dst_reg : 4;
	__u8 src_reg : 4;
	__s16 off;
	__s32 imm;
};

union bpf_attr;
`;

/** Enumerations whose members count up from `first`. */
const COUNTED: readonly { readonly tag: string; readonly first: number; readonly names: string }[] = [
  {
    tag: 'bpf_cmd',
    first: 0,
    names:
      'BPF_MAP_CREATE BPF_MAP_LOOKUP_ELEM BPF_MAP_UPDATE_ELEM BPF_MAP_DELETE_ELEM BPF_MAP_GET_NEXT_KEY BPF_PROG_LOAD BPF_OBJ_PIN BPF_OBJ_GET ' +
      'BPF_PROG_ATTACH BPF_PROG_DETACH BPF_PROG_TEST_RUN BPF_PROG_GET_NEXT_ID BPF_MAP_GET_NEXT_ID BPF_PROG_GET_FD_BY_ID BPF_MAP_GET_FD_BY_ID ' +
      'BPF_OBJ_GET_INFO_BY_FD BPF_PROG_QUERY BPF_RAW_TRACEPOINT_OPEN BPF_BTF_LOAD BPF_BTF_GET_FD_BY_ID BPF_TASK_FD_QUERY ' +
      'BPF_MAP_LOOKUP_AND_DELETE_ELEM BPF_MAP_FREEZE BPF_BTF_GET_NEXT_ID BPF_MAP_LOOKUP_BATCH BPF_MAP_LOOKUP_AND_DELETE_BATCH ' +
      'BPF_MAP_UPDATE_BATCH BPF_MAP_DELETE_BATCH BPF_LINK_CREATE BPF_LINK_UPDATE BPF_LINK_GET_FD_BY_ID BPF_LINK_GET_NEXT_ID ' +
      'BPF_ENABLE_STATS BPF_ITER_CREATE BPF_LINK_DETACH BPF_PROG_BIND_MAP BPF_TOKEN_CREATE',
  },
  {
    tag: '',
    first: 0,
    names:
      'BPF_REG_0 BPF_REG_1 BPF_REG_2 BPF_REG_3 BPF_REG_4 BPF_REG_5 BPF_REG_6 BPF_REG_7 BPF_REG_8 BPF_REG_9 BPF_REG_10 __MAX_BPF_REG',
  },
  {
    tag: '',
    first: 0,
    names:
      'BPF_FIB_LKUP_RET_SUCCESS BPF_FIB_LKUP_RET_BLACKHOLE BPF_FIB_LKUP_RET_UNREACHABLE BPF_FIB_LKUP_RET_PROHIBIT BPF_FIB_LKUP_RET_NOT_FWDED ' +
      'BPF_FIB_LKUP_RET_FWD_DISABLED BPF_FIB_LKUP_RET_UNSUPP_LWT BPF_FIB_LKUP_RET_NO_NEIGH BPF_FIB_LKUP_RET_FRAG_NEEDED BPF_FIB_LKUP_RET_NO_SRC_ADDR',
  },
  {
    tag: 'bpf_check_mtu_ret',
    first: 0,
    names: 'BPF_MTU_CHK_RET_SUCCESS BPF_MTU_CHK_RET_FRAG_NEEDED BPF_MTU_CHK_RET_SEGS_TOOBIG',
  },
  {
    tag: '',
    first: 0,
    names: 'BPF_CSUM_LEVEL_QUERY BPF_CSUM_LEVEL_INC BPF_CSUM_LEVEL_DEC BPF_CSUM_LEVEL_RESET',
  },
  { tag: 'bpf_adj_room_mode', first: 0, names: 'BPF_ADJ_ROOM_NET BPF_ADJ_ROOM_MAC' },
  { tag: 'bpf_hdr_start_off', first: 0, names: 'BPF_HDR_START_MAC BPF_HDR_START_NET' },
  { tag: 'bpf_lwt_encap_mode', first: 0, names: 'BPF_LWT_ENCAP_SEG6 BPF_LWT_ENCAP_SEG6_INLINE BPF_LWT_ENCAP_IP' },
];

/** Enumerations whose members are single bits, from bit `first` up. */
const BITS: readonly { readonly first: number; readonly names: string }[] = [
  {
    first: 0,
    names:
      'BPF_FIB_LOOKUP_DIRECT BPF_FIB_LOOKUP_OUTPUT BPF_FIB_LOOKUP_SKIP_NEIGH BPF_FIB_LOOKUP_TBID BPF_FIB_LOOKUP_SRC BPF_FIB_LOOKUP_MARK',
  },
  { first: 4, names: 'BPF_F_PSEUDO_HDR BPF_F_MARK_MANGLED_0 BPF_F_MARK_ENFORCE BPF_F_IPV6' },
  {
    first: 8,
    names: 'BPF_F_USER_STACK BPF_F_FAST_STACK_CMP BPF_F_REUSE_STACKID BPF_F_USER_BUILD_ID',
  },
  { first: 0, names: 'BPF_F_TUNINFO_IPV6 BPF_F_ZERO_CSUM_TX BPF_F_DONT_FRAGMENT BPF_F_SEQ_NUMBER BPF_F_NO_TUNNEL_KEY' },
  {
    first: 0,
    names:
      'BPF_F_ADJ_ROOM_FIXED_GSO BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 BPF_F_ADJ_ROOM_ENCAP_L4_GRE BPF_F_ADJ_ROOM_ENCAP_L4_UDP ' +
      'BPF_F_ADJ_ROOM_NO_CSUM_RESET BPF_F_ADJ_ROOM_ENCAP_L2_ETH BPF_F_ADJ_ROOM_DECAP_L3_IPV4 BPF_F_ADJ_ROOM_DECAP_L3_IPV6',
  },
  { first: 0, names: 'BPF_SK_LOOKUP_F_REPLACE BPF_SK_LOOKUP_F_NO_REUSEPORT' },
  { first: 0, names: 'BPF_MTU_CHK_SEGS' },
  { first: 0, names: 'BPF_F_SYSCTL_BASE_NAME' },
];

const SINGLE = `enum {
	BPF_F_HDR_FIELD_MASK = 0xf,
	BPF_F_SKIP_FIELD_MASK = 0xff,
	BPF_F_TUNINFO_FLAGS = 16,
	BPF_ADJ_ROOM_ENCAP_L2_MASK = 0xff,
	BPF_ADJ_ROOM_ENCAP_L2_SHIFT = 56,
	BPF_LWT_REROUTE = 128,
};

#define BPF_F_ADJ_ROOM_ENCAP_L2(length) (((__u64)(length) & BPF_ADJ_ROOM_ENCAP_L2_MASK) << BPF_ADJ_ROOM_ENCAP_L2_SHIFT)

enum tcx_action_base {
	TCX_NEXT = -1,
	TCX_PASS = 0,
	TCX_DROP = 2,
	TCX_REDIRECT = 7,
};

#define XDP_PACKET_HEADROOM 256
#define MAX_BPF_ATTACH_TYPE __MAX_BPF_ATTACH_TYPE
#define MAX_BPF_REG __MAX_BPF_REG
#define BPF_OBJ_NAME_LEN 16U

#define BPF_JMP32 0x06
#define BPF_ALU64 0x07
#define BPF_DW 0x18
#define BPF_MEMSX 0x80
#define BPF_ATOMIC 0xc0
#define BPF_XADD 0xc0
#define BPF_MOV 0xb0
#define BPF_ARSH 0xc0
#define BPF_END 0xd0
#define BPF_TO_LE 0x00
#define BPF_TO_BE 0x08
#define BPF_JNE 0x50
#define BPF_JLT 0xa0
#define BPF_JLE 0xb0
#define BPF_JSGT 0x60
#define BPF_JSGE 0x70
#define BPF_JSLT 0xc0
#define BPF_JSLE 0xd0
#define BPF_CALL 0x80
#define BPF_EXIT 0x90
`;

/** The part of headers/linux/bpf.h that sock_ops programs have no use for. */
export function otherProgramsText(): string {
  const counted = COUNTED.map(({ tag, first, names }) => {
    const members = names.split(' ').map((name, i) => `\t${name} = ${first + i},`);
    return `enum${tag === '' ? '' : ` ${tag}`} {\n${members.join('\n')}\n};\n`;
  });
  const bits = BITS.map(({ first, names }) => {
    const members = names.split(' ').map((name, i) => `\t${name} = ${2 ** (first + i)},`);
    return `enum {\n${members.join('\n')}\n};\n`;
  });
  return [STRUCTURES, ...counted, ...bits, SINGLE].join('\n');
}
