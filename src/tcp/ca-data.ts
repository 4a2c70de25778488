// Private state of a congestion control algorithm (icsk_ca_priv). CUBIC's fields; the simpler algorithms use none of them.

export interface CaData {
  cnt: number;
  lastMaxCwnd: number;
  lastCwnd: number;
  lastTime: number;
  originPoint: number;
  k: number;
  delayMinUs: number;
  epochStart: number;
  ackCnt: number;
  tcpCwnd: number;
  sampleCnt: number;
  found: boolean;
  roundStartUs: number;
  endSeq: number;
  lastAckUs: number;
  currRttUs: number;
}

export function newCaData(): CaData {
  return {
    cnt: 0,
    lastMaxCwnd: 0,
    lastCwnd: 0,
    lastTime: 0,
    originPoint: 0,
    k: 0,
    delayMinUs: 0,
    epochStart: 0,
    ackCnt: 0,
    tcpCwnd: 0,
    sampleCnt: 0,
    found: false,
    roundStartUs: 0,
    endSeq: 0,
    lastAckUs: 0,
    currRttUs: 0xffffffff,
  };
}
