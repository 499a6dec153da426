/** Builds pcapng files block by block, for tests: any byte order, any resolution, and lies where told. */
export class PcapngBuilder {
  readonly #parts: Buffer[] = [];
  readonly #le: boolean;

  constructor(littleEndian = true) {
    this.#le = littleEndian;
  }

  u16(n: number): Buffer {
    const b = Buffer.alloc(2);
    new DataView(b.buffer, b.byteOffset).setUint16(0, n, this.#le);
    return b;
  }

  u32(n: number): Buffer {
    const b = Buffer.alloc(4);
    new DataView(b.buffer, b.byteOffset).setUint32(0, n, this.#le);
    return b;
  }

  u64(n: bigint): Buffer {
    const b = Buffer.alloc(8);
    new DataView(b.buffer, b.byteOffset).setBigUint64(0, BigInt.asUintN(64, n), this.#le);
    return b;
  }

  option(code: number, value: Uint8Array): Buffer {
    const padded = Buffer.alloc((value.length + 3) & ~3);
    padded.set(value);
    return Buffer.concat([this.u16(code), this.u16(value.length), padded]);
  }

  /** A block of any type; `trailer` overrides its second length. */
  block(type: number, body: Uint8Array, trailer?: number): this {
    const padded = Buffer.alloc((body.length + 3) & ~3);
    padded.set(body);
    const total = padded.length + 12;
    this.#parts.push(this.u32(type), this.u32(total), padded, this.u32(trailer ?? total));
    return this;
  }

  section(major = 1): this {
    const magic = this.u32(0x1a2b3c4d);
    return this.block(0x0a0d0d0a, Buffer.concat([magic, this.u16(major), this.u16(0), this.u64(-1n)]));
  }

  interface(linkType: number, snapLen: number, ...options: Buffer[]): this {
    const fixed = [this.u16(linkType), this.u16(0), this.u32(snapLen)];
    return this.block(1, Buffer.concat([...fixed, ...options, options.length > 0 ? this.u32(0) : Buffer.alloc(0)]));
  }

  #stamp(ticks: bigint): Buffer {
    return Buffer.concat([this.u32(Number(ticks >> 32n)), this.u32(Number(ticks & 0xffff_ffffn))]);
  }

  enhanced(iface: number, ticks: bigint, bytes: Uint8Array, wireLen: number, capLen = bytes.length): this {
    const fixed = [this.u32(iface), this.#stamp(ticks), this.u32(capLen), this.u32(wireLen)];
    return this.block(6, Buffer.concat([...fixed, bytes]));
  }

  simple(bytes: Uint8Array, wireLen: number): this {
    return this.block(3, Buffer.concat([this.u32(wireLen), bytes]));
  }

  obsolete(iface: number, ticks: bigint, bytes: Uint8Array, wireLen: number): this {
    const fixed = [this.u16(iface), this.u16(0xffff), this.#stamp(ticks), this.u32(bytes.length), this.u32(wireLen)];
    return this.block(2, Buffer.concat([...fixed, bytes]));
  }

  statistics(iface: number, ifDrop: bigint, osDrop: bigint): this {
    const options = [this.option(5, this.u64(ifDrop)), this.option(7, this.u64(osDrop)), this.u32(0)];
    return this.block(5, Buffer.concat([this.u32(iface), this.#stamp(0n), ...options]));
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes));
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
