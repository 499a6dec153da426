/**
 * Link types as files number them: LINKTYPE_ values (tcpdump.org/linktypes.html). libpcap's own DLT_ numbers differ
 * from them in a few places, and only those are translated.
 */
export const LinkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  ieee80211: 105,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  nflog: 239,
  linuxSll2: 276,
} as const;

const NAMES = new Map<number, string>([
  [LinkType.null, 'null'],
  [LinkType.ethernet, 'ethernet'],
  [LinkType.raw, 'raw'],
  [LinkType.ieee80211, 'ieee802_11'],
  [LinkType.loop, 'loop'],
  [LinkType.linuxSll, 'linux_sll'],
  [LinkType.ipv4, 'ipv4'],
  [LinkType.ipv6, 'ipv6'],
  [LinkType.nflog, 'nflog'],
  [LinkType.linuxSll2, 'linux_sll2'],
]);

/** A name for people: 'ethernet', or 'link type 147' where we have none. */
export function linkTypeName(linkType: number): string {
  return NAMES.get(linkType) ?? `link type ${linkType}`;
}

/**
 * What a file says, with the two numbers folded in that old writers used for raw IP: they wrote their system's DLT_RAW
 * (12, or 14 on OpenBSD) instead of LINKTYPE_RAW.
 */
export function linkTypeInFile(said: number): number {
  return said === 12 || said === 14 ? LinkType.raw : said;
}

/** LINKTYPE_ of a DLT_ that libpcap on Linux gave us. */
export function linkTypeOfDataLink(dataLink: number): number {
  return linkTypeInFile(dataLink);
}

/** DLT_ on Linux for a LINKTYPE_. */
export function dataLinkOfLinkType(linkType: number): number {
  return linkType === LinkType.raw ? 12 : linkType;
}
