/** Writes Ethernet frames with IPv4 into one buffer, over and over: a generator makes ten million of them. */

export const ETHERNET = 14;
export const IPV4 = 20;
export const PAYLOAD_TCP = ETHERNET + IPV4 + 20;
export const PAYLOAD_UDP = ETHERNET + IPV4 + 8;

export class FrameBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  #id = 0;

  constructor(size = 2048) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.bytes.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  }

  /** Ethernet and IPv4 for a packet of `ipBytes`; the header's checksum is right. */
  ipv4(src: number, dst: number, proto: number, ipBytes: number): void {
    const v = this.view;
    this.#id = (this.#id + 1) & 0xffff;
    v.setUint16(14, 0x4500);
    v.setUint16(16, ipBytes);
    v.setUint16(18, this.#id);
    v.setUint16(20, 0x4000);
    v.setUint8(22, 64);
    v.setUint8(23, proto);
    v.setUint16(24, 0);
    v.setUint32(26, src);
    v.setUint32(30, dst);
    v.setUint16(24, ~this.#sum(14, 20, 0) & 0xffff);
  }

  tcp(sport: number, dport: number, seq: number, ack: number, flags: number): void {
    const v = this.view;
    v.setUint16(34, sport);
    v.setUint16(36, dport);
    v.setUint32(38, seq);
    v.setUint32(42, ack);
    v.setUint16(46, 0x5000 | flags);
    v.setUint16(48, 0xffff);
    v.setUint32(50, 0);
  }

  udp(sport: number, dport: number, length: number): void {
    const v = this.view;
    v.setUint16(34, sport);
    v.setUint16(36, dport);
    v.setUint16(38, length);
    v.setUint16(40, 0);
  }

  /** Fills in the checksum of the TCP or UDP packet that ends at `end`, which must be all there. */
  seal(proto: number, end: number): void {
    const at = ETHERNET + IPV4 + (proto === 6 ? 16 : 6);
    this.view.setUint16(at, 0);
    const length = end - ETHERNET - IPV4;
    this.bytes[end] = 0;
    const sum = ~this.#sum(ETHERNET + IPV4, length, this.#sum(26, 8, proto + length)) & 0xffff;
    this.view.setUint16(at, sum === 0 && proto === 17 ? 0xffff : sum);
  }

  /** Ones' complement sum (RFC 1071); an odd last byte is followed by a zero. */
  #sum(at: number, length: number, sum: number): number {
    const v = this.view;
    for (const end = at + length; at < end; at += 2) sum += v.getUint16(at);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    return sum;
  }
}
