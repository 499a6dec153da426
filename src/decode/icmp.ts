/**
 * ICMP and ICMPv6 types that come in pairs, so that a request and its reply are one flow: the pairing of Community ID
 * version 1 (github.com/corelight/community-id-spec). A type without a partner stands with its code.
 */
const NONE = 255;

const V4_PAIRS = [
  [8, 0], // echo
  [13, 14], // timestamp
  [15, 16], // information
  [10, 9], // router solicitation, advertisement
  [17, 18], // address mask
] as const;

const V6_PAIRS = [
  [128, 129], // echo
  [130, 131], // multicast listener query, report
  [133, 134], // router solicitation, advertisement
  [135, 136], // neighbour solicitation, advertisement
  [139, 140], // node information
  [144, 145], // home agent address discovery
] as const;

/** counterpart[type], or NONE. */
const V4_COUNTERPART = counterparts(V4_PAIRS);
const V6_COUNTERPART = counterparts(V6_PAIRS);
const V4_REQUEST = requests(V4_PAIRS);
const V6_REQUEST = requests(V6_PAIRS);

/** What stands for the destination port of a message of this type and code. */
export function icmpCounterpart(proto: number, type: number, code: number): number {
  const other = (proto === 1 ? V4_COUNTERPART : V6_COUNTERPART)[type]!;
  return other === NONE ? code : other;
}

/** Whether messages of this type have a partner type. */
export function isIcmpPaired(proto: number, type: number): boolean {
  return (proto === 1 ? V4_COUNTERPART : V6_COUNTERPART)[type] !== NONE;
}

/** Whether this type asks (and its partner answers). */
export function isIcmpRequest(proto: number, type: number): boolean {
  return (proto === 1 ? V4_REQUEST : V6_REQUEST)[type] === 1;
}

function counterparts(pairs: readonly (readonly [number, number])[]): Uint8Array {
  const table = new Uint8Array(256).fill(NONE);
  for (const [request, reply] of pairs) {
    table[request] = reply;
    table[reply] = request;
  }
  return table;
}

function requests(pairs: readonly (readonly [number, number])[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const [request] of pairs) table[request] = 1;
  return table;
}
