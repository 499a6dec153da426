import { closeSync, createReadStream, fstatSync, readSync, statSync } from 'node:fs';
import { Exit, OperatorError } from '../base/errors.js';
import { compressionOf, headOfCompressed, MAGIC_BYTES_MAX, openCompressed } from './compress.js';
import { type ByteInput, cannotOpen, FileInput, openForReading } from './input.js';
import { HEADER_BYTES, notACapture, readerFor } from './reader.js';
import { PipeInput, standardInput } from './stdin.js';

export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/** Bytes of a file as it lies on the disk; NaN for what can be read only once. Throws where there is nothing. */
export function sizeOf(path: string): number {
  if (path === '-') return Number.NaN;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw isFolder(path);
    return stat.isFile() ? stat.size : Number.NaN;
  } catch (error) {
    throw error instanceof OperatorError ? error : cannotOpen(path, error as NodeJS.ErrnoException);
  }
}

/**
 * The uncompressed bytes behind `path`; '-' is standard input. What a file is, is told by what it begins with, never
 * by its name. Throws an OperatorError when there is nothing to read, nothing to unpack it with, or no capture in it;
 * of what can be read only once, the last is found out while reading.
 */
export function openBytes(path: string): ByteInput {
  if (path === '-') return new PipeInput(standardInput());
  const fd = openForReading(path);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw isFolder(path);
    if (!stat.isFile()) return new PipeInput(createReadStream('', { fd }));
    const compression = sniff(fd, path);
    return compression === null ? new FileInput(fd) : openCompressed(fd, compression);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Looks into a regular file without opening it for good; throws what openBytes() would. */
export function checkCapture(path: string): void {
  const fd = openForReading(path);
  try {
    sniff(fd, path);
  } finally {
    closeSync(fd);
  }
}

function sniff(fd: number, path: string): ReturnType<typeof compressionOf> {
  const head = new Uint8Array(HEADER_BYTES);
  try {
    const held = readSync(fd, head, 0, head.length, 0);
    const compression = compressionOf(head.subarray(0, Math.min(held, MAGIC_BYTES_MAX)));
    const begins = compression === null ? head.subarray(0, held) : headOfCompressed(fd, compression, path, 4096);
    readerFor(begins.subarray(0, HEADER_BYTES), path);
    return compression;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw notACapture(path, (error as Error).message);
  }
}

function isFolder(path: string): OperatorError {
  return new OperatorError('capture.is-a-folder', Exit.noInput, `${path} is a folder, not a capture file.`);
}
