/** Builders of frames, innermost last: `ethernet({}, ipv4({ src, dst, proto: 17 }, udp(ends, payload)))`. */
import { parseAddress } from '../../src/base/address.js';
import type { FrameBatch } from '../../src/capture/source.js';

/** Bytes from hex; everything after `#` on a line is a comment. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/#.*$/gm, '').replace(/\s+/g, '');
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new Error(`not hex: ${digits}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

function be16(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((v) => [(v >> 8) & 255, v & 255]));
}

function be32(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]));
}

/** The four or sixteen bytes of an address in text. */
export function address(text: string): Uint8Array {
  const words = new Uint32Array(4);
  if (!parseAddress(text, words, 0)) throw new Error(`not an address: ${text}`);
  return text.includes(':') ? be32(...words) : be32(words[3]!);
}

/** Ones' complement sum (RFC 1071) over the parts taken together. */
export function checksum(...parts: readonly Uint8Array[]): number {
  const all = concat(...parts);
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) sum += (all[i]! << 8) | (all[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface Tag {
  vid: number;
  /** 0x8100 unless told. */
  tpid?: number;
}

const MACS = hex('02 00 00 00 00 02  02 00 00 00 00 01');

/** The ether type is taken from the first nibble of the payload unless told. */
export function ethernet(o: { type?: number; vlans?: readonly (number | Tag)[] }, payload: Uint8Array): Uint8Array {
  const type = o.type ?? (payload[0]! >> 4 === 6 ? 0x86dd : 0x0800);
  const tags = (o.vlans ?? []).map((v) => (typeof v === 'number' ? { vid: v } : v));
  return concat(MACS, ...tags.map((t) => be16(t.tpid ?? 0x8100, t.vid)), be16(type), payload);
}

/** Fills an Ethernet frame to its least length on the wire, as a sender does. */
export function padded(frame: Uint8Array, length = 60): Uint8Array {
  return frame.length >= length ? frame : concat(frame, new Uint8Array(length - frame.length));
}

/** Linux cooked capture v1 (LINKTYPE 113). */
export function cooked1(type: number, payload: Uint8Array): Uint8Array {
  return concat(be16(0, 1, 6), hex('02 00 00 00 00 01 00 00'), be16(type), payload);
}

/** Linux cooked capture v2 (LINKTYPE 276). */
export function cooked2(type: number, payload: Uint8Array): Uint8Array {
  return concat(be16(type, 0), be32(2), be16(1), hex('00 06 02 00 00 00 00 01 00 00'), payload);
}

export function llcSnap(type: number, payload: Uint8Array): Uint8Array {
  const body = concat(hex('aa aa 03 00 00 00'), be16(type), payload);
  return concat(MACS, be16(body.length), body);
}

export function pppoe(ppp: number, payload: Uint8Array): Uint8Array {
  return ethernet({ type: 0x8864 }, concat(hex('11 00 12 34'), be16(payload.length + 2, ppp), payload));
}

export interface Ipv4 {
  src: string;
  dst: string;
  proto?: number;
  id?: number;
  /** In bytes, a multiple of eight. */
  offset?: number;
  moreFragments?: boolean;
  ttl?: number;
  options?: Uint8Array;
  /** What the header claims; the true length unless told. */
  totalLength?: number;
  badChecksum?: boolean;
}

/** The protocol is taken from the builder that made the payload (tcp, udp, icmp …) unless told. */
export function ipv4(o: Ipv4, payload: Uint8Array): Uint8Array {
  const options = o.options ?? new Uint8Array(0);
  if (options.length % 4 !== 0) throw new Error('options come in fours');
  const length = 20 + options.length;
  const addresses = concat(address(o.src), address(o.dst));
  const proto = o.proto ?? PROTO_OF.get(payload) ?? 17;
  sealTransport(payload, proto, addresses);
  const header = concat(
    Uint8Array.of(0x40 | (length >> 2), 0),
    be16(o.totalLength ?? length + payload.length, o.id ?? 0, (o.moreFragments ? 0x2000 : 0) | ((o.offset ?? 0) >> 3)),
    Uint8Array.of(o.ttl ?? 64, proto),
    be16(0),
    addresses,
    options,
  );
  const sum = checksum(header) ^ (o.badChecksum ? 0x5555 : 0);
  header[10] = sum >> 8;
  header[11] = sum & 255;
  return concat(header, payload);
}

export interface Ipv6 {
  src: string;
  dst: string;
  proto?: number;
  hopLimit?: number;
  /** Extension headers in order: type and content after its first two bytes (padded to eights by the builder). */
  extensions?: readonly { type: number; body: Uint8Array }[];
  payloadLength?: number;
}

export function ipv6(o: Ipv6, payload: Uint8Array): Uint8Array {
  const proto = o.proto ?? PROTO_OF.get(payload) ?? 17;
  const addresses = concat(address(o.src), address(o.dst));
  sealTransport(payload, proto, addresses);
  const extensions = o.extensions ?? [];
  const parts: Uint8Array[] = [];
  extensions.forEach(({ type, body }, i) => {
    const next = extensions[i + 1]?.type ?? proto;
    if (type === 44) {
      parts.push(concat(Uint8Array.of(next, 0), body)); // Fragment header: eight bytes, no length field
    } else if (type === 51) {
      const length = Math.ceil((2 + body.length) / 4) * 4; // AH counts fours, less two
      parts.push(concat(Uint8Array.of(next, length / 4 - 2), body, new Uint8Array(length - 2 - body.length)));
    } else {
      const length = Math.ceil((2 + body.length) / 8) * 8;
      parts.push(concat(Uint8Array.of(next, length / 8 - 1), body, new Uint8Array(length - 2 - body.length)));
    }
  });
  const rest = concat(...parts, payload);
  return concat(
    be32(0x60000000),
    be16(o.payloadLength ?? rest.length),
    Uint8Array.of(extensions[0]?.type ?? proto, o.hopLimit ?? 64),
    addresses,
    rest,
  );
}

/** Body of an IPv6 Fragment header for `extensions`. */
export function fragmentBody(id: number, offset: number, more: boolean): Uint8Array {
  return concat(be16((offset & 0xfff8) | (more ? 1 : 0)), be32(id));
}

export interface Ends {
  sport: number;
  dport: number;
  /** Leaves a wrong checksum in the header. */
  badChecksum?: boolean;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

export function tcp(
  o: Ends & { seq?: number; ack?: number; flags?: number; window?: number; options?: Uint8Array },
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const options = o.options ?? new Uint8Array(0);
  const out = concat(
    be16(o.sport, o.dport),
    be32(o.seq ?? 0, o.ack ?? 0),
    Uint8Array.of((20 + options.length) << 2, o.flags ?? ACK),
    be16(o.window ?? 65535, 0, 0),
    options,
    payload,
  );
  return made(out, 6, o);
}

export function udp(o: Ends & { length?: number }, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  return made(concat(be16(o.sport, o.dport, o.length ?? 8 + payload.length, 0), payload), 17, o);
}

export function icmp(o: { type: number; code?: number }, payload: Uint8Array = new Uint8Array(4)): Uint8Array {
  const out = concat(Uint8Array.of(o.type, o.code ?? 0, 0, 0), payload);
  const sum = checksum(out);
  out[2] = sum >> 8;
  out[3] = sum & 255;
  return made(out, 1, {});
}

export function icmp6(o: { type: number; code?: number }, payload: Uint8Array = new Uint8Array(4)): Uint8Array {
  return made(concat(Uint8Array.of(o.type, o.code ?? 0, 0, 0), payload), 58, {});
}

export function arp(): Uint8Array {
  return ethernet({ type: 0x0806 }, hex('0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002'));
}

/** An address pair and ports, for tests that speak of conversations rather than of frames. */
export interface Conversation {
  a: string;
  b: string;
  aPort: number;
  bPort: number;
}

export interface Frame {
  timeUs: number;
  bytes: Uint8Array;
  /** Ethernet (1) unless told. */
  linkType?: number;
  /** More than the bytes when snapped. */
  wireLen?: number;
}

/** Frames as a source would hand them over. */
export function batchOf(frames: readonly Frame[]): FrameBatch {
  const arena = concat(...frames.map((f) => f.bytes));
  const n = frames.length;
  const batch = {
    count: n,
    arena,
    view: new DataView(arena.buffer, arena.byteOffset, arena.byteLength),
    start: new Uint32Array(n),
    capLen: new Uint32Array(n),
    wireLen: new Uint32Array(n),
    timeUs: new Float64Array(n),
    linkType: new Uint16Array(n),
  };
  let at = 0;
  frames.forEach((f, i) => {
    batch.start[i] = at;
    batch.capLen[i] = f.bytes.length;
    batch.wireLen[i] = f.wireLen ?? f.bytes.length;
    batch.timeUs[i] = f.timeUs;
    batch.linkType[i] = f.linkType ?? 1;
    at += f.bytes.length;
  });
  return batch;
}

const PROTO_OF = new WeakMap<Uint8Array, number>();
const WRONG_ON_PURPOSE = new WeakSet<Uint8Array>();

function made(out: Uint8Array, proto: number, o: { badChecksum?: boolean }): Uint8Array {
  PROTO_OF.set(out, proto);
  if (o.badChecksum) WRONG_ON_PURPOSE.add(out);
  return out;
}

/** Writes the checksum of a TCP, UDP or ICMPv6 message that a builder above made. */
function sealTransport(payload: Uint8Array, proto: number, addresses: Uint8Array): void {
  if (PROTO_OF.get(payload) !== proto) return;
  const at = proto === 6 ? 16 : proto === 17 ? 6 : proto === 58 ? 2 : -1;
  if (at < 0) return;
  payload[at] = payload[at + 1] = 0;
  let sum = checksum(addresses, be16(0, proto), be32(payload.length), payload);
  if (WRONG_ON_PURPOSE.has(payload)) sum ^= 0x1234;
  if (sum === 0 && proto === 17) sum = 0xffff;
  payload[at] = sum >> 8;
  payload[at + 1] = sum & 255;
}
