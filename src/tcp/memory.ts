// How much memory the kernel accounts for buffers (skb->truesize). It is visible: receive windows grow by the ratio of
// payload to memory, and send buffers fill by it. Sizes are those of x86-64.

import { type Host, maxTcpHeader } from './engine.ts';
import type { Sock } from './sock.ts';

/** SKB_DATA_ALIGN(sizeof(struct sk_buff)) */
const SK_BUFF = 256;
/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) */
export const SHARED_INFO = 320;
/** SOCK_MIN_SNDBUF */
export const MIN_SNDBUF = 4608;
/** SOCK_MIN_RCVBUF */
export const MIN_RCVBUF = 2304;
/** Payload that fits into the head of the first buffer of an empty queue. */
const LINEAR_PAYLOAD = 1408;

const align64 = (bytes: number): number => (bytes + 63) & ~63;

/** SKB_TRUESIZE(size) */
export function skbTruesize(size: number): number {
  return size + SK_BUFF + SHARED_INFO;
}

function powerOfTwo(bytes: number): number {
  let size = 512;
  while (size < bytes) size *= 2;
  return size;
}

/** Memory of a send buffer without payload pages: sk_buff, head and shared info. */
export function bufferOverhead(host: Host): number {
  const header = maxTcpHeader(host);
  if (!host.features['small-buffer-heads']) {
    return powerOfTwo(header + SHARED_INFO) + SK_BUFF;
  }
  const pad = host.features['small-heads-have-receive-pad'] ? align64(host.config.maxHeader + 128 + 64) : 0;
  return Math.max(header, pad) + SHARED_INFO + SK_BUFF;
}

/** What a send buffer costs: memory in all, and the part of it that window growth discounts. */
export interface BufferCost {
  readonly truesize: number;
  /** 0 when payload lies in the head, because then nothing is discounted. */
  readonly overhead: number;
}

/** Cost of a buffer with `payload` bytes; `isFirst` when the send queue was empty. */
export function bufferCost(host: Host, payload: number, isFirst: boolean): BufferCost {
  if (isFirst && payload > 0 && host.features['first-buffer-has-linear-payload']) {
    const head = powerOfTwo(maxTcpHeader(host) + LINEAR_PAYLOAD + SHARED_INFO) + SK_BUFF;
    return { truesize: head + Math.max(0, payload - LINEAR_PAYLOAD), overhead: 0 };
  }
  const overhead = bufferOverhead(host);
  return { truesize: overhead + payload, overhead };
}

/** SK_MEM_QUANTUM, PAGE_SIZE */
const PAGE = 4096;

/** __sk_mem_schedule(): makes sure that `bytes` may be charged; memory is taken in pages. */
function schedule(host: Host, sk: Sock, bytes: number): void {
  const missing = bytes - sk.forwardAlloc;
  if (missing <= 0) return;
  sk.forwardAlloc += Math.ceil((host.features['memory-kept-small'] ? missing : bytes) / PAGE) * PAGE;
}

/** sk_mem_uncharge(): newer kernels give whole pages back at once. */
function uncharge(host: Host, sk: Sock, bytes: number): void {
  sk.forwardAlloc += bytes;
  if (host.features['memory-kept-small']) reclaimMemory(sk);
}

/** sk_mem_reclaim(): gives back whole pages. */
export function reclaimMemory(sk: Sock): void {
  if (sk.forwardAlloc >= PAGE) sk.forwardAlloc %= PAGE;
}

/** Memory of a buffer in the send queue or the retransmission queue. */
export function chargeSending(host: Host, sk: Sock, bytes: number): void {
  schedule(host, sk, bytes);
  sk.forwardAlloc -= bytes;
  sk.wmemQueued += bytes;
}

export function unchargeSending(host: Host, sk: Sock, bytes: number): void {
  sk.wmemQueued -= bytes;
  uncharge(host, sk, bytes);
}

/** Memory of a received buffer that waits in a queue. */
export function chargeReceiving(host: Host, sk: Sock, bytes: number): void {
  schedule(host, sk, bytes);
  sk.forwardAlloc -= bytes;
  sk.rmemAlloc += bytes;
}

export function unchargeReceiving(host: Host, sk: Sock, bytes: number): void {
  sk.rmemAlloc -= bytes;
  uncharge(host, sk, bytes);
}
