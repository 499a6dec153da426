/**
 * What decode made of a frame: every frame gets exactly one. The first three count the frame in a flow, the rest do
 * not and are the reason why.
 */
export const Verdict = {
  /** A whole IP packet, all of it captured. */
  ok: 0,
  /** Its flow is known, but some of what its IP header claims was not captured (or was never sent). */
  snapped: 1,
  /** One fragment of an IP packet; only the first carries ports, see fragments.ts. */
  fragment: 2,
  /** The capture ends before the ports (or, for other protocols, before the IP header's end). */
  cut: 3,
  /** A header contradicts itself or its surroundings: no receiver would take it. */
  badHeader: 4,
  /** Some other network protocol: LLDP, MPLS, EAPOL … */
  notIp: 5,
  arp: 6,
  /** IEEE 802.2 that is not SNAP-encapsulated IP: spanning tree, IS-IS, NetBEUI … */
  llc: 7,
  /** PPPoE discovery, LCP, IPCP, PAP … */
  pppControl: 8,
  /** More VLAN tags or IPv6 extension headers than any honest sender stacks. */
  tooDeep: 9,
  /** A LINKTYPE_ that is not decoded. */
  unknownLink: 10,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Names as counters use them (`decode.bad_header`); a Verdict is an index into this. */
export const VERDICTS = [
  'ok',
  'snapped',
  'fragment',
  'cut',
  'bad_header',
  'not_ip',
  'arp',
  'llc',
  'ppp_control',
  'too_deep',
  'unknown_link',
] as const;

/** Does a frame with this verdict belong in a flow? */
export function isInFlow(verdict: Verdict): boolean {
  return verdict <= Verdict.fragment;
}
