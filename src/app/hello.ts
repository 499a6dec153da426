/** GREASE (RFC 8701): 0x0a0a, 0x1a1a ... 0xfafa, sent to keep servers from choking on what they do not know. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 0xff);
}

/** Extension types that are read (IANA TLS ExtensionType Values). */
export const Extension = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  supportedVersions: 43,
  quicTransportParameters: 57,
  encryptedClientHello: 0xfe0d,
} as const;

const LIST_MAX = 512;

/**
 * A ClientHello or ServerHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1), without the handshake header, as lists of numbers
 * and offsets. One object is used again and again.
 */
export class Hello {
  /** legacy_version, as sent. */
  version = 0;
  /** ServerHello: the cipher suite; ClientHello: 0. */
  cipher = 0;
  readonly ciphers: number[] = [];
  /** In the order sent, GREASE included. */
  readonly extensions: number[] = [];
  readonly groups: number[] = [];
  readonly pointFormats: number[] = [];
  readonly signatures: number[] = [];
  readonly versions: number[] = [];
  /** Protocol names as offsets: from, to, from, to ... */
  readonly alpn: number[] = [];
  sniFrom = 0;
  sniLength = 0;
  helloRetry = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #ok = true;

  /** Reads bytes[from, to); false when it contradicts itself, and then nothing in here may be believed. */
  readClient(bytes: Uint8Array, from: number, to: number): boolean {
    this.#begin(bytes, from, to);
    this.version = this.#u16();
    this.#skip(32);
    this.#skip(this.#u8());
    this.#u16s(this.#u16(), this.ciphers);
    this.#skip(this.#u8());
    if (this.#at < this.#end) this.#extensions(true);
    return this.#ok && this.#at === this.#end && this.ciphers.length > 0 && this.version >>> 8 === 3;
  }

  readServer(bytes: Uint8Array, from: number, to: number): boolean {
    this.#begin(bytes, from, to);
    this.version = this.#u16();
    this.helloRetry = isRetry(bytes, this.#at, to);
    this.#skip(32);
    this.#skip(this.#u8());
    this.cipher = this.#u16();
    this.#skip(1);
    if (this.#at < this.#end) this.#extensions(false);
    return this.#ok && this.#at === this.#end && this.version >>> 8 === 3;
  }

  #begin(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#ok = true;
    this.version = this.cipher = this.sniFrom = this.sniLength = 0;
    this.helloRetry = false;
    this.ciphers.length = this.extensions.length = this.groups.length = this.pointFormats.length = 0;
    this.signatures.length = this.versions.length = this.alpn.length = 0;
  }

  #extensions(client: boolean): void {
    const length = this.#u16();
    if (this.#at + length !== this.#end) this.#ok = false;
    const last = this.#end;
    while (this.#ok && this.#at < last) {
      const type = this.#u16();
      const size = this.#u16();
      const next = this.#at + size;
      if (!this.#ok || next > last || this.extensions.length >= LIST_MAX) {
        this.#ok = false;
        return;
      }
      this.extensions.push(type);
      // What is wrong inside one extension leaves the others readable, as receivers that do not know it would.
      this.#end = next;
      this.#extension(type, size, client);
      this.#ok = true;
      this.#at = next;
      this.#end = last;
    }
  }

  #extension(type: number, size: number, client: boolean): void {
    switch (type) {
      case Extension.serverName:
        if (client && size > 0) this.#serverName();
        break;
      case Extension.supportedGroups:
        if (client && this.groups.length === 0) this.#u16s(this.#u16(), this.groups);
        break;
      case Extension.pointFormats:
        if (client && this.pointFormats.length === 0) {
          for (let n = this.#u8(); n > 0 && this.#ok; n--) this.pointFormats.push(this.#u8());
          if (!this.#ok) this.pointFormats.length = 0;
        }
        break;
      case Extension.signatureAlgorithms:
        if (this.signatures.length === 0) this.#u16s(this.#u16(), this.signatures);
        break;
      case Extension.alpn:
        if (this.alpn.length === 0) this.#alpn();
        break;
      case Extension.supportedVersions:
        if (this.versions.length > 0) break;
        if (client) this.#u16s(this.#u8(), this.versions);
        else if (size === 2) this.versions.push(this.#u16());
        break;
    }
  }

  /** The first host_name of the list (RFC 6066 §3). */
  #serverName(): void {
    if (this.sniLength > 0) return;
    const end = Math.min(this.#end, this.#at + 2 + this.#u16());
    while (this.#ok && this.#at + 3 <= end) {
      const type = this.#u8();
      const length = this.#u16();
      if (this.#at + length > end) return;
      if (type === 0) {
        this.sniFrom = this.#at;
        this.sniLength = length;
        return;
      }
      this.#at += length;
    }
  }

  #alpn(): void {
    const end = Math.min(this.#end, this.#at + 2 + this.#u16());
    while (this.#ok && this.#at < end && this.alpn.length < LIST_MAX) {
      const length = this.#u8();
      if (length === 0 || this.#at + length > end) return;
      this.alpn.push(this.#at, this.#at + length);
      this.#at += length;
    }
  }

  #u16s(length: number, into: number[]): void {
    if ((length & 1) !== 0 || this.#at + length > this.#end) {
      this.#ok = false;
      return;
    }
    for (let i = 0; i < length; i += 2) into.push(this.#u16());
  }

  #u8(): number {
    if (this.#at + 1 > this.#end) {
      this.#ok = false;
      return 0;
    }
    return this.#bytes[this.#at++]!;
  }

  #u16(): number {
    const high = this.#u8();
    return (high << 8) | this.#u8();
  }

  #skip(n: number): void {
    if (this.#at + n > this.#end) this.#ok = false;
    else this.#at += n;
  }
}

/** The random that makes a ServerHello a HelloRetryRequest: SHA-256 of that word (RFC 8446 §4.1.3). */
const RETRY = Uint8Array.from(Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'));

function isRetry(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 32 > end) return false;
  for (let i = 0; i < 32; i++) if (bytes[at + i] !== RETRY[i]) return false;
  return true;
}
