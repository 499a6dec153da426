import { isV4, parseAddress } from '../base/address.js';

/** Private and link-local ranges (RFC 1918, 4193, 3927, 4291, 6598) and loopback: somebody's own, whoever they are. */
export const PRIVATE_NETWORKS: readonly string[] = [
  '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8', 'fc00::/7',
  'fe80::/10', '::1/128',
]; // biome-ignore format: one line

/** A set of networks, asked per address. */
export class Networks {
  readonly #words: Uint32Array;
  readonly #masks: Uint32Array;
  readonly #count: number;

  /** @throws RangeError when one is not in CIDR notation. */
  constructor(cidrs: readonly string[]) {
    this.#count = cidrs.length;
    this.#words = new Uint32Array(cidrs.length * 4);
    this.#masks = new Uint32Array(cidrs.length * 4);
    cidrs.forEach((cidr, i) => {
      const [address, length, more] = cidr.split('/');
      const at = i * 4;
      if (more !== undefined || !parseAddress(address!, this.#words, at)) throw new RangeError(`${cidr} is no network`);
      const v4 = isV4(this.#words, at) && !address!.includes(':');
      const most = v4 ? 32 : 128;
      const bits = length === undefined ? most : Number(length);
      if (length === '' || !Number.isInteger(bits) || bits < 0 || bits > most) {
        throw new RangeError(`${cidr} is no network: its length is not 0 to ${most}`);
      }
      const all = v4 ? bits + 96 : bits;
      for (let w = 0; w < 4; w++) {
        const n = Math.max(0, Math.min(32, all - 32 * w));
        this.#masks[at + w] = n === 0 ? 0 : 0xffffffff << (32 - n);
        this.#words[at + w]! &= this.#masks[at + w]!;
      }
    });
  }

  has(a: Uint32Array, at: number): boolean {
    for (let i = 0; i < this.#count * 4; i += 4) {
      let w = 0;
      while (w < 4 && (a[at + w]! & this.#masks[i + w]!) >>> 0 === this.#words[i + w]) w++;
      if (w === 4) return true;
    }
    return false;
  }
}

/** Multicast, broadcast and unspecified addresses: nobody's in particular (RFC 5771, RFC 4291 §2.7, RFC 919). */
export function isGroup(a: Uint32Array, at: number): boolean {
  if (isV4(a, at)) {
    const w = a[at + 3]!;
    return w >>> 28 === 0xe || w === 0xffffffff || (w & 0xff) === 0xff || w === 0;
  }
  return a[at]! >>> 24 === 0xff || (a[at] === 0 && a[at + 1] === 0 && a[at + 2] === 0 && a[at + 3] === 0);
}
