import type { Packet } from '../../decode/packet.js';

const SYN = 2;
const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_MSS = 2;

/**
 * TCP segments that no network carries: longer than the largest segment that any connection here agreed to (RFC 9293
 * §3.7.1). Such frames were glued together by an offload before the tap saw them.
 */
export class Segments {
  /** The largest MSS that a SYN announced; 0 while none was seen. */
  mss = 0;
  /** Segments with data, and the most data in one. */
  withData = 0;
  longest = 0;
  /** Segments with more data than the largest MSS known at the time. */
  glued = 0;

  add(v: DataView, p: Packet): void {
    if ((p.tcpFlags & SYN) !== 0) this.#syn(v, p);
    if (p.payloadBytes === 0) return;
    this.withData++;
    if (p.payloadBytes > this.longest) this.longest = p.payloadBytes;
    if (this.mss > 0 && p.payloadBytes > this.mss) this.glued++;
  }

  #syn(v: DataView, p: Packet): void {
    const end = Math.min(p.payloadStart, p.payloadEnd);
    for (let at = p.transportStart + 20; at + 4 <= end; ) {
      const kind = v.getUint8(at);
      if (kind === OPTION_END) return;
      if (kind === OPTION_NOP) {
        at++;
        continue;
      }
      const length = v.getUint8(at + 1);
      if (length < 2) return;
      if (kind === OPTION_MSS && length === 4) this.mss = Math.max(this.mss, v.getUint16(at + 2));
      at += length;
    }
  }
}
