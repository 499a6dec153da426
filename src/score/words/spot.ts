import type { DnsColumns } from '../../dns/columns.js';
import type { FlowColumns } from '../../flow/columns.js';
import type { NameFacts } from '../names.js';
import { NO_DOMAIN, splitName, topDomain } from './domain.js';
import { bin, ceilLog2, ENTROPY_CUTS, entropy, floorLog2 } from './helpers.js';
import { POPULAR } from './popular.js';
import { hourOf, type WordSet } from './word-set.js';

/** What a flow's word says instead of a port when both ports are low, or both high. */
const BOTH_LOW = 111111;
const BOTH_HIGH = 333333;
const LOW_PORT_MAX = 1024;

/** Protocols by the names nfdump prints; others by number. */
const PROTO_TEXT: Readonly<Record<number, string>> = {
  1: 'ICMP', 2: 'IGMP', 4: 'IPIP', 6: 'TCP', 17: 'UDP', 41: 'IPv6', 47: 'GRE', 50: 'ESP', 51: 'AH', 58: 'ICMP6',
  89: 'OSPF', 132: 'SCTP',
}; // biome-ignore format: a table

/** Which port names the flow, and which sides own it: bit 1 the source, bit 2 the destination. */
export function portKey(sport: number, dport: number): { port: number; owners: number } {
  if (sport === 0 && dport === 0) return { port: 0, owners: 0 };
  if (dport === 0) return { port: sport, owners: 1 };
  if (sport === 0) return { port: dport, owners: 2 };
  if (sport <= LOW_PORT_MAX && dport <= LOW_PORT_MAX) return { port: BOTH_LOW, owners: 0 };
  if (sport <= LOW_PORT_MAX) return { port: sport, owners: 1 };
  if (dport <= LOW_PORT_MAX) return { port: dport, owners: 2 };
  return { port: BOTH_HIGH, owners: 0 };
}

export interface SpotOptions {
  /** The bare first label of the operator's own domain, or ''. */
  ownDomain?: string;
  popular?: ReadonlySet<string>;
}

/** The predecessor's words for flow and DNS (spot-ml FlowWordCreator, DNSWordCreation), to the letter. */
export class SpotWords implements WordSet {
  readonly name = 'spot';
  readonly hourInWord = true;
  readonly #own: string;
  readonly #popular: ReadonlySet<string>;

  constructor(o: SpotOptions = {}) {
    this.#own = o.ownDomain ?? '';
    this.#popular = o.popular ?? POPULAR;
  }

  /** a = owner's mark (bit 31), port key code (18 bits), protocol (8 bits); b = hour, bytes, packets. */
  flowKeys(f: FlowColumns, row: number, out: Uint32Array): void {
    const { port, owners } = portKey(f.sport[row]!, f.dport[row]!);
    const a = (port === BOTH_LOW ? 0x10000 : port === BOTH_HIGH ? 0x20000 : port) * 256 + f.proto[row]!;
    const hour = hourOf(f.firstUs[row]!);
    // The predecessor's records were one-directional; what came in is what the originator sent.
    const b = (hour << 12) | (ceilLog2(f.origBytes[row]! + 1) << 6) | ceilLog2(f.origPackets[row]! + 1);
    out[0] = (owners & 1 ? 0x80000000 : 0) + a;
    out[2] = (owners & 2 ? 0x80000000 : 0) + a;
    out[1] = out[3] = b;
  }

  flowText(a: number, b: number): string {
    const code = (a >>> 8) & 0x3ffff;
    const port = code === 0x10000 ? BOTH_LOW : code === 0x20000 ? BOTH_HIGH : code;
    const proto = PROTO_TEXT[a & 255] ?? String(a & 255);
    return `${a >>> 31 ? '-1_' : ''}${port}_${proto}_${b >>> 12}_${(b >>> 6) & 63}_${b & 63}`;
  }

  /** a = type (16 bits), rcode + 1 (13 bits); b = class of domain, frame, hour, subdomain, entropy, labels. */
  dnsKey(d: DnsColumns, row: number, name: NameFacts, out: Uint32Array): void {
    const parts = (name.spot ??= this.#facts(name.text));
    const answered = d.responseLength[row]! > 0 || d.responseFrame[row]! > 0;
    const frame = answered ? d.responseFrame[row]! : d.queryFrame[row]!;
    const at = answered ? d.responseUs[row]! : d.queryUs[row]!;
    out[0] = d.qtype[row]! * 8192 + (d.rcode[row]! + 1);
    out[1] = (floorLog2(frame) << 20) | (hourOf(at) << 15) | parts;
  }

  dnsText(a: number, b: number): string {
    const type = Math.floor(a / 8192);
    const rcode = (a & 8191) - 1;
    return [
      (b >>> 13) & 3, (b >>> 20) & 31, (b >>> 15) & 31, (b >>> 9) & 15, (b >>> 4) & 31, b & 15, type, rcode,
    ].join('_'); // biome-ignore format: the word's fields in order
  }

  /** The parts of a word that depend on the name alone, packed: class 2 bits, length 4, entropy 5, labels 4. */
  #facts(text: string): number {
    const { domain, subdomain, labels } = splitName(text);
    const none = subdomain === NO_DOMAIN;
    const length = floorLog2(none ? 0 : subdomain.length);
    const bits = bin(none ? 0 : entropy(subdomain), ENTROPY_CUTS);
    return (topDomain(domain, this.#own, this.#popular) << 13) | (length << 9) | (bits << 4) | floorLog2(labels);
  }
}

/** One web request as the predecessor's proxy words see it. */
export interface ProxyRequest {
  host: string;
  hour: number;
  method: string;
  uri: string;
  /** Null where none was sent. */
  contentType: string | null;
  status: string | null;
  /** How often the user agent occurs in the whole data set. */
  agentCount: number;
}

/** The predecessor's word for a web request (spot-ml ProxyWordCreation). */
export function proxyWord(r: ProxyRequest, popular: ReadonlySet<string> = POPULAR): string {
  const { domain } = splitName(r.host);
  // The predecessor took its vendor's name for the own domain, whatever was configured.
  const top = topDomain(domain, 'intel', popular);
  const kind = r.contentType === null ? '-' : r.contentType.split('/')[0]!;
  const bits = bin(entropy(r.uri), ENTROPY_CUTS);
  const status = r.status ?? 'unknown_response_code';
  return `${top}_${r.hour}_${r.method}_${bits}_${kind}_${floorLog2(r.agentCount)}_${floorLog2(r.uri.length)}_${status}`;
}
