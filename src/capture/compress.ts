import { spawn, spawnSync } from 'node:child_process';
import { closeSync, createReadStream, fstatSync, readSync } from 'node:fs';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { Exit, OperatorError } from '../base/errors.js';
import { type ByteInput, offsetOf, openForReading } from './input.js';
import { StreamInput } from './stream.js';

/** A compression by the bytes it begins with. gzip is undone here, the rest by the system's own program. */
export interface Compression {
  name: string;
  magic: readonly number[];
  /** The program and its package; null for gzip. */
  program: { command: string; args: string[]; packageName: string } | null;
}

/** Programs stop at this much memory, so that a crafted window size is an error and not an exhausted machine. */
const MEMORY_MAX = '512MiB';

export const COMPRESSIONS: readonly Compression[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], program: null },
  {
    name: 'xz',
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    program: { command: 'xz', args: ['-dc', `--memlimit-decompress=${MEMORY_MAX}`], packageName: 'xz-utils' },
  },
  {
    name: 'zstd',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    program: { command: 'zstd', args: ['-dcq', `--memory=${MEMORY_MAX}`], packageName: 'zstd' },
  },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], program: { command: 'bzip2', args: ['-dc'], packageName: 'bzip2' } },
  {
    name: 'lz4',
    magic: [0x04, 0x22, 0x4d, 0x18],
    program: { command: 'lz4', args: ['-dcq'], packageName: 'lz4' },
  },
];

export const MAGIC_BYTES_MAX = 6;
const CHUNK_BYTES = 256 * 1024;
/** Of what a program says when it fails. */
const WORDS_MAX = 500;
const SNIFF_MS = 10_000;

/** The compression that `head` begins with, or null. */
export function compressionOf(head: Uint8Array): Compression | null {
  return COMPRESSIONS.find((c) => c.magic.every((byte, i) => head[i] === byte)) ?? null;
}

/** The uncompressed bytes of a regular file. Takes the descriptor over. */
export function openCompressed(fd: number, compression: Compression): ByteInput {
  const total = fstatSync(fd).size;
  if (compression.program === null) {
    // The stream closes the descriptor when it ends or is destroyed.
    const file = createReadStream('', { fd, start: 0, highWaterMark: CHUNK_BYTES });
    const progress = () => ({ done: Math.min(file.bytesRead, total), total });
    return gunzipped(file, progress);
  }
  let open = true;
  const close = () => {
    if (open) closeSync(fd);
    open = false;
  };
  // The program reads the descriptor itself, so its bytes never pass through this process; the offset is shared.
  const progress = () => ({ done: Math.min((open && offsetOf(fd)) || 0, total), total });
  return unpacked(compression, fd, { progress, close });
}

/** The uncompressed bytes of a stream. */
export function streamCompressed(stream: Readable, compression: Compression): ByteInput {
  if (compression.program === null) return gunzipped(stream);
  return unpacked(compression, stream, { close: () => void stream.destroy() });
}

type Progress = () => { done: number; total: number };
type Hooks = { progress?: Progress; close: () => void };

/** zlib goes on over the members of a concatenated file (RFC 1952 §2.2) by itself. */
function gunzipped(from: Readable, progress?: Progress): ByteInput {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const outcome = new Promise<string | null>((resolve) => {
    from.on('error', (error) => {
      resolve(`reading failed: ${error.message}`);
      gunzip.destroy();
    });
    gunzip.on('error', (error) => resolve(`the gzip data is damaged: ${error.message}`));
    gunzip.on('end', () => resolve(null));
    gunzip.on('close', () => resolve(null));
  });
  from.pipe(gunzip);
  return new StreamInput(gunzip, { outcome, progress, close: () => void from.destroy() });
}

function unpacked(compression: Compression, from: number | Readable, hooks: Hooks): ByteInput {
  const { command, args } = compression.program!;
  const child = spawn(command, args, { stdio: [typeof from === 'number' ? from : 'pipe', 'pipe', 'pipe'] });
  // Held by a stream of our own: what the child wrote before it failed is still handed over after it is gone.
  const bytes = new PassThrough({ highWaterMark: CHUNK_BYTES });
  let said = '';
  child.stderr!.on('data', (words: Buffer) => {
    if (said.length < WORDS_MAX) said += words.toString('latin1');
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on('error', (error) => {
      bytes.end();
      resolve(cannotRun(compression, error.message));
    });
    child.on('close', (code) => resolve(code === 0 ? null : gaveUp(command, said)));
  });
  const flushed = new Promise((resolve) => bytes.on('finish', resolve).on('close', resolve));
  child.stdout!.on('error', () => bytes.end()).pipe(bytes);
  if (typeof from !== 'number') feed(from, child.stdin!);
  const close = () => {
    child.kill('SIGKILL');
    hooks.close();
  };
  const outcome = Promise.all([ended, flushed]).then(([fault]) => fault);
  return new StreamInput(bytes, { outcome, progress: hooks.progress, close });
}

/** A child that ends early breaks the pipe; its exit says why, so the pipe's own error is of no interest. */
function feed(from: Readable, into: Writable): void {
  into.on('error', () => {});
  from.on('error', () => into.end());
  from.pipe(into);
}

/**
 * The first uncompressed bytes of a regular file, at least `bytes` unless there are fewer. Throws an OperatorError when
 * the program for it is not installed, and a plain Error when nothing can be unpacked.
 */
export function headOfCompressed(fd: number, compression: Compression, path: string, bytes: number): Uint8Array {
  if (compression.program === null) return headOfGzip(fd, bytes);
  const { command, args } = compression.program;
  // A descriptor of its own: the child moves the offset of the one it is given.
  const own = openForReading(path);
  const ran = spawnSync(command, args, { stdio: [own, 'pipe', 'pipe'], maxBuffer: bytes, timeout: SNIFF_MS });
  closeSync(own);
  const code = (ran.error as NodeJS.ErrnoException | undefined)?.code;
  if (ran.stdout === null || (ran.error !== undefined && code !== 'ENOBUFS' && code !== 'ETIMEDOUT')) {
    const why = `${path} cannot be unpacked: ${cannotRun(compression, ran.error?.message ?? 'no output')}`;
    throw new OperatorError('capture.no-decompressor', Exit.unavailable, why, { cause: ran.error });
  }
  if (ran.stdout.length === 0 && ran.status !== 0) throw new Error(gaveUp(command, ran.stderr.toString('latin1')));
  return ran.stdout;
}

function headOfGzip(fd: number, bytes: number): Uint8Array {
  // The longest gzip header without a file name is 64 KiB of "extra field"; nearly all are under 100 bytes.
  for (const length of [4096, 72 * 1024]) {
    const packed = new Uint8Array(length);
    const held = readSync(fd, packed, 0, length, 0);
    const head = gunzipSync(packed.subarray(0, held), { finishFlush: constants.Z_SYNC_FLUSH });
    if (head.length >= bytes || held < length) return head;
  }
  return new Uint8Array(0);
}

function cannotRun({ name, program }: Compression, why: string): string {
  return `it is compressed with ${name}, and the program ${program!.command} cannot be run (${why}). Install the package ${program!.packageName}`;
}

function gaveUp(command: string, said: string): string {
  const words = said
    .slice(0, WORDS_MAX)
    .trim()
    .replace(/[^\x20-\x7e]+/g, ' ');
  return words === '' ? `${command} gave up` : `${command} gave up: ${words}`;
}
