import type { Socket } from 'node:net';

/**
 * Watches the MQTT packet lengths (MQTT 3.1.1 §2.2.3) in a stream of bytes, so that a peer cannot make the broker
 * collect the 256 MiB that a packet may claim. It only skips: the broker's own parser reads.
 */
export class PacketGuard {
  readonly #max: number;
  /** Bytes of the present packet still to come; -1 while its length is being read. */
  #left = -1;
  /** Bytes of the fixed header read: the type, then up to four of the length. */
  #header = 0;
  #length = 0;
  #first = true;

  constructor(maxPacketBytes: number) {
    this.#max = maxPacketBytes;
  }

  /** False as soon as a packet is longer than it may be, or its length is no length. */
  admit(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at);
        this.#left -= skipped;
        at += skipped;
        if (this.#left === 0) this.#left = -1;
        continue;
      }
      const byte = bytes[at++]!;
      if (this.#header++ === 0) {
        this.#length = 0;
        continue;
      }
      const shift = this.#header - 2;
      if (shift > 3) return false;
      this.#length += (byte & 127) * 128 ** shift;
      if ((byte & 128) !== 0) continue;
      // A CONNECT comes from someone who has not said who he is: it gets less.
      if (this.#length > (this.#first ? Math.min(this.#max, CONNECT_BYTES_MAX) : this.#max)) return false;
      this.#first = false;
      this.#header = 0;
      this.#left = this.#length > 0 ? this.#length : -1;
    }
    return true;
  }
}

/** A client id, a will with a status, a user name and a password. */
export const CONNECT_BYTES_MAX = 128 * 1024;

/** Puts the guard between a socket and whoever reads it by read(), as aedes does. */
export function guardSocket(socket: Socket, maxPacketBytes: number): void {
  const guard = new PacketGuard(maxPacketBytes);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const bytes = read(size) as Buffer | null;
    if (bytes === null || guard.admit(bytes)) return bytes;
    socket.destroy(new Error(`an MQTT packet is longer than ${maxPacketBytes} bytes`));
    return null;
  };
}
