import { isV4, parseAddress } from '../base/address.js';

/** Private and link-local ranges (RFC 1918, 4193, 3927, 4291, 6598) and loopback: somebody's own, whoever they are. */
export const PRIVATE_NETWORKS: readonly string[] = [
  '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8', 'fc00::/7',
  'fe80::/10', '::1/128',
]; // biome-ignore format: one line

/** A set of networks, asked per address. IPv4 networks hold IPv4 addresses only, and IPv6 ones IPv6. */
export class Networks {
  readonly #v4: Uint32Array;
  readonly #v4Masks: Uint32Array;
  readonly #v6: Uint32Array;
  readonly #v6Masks: Uint32Array;

  /** @throws RangeError when one is not in CIDR notation. */
  constructor(cidrs: readonly string[]) {
    const v4: number[] = [];
    const v4Masks: number[] = [];
    const v6: number[] = [];
    const v6Masks: number[] = [];
    const address = new Uint32Array(4);
    for (const cidr of cidrs) {
      const [text, length, more] = cidr.split('/');
      if (more !== undefined || !parseAddress(text!, address, 0)) throw new RangeError(`${cidr} is no network`);
      const is4 = !text!.includes(':');
      const most = is4 ? 32 : 128;
      const bits = length === undefined ? most : Number(length);
      if (length === '' || !Number.isInteger(bits) || bits < 0 || bits > most) {
        throw new RangeError(`${cidr} is no network: its length is not 0 to ${most}`);
      }
      if (is4) {
        v4Masks.push(mask(bits));
        v4.push((address[3]! & mask(bits)) >>> 0);
      } else {
        for (let w = 0; w < 4; w++) {
          v6Masks.push(mask(bits - 32 * w));
          v6.push((address[w]! & mask(bits - 32 * w)) >>> 0);
        }
      }
    }
    this.#v4 = Uint32Array.from(v4);
    this.#v4Masks = Uint32Array.from(v4Masks);
    this.#v6 = Uint32Array.from(v6);
    this.#v6Masks = Uint32Array.from(v6Masks);
  }

  has(a: Uint32Array, at: number): boolean {
    if (isV4(a, at)) {
      const word = a[at + 3]!;
      for (let i = 0; i < this.#v4.length; i++) if ((word & this.#v4Masks[i]!) >>> 0 === this.#v4[i]) return true;
      return false;
    }
    for (let i = 0; i < this.#v6.length; i += 4) {
      let w = 0;
      while (w < 4 && (a[at + w]! & this.#v6Masks[i + w]!) >>> 0 === this.#v6[i + w]) w++;
      if (w === 4) return true;
    }
    return false;
  }
}

/** The first `bits` bits of a word, as many as there are. */
function mask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

/** Multicast, broadcast and unspecified addresses: nobody's in particular (RFC 5771, RFC 4291 §2.7, RFC 919). */
export function isGroup(a: Uint32Array, at: number): boolean {
  if (isV4(a, at)) {
    const w = a[at + 3]!;
    return w >>> 28 === 0xe || w === 0xffffffff || (w & 0xff) === 0xff || w === 0;
  }
  return a[at]! >>> 24 === 0xff || (a[at] === 0 && a[at + 1] === 0 && a[at + 2] === 0 && a[at + 3] === 0);
}
