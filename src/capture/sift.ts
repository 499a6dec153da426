import { keepRows } from './batch.js';
import { AnyFilter } from './filter.js';
import { shardOf } from './shard.js';
import type { FrameBatch } from './source.js';

export interface SiftOptions {
  /** This reader's number, 0 to shards - 1. */
  shard?: number;
  shards?: number;
  /** A pcap-filter(7) expression; empty, null or absent keeps every frame. */
  filter?: string | null;
}

/**
 * Leaves in a batch what one reader of a file is to see: first the frames of its shard, then those that the filter
 * accepts. So over all shards, frames + filtered is what the file holds.
 */
export class Sift {
  otherShard = 0;
  filtered = 0;
  readonly shards: number;
  readonly #shard: number;
  readonly #filter: AnyFilter | null;
  #keep = new Uint8Array(0);

  constructor(options: SiftOptions) {
    const { shard = 0, shards = 1 } = options;
    const filter = options.filter ?? '';
    if (!(Number.isInteger(shards) && Number.isInteger(shard) && shard >= 0 && shard < shards)) {
      throw new RangeError(`shard ${shard} of ${shards}`);
    }
    this.#shard = shard;
    this.shards = shards;
    this.#filter = filter === '' ? null : new AnyFilter(filter);
  }

  apply(batch: FrameBatch): void {
    if (this.shards === 1 && this.#filter === null) return;
    if (this.#keep.length < batch.count) this.#keep = new Uint8Array(batch.start.length);
    const keep = this.#keep;
    if (this.shards > 1) {
      const { view, start, capLen, linkType, count } = batch;
      const mine = this.#shard;
      const shards = this.shards;
      for (let i = 0; i < count; i++) {
        keep[i] = shardOf(view, start[i]!, capLen[i]!, linkType[i]!, shards) === mine ? 1 : 0;
      }
      keepRows(batch, keep);
      this.otherShard += count - batch.count;
    }
    if (this.#filter !== null) {
      const count = batch.count;
      this.#filter.match(batch, keep);
      keepRows(batch, keep);
      this.filtered += count - batch.count;
    }
  }

  /** What the filter could not judge; null if nothing. */
  fault(): string | null {
    const types = this.#filter?.inapplicable ?? [];
    return types.length === 0 ? null : `the filter does not apply to ${types.join(', ')}: those frames were left out`;
  }
}
