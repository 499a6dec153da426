/** Names for the numbers of the record, used by both halves. */

/** Zeek's conn_state values; a row holds the index. The same list as the flow stage's, which a test holds to it. */
export const CONN_STATES = [
  'OTH', 'S0', 'S1', 'S2', 'S3', 'SF', 'REJ', 'RSTO', 'RSTR', 'RSTOS0', 'RSTRH', 'SH', 'SHR',
] as const; // biome-ignore format: one line

/** Name services of `DnsBlock.service`. */
export const DNS_SERVICES = ['dns', 'mdns', 'llmnr'] as const;

/** Where a word comes from: `WordBlock.source`. */
export const WORD_SOURCES = ['flow', 'dns'] as const;

/** Keywords of the IANA protocol number registry, in lower case, for those that are met above IP. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'hopopt', 1: 'icmp', 2: 'igmp', 3: 'ggp', 4: 'ipv4', 5: 'st', 6: 'tcp', 8: 'egp', 9: 'igp', 12: 'pup', 17: 'udp',
  20: 'hmp', 22: 'xns-idp', 27: 'rdp', 29: 'iso-tp4', 33: 'dccp', 36: 'xtp', 41: 'ipv6', 43: 'ipv6-route',
  44: 'ipv6-frag', 46: 'rsvp', 47: 'gre', 50: 'esp', 51: 'ah', 55: 'min-ipv4', 57: 'skip', 58: 'ipv6-icmp',
  59: 'ipv6-nonxt', 60: 'ipv6-opts', 73: 'cphb', 81: 'vmtp', 88: 'eigrp', 89: 'ospfigp', 94: 'ipip', 97: 'etherip',
  98: 'encap', 103: 'pim', 108: 'ipcomp', 112: 'vrrp', 115: 'l2tp', 118: 'stp', 124: 'isis-over-ipv4', 132: 'sctp',
  133: 'fc', 135: 'mobility-header', 136: 'udplite', 137: 'mpls-in-ip', 138: 'manet', 139: 'hip', 140: 'shim6',
  141: 'wesp', 142: 'rohc', 143: 'ethernet', 255: 'reserved',
}; // biome-ignore format: a table
const NUMBERS = new Map(Object.entries(PROTOCOLS).map(([number, name]) => [name, Number(number)]));

/** The name of an IANA protocol number; the number itself as text where it has no common name. */
export function protocolName(proto: number): string {
  return PROTOCOLS[proto] ?? String(proto);
}

/** The number behind such a name; null when it is neither a name nor a number from 0 to 255. */
export function protocolNumber(name: string): number | null {
  const known = NUMBERS.get(name);
  if (known !== undefined) return known;
  return /^\d{1,3}$/.test(name) && Number(name) <= 255 ? Number(name) : null;
}
