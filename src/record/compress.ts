import * as zlib from 'node:zlib';
import { RecordFault } from './fault.js';

export const CODECS = ['identity', 'brotli', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

/** node:zlib has zstd from Node 22.15 on. */
interface Zstd {
  zstdCompressSync?: (data: Uint8Array) => Buffer;
  zstdDecompressSync?: (data: Uint8Array, options: { maxOutputLength: number }) => Buffer;
}
const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as Zstd;

/** Quality 4: on columns as small as higher ones and several times faster. A window of 2^22 bytes sees a whole batch. */
const BROTLI = {
  [zlib.constants.BROTLI_PARAM_QUALITY]: 4,
  [zlib.constants.BROTLI_PARAM_LGWIN]: 22,
};

/** Whether this Node can write and read the codec. */
export function codecAvailable(codec: Codec): boolean {
  return codec !== 'zstd' || (zstdCompressSync !== undefined && zstdDecompressSync !== undefined);
}

/** Throws RecordFault 'codec' when this Node lacks the codec. */
export function compress(codec: Codec, data: Uint8Array): Uint8Array {
  if (codec === 'identity') return data;
  if (codec === 'brotli') {
    const params = { ...BROTLI, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: data.length };
    return zlib.brotliCompressSync(data, { params });
  }
  if (zstdCompressSync === undefined) throw new RecordFault('codec', 'this Node.js has no zstd: use brotli');
  return zstdCompressSync(data);
}

/**
 * Undoes compress(), believing nothing: it stops at `length` bytes, and a stream that ends before or goes on after
 * that many, or has bytes behind its end, is refused.
 */
export function decompress(codec: string, data: Uint8Array, length: number): Uint8Array {
  const out = inflate(codec, data, length);
  if (out.length !== length) {
    throw new RecordFault('length', `${length} bytes announced, ${out.length} came out`);
  }
  return out;
}

function inflate(codec: string, data: Uint8Array, length: number): Uint8Array {
  if (codec === 'identity') return data;
  // zlib wants a bound of at least one byte.
  const options = { maxOutputLength: Math.max(1, length) };
  try {
    if (codec === 'brotli') return zlib.brotliDecompressSync(data, options);
    if (codec === 'zstd' && zstdDecompressSync !== undefined) return zstdDecompressSync(data, options);
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLong) throw new RecordFault('length', `${length} bytes announced, more came out`, { cause: error });
    throw new RecordFault('codec', `the ${codec} stream is damaged: ${(error as Error).message}`, { cause: error });
  }
  throw new RecordFault('codec', `codec ${JSON.stringify(codec.slice(0, 32))} is not known to this reader`);
}
