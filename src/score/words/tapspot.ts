import type { DnsColumns } from '../../dns/columns.js';
import { CONN_STATES, type FlowColumns } from '../../flow/columns.js';
import { protocolName } from '../../record/names.js';
import { SERVICES } from '../../record/services.js';
import type { NameFacts } from '../names.js';
import type { WordSet } from './word-set.js';

/**
 * Tapspot's own words. Against the predecessor's: both directions count, the end of a connection counts, a service
 * keeps its port above 1024, bins are wide enough that a word is met again (powers of four), the hour is modelled
 * apart, and a name is cut at its registered domain. record/word-meaning.ts says what a word means; keep the two in
 * step.
 */

/** Ports that are no service by number. */
const REGISTERED = 0x10000;
const DYNAMIC = 0x10001;
/** IANA, RFC 6335 §6: dynamic ports start at 49152; Linux hands out from 32768. */
const DYNAMIC_FROM = 32768;

export const FLOW_ENDS = ['done', 'reset', 'open', 'unanswered', 'refused', 'partial'] as const;
const END_OF: Readonly<Record<(typeof CONN_STATES)[number], (typeof FLOW_ENDS)[number]>> = {
  OTH: 'partial', S0: 'unanswered', S1: 'open', S2: 'open', S3: 'open', SF: 'done', REJ: 'refused', RSTO: 'reset',
  RSTR: 'reset', RSTOS0: 'unanswered', RSTRH: 'refused', SH: 'unanswered', SHR: 'partial',
}; // biome-ignore format: a table
const END = Uint8Array.from(CONN_STATES, (state) => FLOW_ENDS.indexOf(END_OF[state]));
const DONE = FLOW_ENDS.indexOf('done');
const UNANSWERED = FLOW_ENDS.indexOf('unanswered');

export const DNS_ENDS = ['unanswered', 'ok', 'empty', 'nxdomain', 'servfail', 'refused', 'other'] as const;
export const NAME_KINDS = ['name', 'reverse', 'local', 'single'] as const;
const SERVICE_TEXT = ['dns', 'mdns', 'llmnr'] as const;

/** 0 for 0, else one more than log4 cut to a whole number: 1-3 → 1, 4-15 → 2, 16-63 → 3. */
export function log4Bin(x: number): number {
  return x < 1 ? 0 : x < 2 ** 32 ? (33 - Math.clz32(x)) >> 1 : (1 + Math.floor(Math.log2(x) / 2)) & 31;
}

export class TapspotWords implements WordSet {
  readonly name = 'tapspot';
  readonly hourInWord = false;

  /** a = side (bit 25), service (17 bits), protocol (8 bits); b = end, payload and packets of both directions. */
  flowKeys(f: FlowColumns, row: number, out: Uint32Array): void {
    const proto = f.proto[row]!;
    const icmp = proto === 1 || proto === 58;
    const port = icmp ? f.sport[row]! : f.dport[row]!;
    const named = icmp || port < 1024 || SERVICE_PORT[port] === 1;
    const service = named ? port : port < DYNAMIC_FROM ? REGISTERED : DYNAMIC;
    const end = proto === 6 ? END[f.connState[row]!]! : f.respPackets[row]! > 0 ? DONE : UNANSWERED;
    const a = (service << 8) | proto;
    out[0] = a;
    out[2] = a | (1 << 25);
    out[1] = out[3] =
      (end << 18) |
      (log4Bin(f.origPayload[row]!) << 13) |
      (log4Bin(f.respPayload[row]!) << 8) |
      (Math.min(15, log4Bin(f.origPackets[row]!)) << 4) |
      Math.min(15, log4Bin(f.respPackets[row]!));
  }

  flowText(a: number, b: number): string {
    const service = (a >>> 8) & 0x1ffff;
    const port = service === REGISTERED ? 'registered' : service === DYNAMIC ? 'dynamic' : service;
    const side = a >>> 25 ? 'in' : 'out';
    const sizes = `${(b >>> 13) & 31}_${(b >>> 8) & 31}_${(b >>> 4) & 15}_${b & 15}`;
    return `${side}_${protocolName(a & 255)}_${port}_${FLOW_ENDS[b >>> 18]}_${sizes}`;
  }

  /** a = type (16 bits), end (3), service (2); b = kind of name, length, entropy, labels, size of the answer. */
  dnsKey(d: DnsColumns, row: number, name: NameFacts, out: Uint32Array): void {
    const rcode = d.rcode[row]!;
    const end =
      rcode < 0
        ? 0
        : rcode === 0
          ? d.answers[row]! > 0
            ? 1
            : 2
          : rcode === 3
            ? 3
            : rcode === 2
              ? 4
              : rcode === 5
                ? 5
                : 6;
    const kind = name.reverse ? 1 : name.labels < 2 ? 3 : name.known ? 0 : 2;
    out[0] = (d.qtype[row]! << 5) | (end << 2) | (d.service[row]! & 3);
    out[1] =
      (kind << 15) |
      ((32 - Math.clz32(Math.min(name.sub.length, 255))) << 11) |
      (Math.min(15, Math.floor(name.subEntropy * 2)) << 7) |
      (Math.min(7, name.labels) << 4) |
      Math.min(15, log4Bin(d.responseLength[row]!));
  }

  dnsText(a: number, b: number): string {
    const parts = `${NAME_KINDS[b >>> 15]}_${(b >>> 11) & 15}_${(b >>> 7) & 15}_${(b >>> 4) & 7}_${b & 15}`;
    return `${SERVICE_TEXT[a & 3] ?? 'dns'}_${a >>> 5}_${DNS_ENDS[(a >>> 2) & 7]}_${parts}`;
  }
}

const SERVICE_PORT = new Uint8Array(65536);
for (const port of Object.keys(SERVICES)) SERVICE_PORT[Number(port)] = 1;
