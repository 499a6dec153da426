import type { AppStage } from '../../../src/app/stage.js';
import { Packet } from '../../../src/decode/packet.js';
import { bytes, packet, u16 } from '../../dns/support/messages.js';

export const SYN = 2;
export const ACK = 16;
export const FIN = 1;
export const RST = 4;

const u24 = (n: number) => Uint8Array.of(n >> 16, (n >> 8) & 255, n & 255);
const extension = (type: number, data: Uint8Array) => bytes(u16(type), u16(data.length), data);
const list16 = (values: readonly number[]) => bytes(u16(values.length * 2), ...values.map(u16));

export interface HelloParts {
  version?: number;
  ciphers?: readonly number[];
  sni?: string;
  alpn?: readonly string[];
  versions?: readonly number[];
  signatures?: readonly number[];
  /** Types of further extensions, empty ones. */
  more?: readonly number[];
  /** Bytes of padding (extension 21). */
  padding?: number;
}

/** The body of a ClientHello. */
export function clientHello(h: HelloParts): Uint8Array {
  const extensions: Uint8Array[] = [];
  if (h.sni !== undefined) {
    const name = bytes(0, u16(h.sni.length), h.sni);
    extensions.push(extension(0, bytes(u16(name.length), name)));
  }
  if (h.alpn !== undefined) {
    const names = bytes(...h.alpn.map((a) => bytes(a.length, a)));
    extensions.push(extension(16, bytes(u16(names.length), names)));
  }
  if (h.versions !== undefined) extensions.push(extension(43, bytes(h.versions.length * 2, ...h.versions.map(u16))));
  if (h.signatures !== undefined) extensions.push(extension(13, list16(h.signatures)));
  for (const type of h.more ?? []) extensions.push(extension(type, bytes()));
  if (h.padding !== undefined) extensions.push(extension(21, new Uint8Array(h.padding)));
  const all = bytes(...extensions);
  const random = new Uint8Array(32).fill(7);
  return bytes(u16(h.version ?? 0x303), random, 0, list16(h.ciphers ?? [0x1301, 0x1302]), 1, 0, u16(all.length), all);
}

export function serverHello(cipher: number, version13: boolean): Uint8Array {
  const all = version13 ? extension(43, u16(0x304)) : extension(0xff01, bytes(0));
  return bytes(u16(0x303), new Uint8Array(32).fill(9), 0, u16(cipher), 0, u16(all.length), all);
}

export const message = (type: number, body: Uint8Array) => bytes(type, u24(body.length), body);
export const record = (type: number, body: Uint8Array) => bytes(type, 3, 1, u16(body.length), body);
export const certificateMessage = (...ders: readonly Uint8Array[]) => {
  const all = bytes(...ders.map((d) => bytes(u24(d.length), d)));
  return message(11, bytes(u24(all.length), all));
};

/** Client and server of one connection, sending through a stage. */
export class Ends {
  timeUs = 1.7e15;
  readonly #stage: AppStage;
  readonly #ports: readonly [number, number];
  readonly seq: [number, number];

  constructor(stage: AppStage, clientPort: number, serverPort = 443, isn: readonly [number, number] = [1000, 9000]) {
    this.#stage = stage;
    this.#ports = [clientPort, serverPort];
    this.seq = [isn[0], isn[1]];
  }

  greet(): this {
    this.raw(0, this.seq[0], SYN, new Uint8Array(0));
    this.seq[0] = (this.seq[0] + 1) >>> 0;
    this.raw(1, this.seq[1], SYN | ACK, new Uint8Array(0));
    this.seq[1] = (this.seq[1] + 1) >>> 0;
    return this;
  }

  /** Sends bytes in order, in one segment. `end` 0 is the client. */
  send(end: 0 | 1, payload: Uint8Array, flags = ACK): this {
    this.raw(end, this.seq[end], flags, payload);
    this.seq[end] = (this.seq[end] + payload.length) >>> 0;
    return this;
  }

  raw(end: 0 | 1, seq: number, flags: number, payload: Uint8Array, ack = this.seq[end === 0 ? 1 : 0]): this {
    this.timeUs += 1000;
    const hosts = ['10.0.0.1', '192.0.2.9'] as const;
    const { p, view, arena } = packet({
      from: hosts[end],
      fromPort: this.#ports[end],
      to: hosts[1 - end]!,
      toPort: this.#ports[1 - end]!,
      timeUs: this.timeUs,
      payload,
      proto: 6,
      flags,
      seq: seq >>> 0,
      ack: (end === 0 && flags === SYN ? 0 : flags === (SYN | ACK) ? this.seq[0] : ack) >>> 0,
    });
    this.#stage.add(p, view, arena);
    return this;
  }
}

export { bytes, Packet, packet, u16 };
