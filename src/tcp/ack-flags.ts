// What an ACK did, in bits, as it is handed from one part of ACK processing to the next (FLAG_* of net/ipv4/tcp_input.c).

const DATA = 0x1;
const WIN_UPDATE = 0x2;
const DATA_ACKED = 0x4;
const SYN_ACKED = 0x10;
const DATA_SACKED = 0x20;
const ECE = 0x40;
const DSACKING_ACK = 0x800;

/** What an ACK did (FLAG_* of the kernel). */
export const AckFlag = {
  DATA,
  WIN_UPDATE,
  DATA_ACKED,
  RETRANS_DATA_ACKED: 0x8,
  SYN_ACKED,
  DATA_SACKED,
  ECE,
  LOST_RETRANS: 0x80,
  SLOWPATH: 0x100,
  ORIG_SACK_ACKED: 0x200,
  SND_UNA_ADVANCED: 0x400,
  DSACKING_ACK,
  SET_XMIT_TIMER: 0x1000,
  SACK_RENEGING: 0x2000,
  ACK_MAYBE_DELAYED: 0x10000,
  DSACK_TLP: 0x20000,
  ACKED: DATA_ACKED | SYN_ACKED,
  NOT_DUP: DATA | WIN_UPDATE | DATA_ACKED | SYN_ACKED,
  CA_ALERT: DATA_SACKED | ECE | DSACKING_ACK,
  FORWARD_PROGRESS: DATA_ACKED | SYN_ACKED | DATA_SACKED,
} as const;
