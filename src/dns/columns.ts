import type { Columns } from '../base/columns.js';

/** What kind of name service a message belongs to: DNS (53), mDNS (5353, RFC 6762), LLMNR (5355, RFC 4795). */
export const DnsService = { dns: 0, mdns: 1, llmnr: 2 } as const;
export const DNS_SERVICES = Object.keys(DnsService) as readonly (keyof typeof DnsService)[];

/**
 * DNS transactions: a query with its answer, a query nobody answered, or an answer nobody was seen to ask for.
 * Messages stay bytes: a row points into `bytes` of the DnsTable; text is made only of what is reported.
 */
export const DNS_COLUMNS = {
  /** Client then server, four words each. For a message without a partner: as its QR bit says who is who. */
  addr: [Uint32Array, 8],
  cport: [Uint16Array, 1],
  sport: [Uint16Array, 1],
  /** 17 or 6. */
  proto: [Uint8Array, 1],
  service: [Uint8Array, 1],
  vlan: [Uint16Array, 1],
  id: [Uint16Array, 1],
  /** Microseconds since the epoch; NaN where there was no such message. */
  queryUs: [Float64Array, 1],
  responseUs: [Float64Array, 1],
  /** Bytes of the frame on the wire (the predecessor's frame_len); 0 where there was no such message. */
  queryFrame: [Uint32Array, 1],
  responseFrame: [Uint32Array, 1],
  /** Where the DNS messages themselves lie in `bytes`; length 0 where there was none. */
  queryAt: [Uint32Array, 1],
  queryLength: [Uint32Array, 1],
  responseAt: [Uint32Array, 1],
  responseLength: [Uint32Array, 1],
  /** First question's name as lower-case wire labels, without the root byte, in `bytes`. */
  nameAt: [Uint32Array, 1],
  nameLength: [Uint8Array, 1],
  qtype: [Uint16Array, 1],
  qclass: [Uint16Array, 1],
  opcode: [Uint8Array, 1],
  /** Extended rcode (RFC 6891) or -1 where there was no response. */
  rcode: [Int16Array, 1],
  answers: [Uint16Array, 1],
  /** Flag bits of RFC 1035 §4.1.1 as sent: low word of the header; query and response. */
  queryFlags: [Uint16Array, 1],
  responseFlags: [Uint16Array, 1],
  /** Tail probability given by score/; 1 until scored. Small is strange. */
  score: [Float32Array, 1],
} as const;

export type DnsColumns = Columns<typeof DNS_COLUMNS>;

/** DNS rows with the bytes they point into. A plain object, so that it can be transferred between threads. */
export interface DnsTable {
  rows: DnsColumns;
  bytes: Uint8Array;
  bytesUsed: number;
}
