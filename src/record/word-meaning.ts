import { SERVICES, serviceText } from './services.js';

/** DNS types that people know by name (IANA). */
export const DNS_TYPES: Readonly<Record<number, string>> = {
  1: 'A', 2: 'NS', 5: 'CNAME', 6: 'SOA', 10: 'NULL', 12: 'PTR', 13: 'HINFO', 15: 'MX', 16: 'TXT', 25: 'KEY', 28: 'AAAA',
  33: 'SRV', 35: 'NAPTR', 43: 'DS', 46: 'RRSIG', 47: 'NSEC', 48: 'DNSKEY', 52: 'TLSA', 64: 'SVCB', 65: 'HTTPS',
  99: 'SPF', 249: 'TKEY', 250: 'TSIG', 251: 'IXFR', 252: 'AXFR', 255: 'ANY', 257: 'CAA',
}; // biome-ignore format: a table

export function dnsTypeText(type: number): string {
  return DNS_TYPES[type] ?? `TYPE${type}`;
}

const ENDS: Readonly<Record<string, string>> = {
  done: 'completed', reset: 'cut off by a reset', open: 'not closed', unanswered: 'not answered', refused: 'refused',
  partial: 'seen in part',
  ok: 'answered', empty: 'answered with nothing', nxdomain: 'no such name', servfail: 'server failure', other: 'an error',
}; // biome-ignore format: a table
const KINDS: Readonly<Record<string, string>> = {
  name: 'a public name', reverse: 'a reverse lookup', local: 'a name outside the public suffixes', single: 'a single label',
}; // biome-ignore format: a table

/**
 * What a word of either word set says, in English, for people who did not read the code. A word that cannot be read
 * (another version's, or made up) is given back as it is.
 */
export function wordMeaning(wordSet: string, source: 'flow' | 'dns', word: string): string {
  const parts = word.split('_');
  const text =
    wordSet === 'spot'
      ? source === 'flow'
        ? spotFlow(parts)
        : spotDns(parts)
      : source === 'flow'
        ? tapspotFlow(parts)
        : tapspotDns(parts);
  return text ?? word;
}

function tapspotFlow(p: string[]): string | null {
  const [side, proto, port, end] = p;
  const n = p.slice(4).map(Number);
  if (p.length !== 8 || n.some((x) => !Number.isInteger(x)) || ENDS[end!] === undefined) return null;
  const who = side === 'out' ? 'opens' : 'is asked for';
  const what = Number.isInteger(Number(port)) ? serviceOf(proto!, Number(port)) : `${proto} on a ${port} port`;
  const [up, down, upPackets, downPackets] = n as [number, number, number, number];
  const from = `sends ${span(up, ' B')} in ${span(upPackets, ' packets')}`;
  const to = `gets ${span(down, ' B')} in ${span(downPackets, ' packets')}`;
  return side === 'out'
    ? `${who} ${what}, ${ENDS[end!]}; ${from}, ${to}`
    : `${who} ${what}, ${ENDS[end!]}; the peer ${from} and ${to}`;
}

function serviceOf(proto: string, port: number): string {
  return proto === 'icmp' || proto === 'ipv6-icmp' ? `${proto} type ${port}` : serviceText(proto, port);
}

function tapspotDns(p: string[]): string | null {
  const [service, type, end, kind] = p;
  const n = p.slice(4).map(Number);
  if (p.length !== 8 || n.some((x) => !Number.isInteger(x)) || ENDS[end!] === undefined || !KINDS[kind!]) return null;
  const [length, bits, labels, size] = n as [number, number, number, number];
  const sub =
    length === 0
      ? 'nothing before the domain'
      : `${2 ** (length - 1)} to ${2 ** length - 1} characters before the domain (${bits / 2} to ${bits / 2 + 0.5} bits each)`;
  const many = labels === 7 ? '7 or more labels' : `${labels} labels`;
  const answer = size === 0 ? '' : `, answer of ${span(size, ' B')}`;
  return `${service} ${dnsTypeText(Number(type))}, ${ENDS[end!]}: ${KINDS[kind!]}, ${sub}, ${many}${answer}`;
}

function spotFlow(p: string[]): string | null {
  const server = p[0] === '-1';
  const [port, proto, hour, bytes, packets] = server ? p.slice(1) : p;
  if (packets === undefined || p.length !== (server ? 6 : 5)) return null;
  const where =
    port === '111111' ? 'two low ports' : port === '333333' ? 'two high ports' : serviceLabel(proto!, Number(port));
  const side = server ? 'serves' : 'uses';
  return `${side} ${where} at ${hour} h; up to ${2 ** Number(bytes) - 1} B in up to ${2 ** Number(packets) - 1} packets`;
}

function serviceLabel(proto: string, port: number): string {
  const name = SERVICES[port];
  return `${proto} port ${port}${name ? ` (${name})` : ''}`;
}

function spotDns(p: string[]): string | null {
  const [top, frame, hour, length, bits, , type, rcode] = p;
  if (p.length !== 8) return null;
  const domain = top === '2' ? 'an own domain' : top === '1' ? 'a popular domain' : 'a domain';
  return (
    `asks for ${dnsTypeText(Number(type))} of ${domain} at ${hour} h, response code ${rcode}; frame of ${2 ** Number(frame)} B ` +
    `or more, subdomain of ${2 ** Number(length)} characters or more (entropy bin ${bits})`
  );
}

/** The span of a bin of powers of four. */
function span(bin: number, unit: string): string {
  if (bin === 0) return `no${unit === ' B' ? ' payload' : unit}`;
  const low = 4 ** (bin - 1);
  const high = 4 ** bin - 1;
  return unit === ' B' ? `${size(low)}-${size(high)}` : `${low}-${high}${unit}`;
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const [factor, unit] of [
    [1e3, 'kB'],
    [1e6, 'MB'],
    [1e9, 'GB'],
  ] as const) {
    if (bytes < factor * 1000) return `${Math.round(bytes / factor)} ${unit}`;
  }
  return `${Math.round(bytes / 1e12)} TB`;
}
