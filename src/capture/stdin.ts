import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { compressionOf, MAGIC_BYTES_MAX, streamCompressed } from './compress.js';
import type { ByteInput } from './input.js';
import { StreamInput } from './stream.js';

/** A pipe is read without blocking a thread, so that closing it ends at once; anything else through the file system. */
export function standardInput(): Readable {
  const stat = fstatSync(0);
  return stat.isFIFO() || stat.isSocket()
    ? new Socket({ fd: 0, readable: true, writable: false })
    : createReadStream('', { fd: 0, autoClose: false });
}

/** Something that can be read only once: what it is, is known when its first bytes have come. */
export class PipeInput implements ByteInput {
  readonly #stream: Readable;
  readonly #settled: Promise<void>;
  #input: ByteInput | null = null;
  #closed = false;

  constructor(stream: Readable) {
    this.#stream = stream;
    const outcome = new Promise<string | null>((resolve) => {
      stream.on('error', (error) => resolve(`reading failed: ${error.message}`));
      stream.on('end', () => resolve(null));
      stream.on('close', () => resolve(null));
    });
    this.#settled = peek(stream, MAGIC_BYTES_MAX).then((head) => {
      if (this.#closed) return;
      const compression = compressionOf(head);
      this.#input = compression === null ? new StreamInput(stream, { outcome }) : streamCompressed(stream, compression);
    });
  }

  pull(into: Uint8Array, at: number): number {
    if (this.#closed) return 0;
    return this.#input === null ? -1 : this.#input.pull(into, at);
  }

  async ready(): Promise<void> {
    await this.#settled;
    await this.#input?.ready();
  }

  fault(): string | null {
    return this.#input?.fault() ?? null;
  }

  progress(): null {
    return null;
  }

  close(): void {
    this.#closed = true;
    if (this.#input === null) this.#stream.destroy();
    else this.#input.close();
  }
}

/** The first bytes of a stream, which are left in it. Fewer only when the stream has no more. */
async function peek(stream: Readable, bytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let held = 0;
  let over = false;
  while (held < bytes && !over) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) {
      chunks.push(chunk);
      held += chunk.length;
    } else {
      over = await nextEvent(stream);
    }
  }
  const head = Buffer.concat(chunks);
  // An ended stream takes nothing back; what short thing it held was no capture anyway.
  if (!over && head.length > 0) stream.unshift(head);
  return head;
}

/** Waits for bytes or the end of a stream; true for the end. */
function nextEvent(stream: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (over: boolean) => {
      stream.off('readable', onReadable).off('end', onEnd).off('error', onEnd).off('close', onEnd);
      resolve(over);
    };
    const onReadable = () => settle(false);
    const onEnd = () => settle(true);
    stream.on('readable', onReadable).on('end', onEnd).on('error', onEnd).on('close', onEnd);
  });
}
