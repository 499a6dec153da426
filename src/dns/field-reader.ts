import { addressText } from '../base/address.js';
import { NameBuf, nameText, readName } from './name.js';

/**
 * Reads the fields of one record's data (or one option) in order. A read past the end sets `ok` to false and gives
 * zeros or empty text, so a caller may read everything and ask once.
 */
export class FieldReader {
  readonly msg: Uint8Array;
  readonly #base: number;
  readonly #messageEnd: number;
  at: number;
  readonly end: number;
  ok = true;
  readonly #name = new NameBuf();

  /** The data lies from `at` to `end` of a message that lies from `base` to `messageEnd`. */
  constructor(msg: Uint8Array, base: number, messageEnd: number, at: number, end: number) {
    this.msg = msg;
    this.#base = base;
    this.#messageEnd = messageEnd;
    this.at = at;
    this.end = end;
  }

  /** Steps over `n` bytes and returns where they were, or -1. */
  skip(n: number): number {
    if (this.at + n > this.end) {
      this.ok = false;
      this.at = this.end;
      return -1;
    }
    const at = this.at;
    this.at += n;
    return at;
  }

  /** An unsigned integer of up to six bytes. */
  uint(bytes: number): number {
    const at = this.skip(bytes);
    let n = 0;
    if (at >= 0) for (let i = 0; i < bytes; i++) n = n * 256 + this.msg[at + i]!;
    return n;
  }

  /** A name, which may point back into the message unless `plain`. */
  name(plain = false): string {
    const next = readName(this.msg, this.#base, this.#messageEnd, this.at, this.#name, true);
    const inside = next >= 0 && next <= this.end && (!plain || next - this.at === this.#name.length + 1);
    if (!inside) {
      this.ok = false;
      this.at = this.end;
      return '';
    }
    this.at = next;
    return nameText(this.#name.bytes, 0, this.#name.length);
  }

  /** An address of 4 or 16 bytes. */
  address(bytes: 4 | 16): string {
    const at = this.skip(bytes);
    if (at < 0) return '';
    return addressOf(this.msg.subarray(at, at + bytes), bytes);
  }

  /** What is left. */
  get rest(): number {
    return this.end - this.at;
  }
}

/** The text of an address of which the first bytes are given and the rest are zero. */
export function addressOf(first: Uint8Array, bytes: 4 | 16): string {
  const full = new Uint8Array(bytes);
  full.set(first.subarray(0, bytes));
  const v = new DataView(full.buffer);
  if (bytes === 4) return full.join('.');
  const words = new Uint32Array(4);
  for (let i = 0; i < 4; i++) words[i] = v.getUint32(i * 4);
  // addressText would show a mapped address as IPv4; in an AAAA record it is one of IPv6 (RFC 5952 §5).
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return mapped ? `::ffff:${addressText(words, 0)}` : addressText(words, 0);
}
