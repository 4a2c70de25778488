// Which saved SYN a helper means: the one that is being answered, or the one that the socket keeps because TCP_SAVE_SYN was set.

import type { Call } from './callback.ts';
import { Op } from './constants.ts';
import type { SavedHeaders } from './request.ts';

/** bpf_sock_ops_get_syn(): the SYN at hand, else the saved one; undefined when there is neither. */
export function savedSynOf(call: Call): SavedHeaders | undefined {
  if (call.op === Op.HDR_OPT_LEN || call.op === Op.WRITE_HDR_OPT) {
    if (call.syn) return call.syn;
  }
  return call.sk ? call.sk.savedSyn : call.req?.savedSyn;
}
