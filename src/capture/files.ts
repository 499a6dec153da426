import { BATCH_ROWS, newBatch } from './batch.js';
import { type CaptureOptions, openWith } from './file.js';
import { sizeOf } from './open.js';
import { FILE_ARENA_BYTES } from './reader.js';
import { CaptureSequence } from './sequence.js';
import { Sift } from './sift.js';
import type { FrameSource } from './source.js';

/**
 * Opens capture files as one source, read one after the other in the order given; '-' is standard input.
 *
 * The first is opened at once and each must exist, so that an operator's mistake is told before anything runs. A later
 * file that turns out not to be readable is a fault(), and the files after it are read.
 */
export function openCaptures(paths: readonly string[], options: CaptureOptions = {}): FrameSource {
  if (paths.length === 0) throw new RangeError('openCaptures() of no files');
  const sizes = paths.map(sizeOf);
  const sift = new Sift(options);
  const first = openWith(paths[0]!, sift, newBatch(BATCH_ROWS, FILE_ARENA_BYTES));
  return paths.length === 1 ? first : new CaptureSequence(paths, sizes, first, sift);
}
