/**
 * The few facts later stages need about one frame. There is one Packet per shard and each decode overwrites it in
 * place; a field is meaningful only after a verdict that counts the frame in a flow (see Verdict in verdict.ts).
 */
export class Packet {
  /** Microseconds since the epoch. NaN so that the field is a double from birth. */
  timeUs = Number.NaN;
  /** IANA protocol number of the transport (after extension headers). */
  proto = 0;
  /** Ports of TCP, UDP, SCTP, DCCP, UDP-Lite; for ICMP and ICMPv6 the type and the counterpart (Community ID v1); else 0. */
  srcPort = 0;
  dstPort = 0;
  icmpType = 0;
  icmpCode = 0;
  tcpFlags = 0;
  tcpSeq = 0;
  tcpAck = 0;
  tcpWindow = 0;
  ttl = 0;
  /** Outer and inner VLAN id; 0 where there is none. */
  vlan = 0;
  innerVlan = 0;
  /** Length of the IP packet as its header claims, whatever the snap length. */
  ipBytes = 0;
  /** Length of the transport payload as the headers claim. */
  payloadBytes = 0;
  /** The captured part of that payload: offsets into the view that was decoded. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Where the link-layer frame and the (innermost) IP header begin. */
  frameStart = 0;
  ipStart = 0;
  /** 4 or 6. */
  ipVersion = 0;
  /** Where the transport header (of a later fragment: its bytes) begins, and how much of it the IP header claims. */
  transportStart = 0;
  transportBytes = 0;
  /** Bytes of the whole frame on the wire. */
  wireBytes = 0;
  /** IP fragment: identification, offset in bytes, whether more follow. `fragment` is false for a whole packet. */
  fragment = false;
  fragmentId = 0;
  fragmentOffset = 0;
  moreFragments = false;
  /** Source then destination, four words each; IPv4 is written as ::ffff:a.b.c.d. */
  readonly addr = new Uint32Array(8);
}
