import { newBatch } from '../../capture/batch.js';
import { type BatchFilter, compileFilter } from '../../capture/filter.js';
import { LinkType } from '../../capture/linktype.js';
import type { FrameBatch } from '../../capture/source.js';

const ROWS = 256;
const BYTES_KEPT = 256;
/** Tagged frames that are tried; enough to be sure, few enough to keep up with a busy tap. */
const TRIED_MAX = 50_000;

/**
 * Does a filter lose frames only because they carry a VLAN tag? Each tagged Ethernet frame is shown to the filter as it
 * is met (in a file with all its tags; live the kernel has taken the outer one off) and without any tag. What matches
 * only without is what the operator wanted and does not get.
 */
export class Tagged {
  tried = 0;
  /** Frames that the filter accepts, and those that it would accept if they were not tagged. */
  matched = 0;
  lost = 0;
  /** The deepest stack of tags among the lost. */
  depth = 0;
  readonly #filter: BatchFilter;
  /** A filter that speaks of tags finds the outer one in the kernel's notes, as if it were still in the frame. */
  readonly #tagsOff: number;
  readonly #forms = [
    newBatch(ROWS, ROWS * BYTES_KEPT),
    newBatch(ROWS, ROWS * BYTES_KEPT),
    newBatch(ROWS, ROWS * BYTES_KEPT),
  ];
  readonly #keep = [new Uint8Array(ROWS), new Uint8Array(ROWS), new Uint8Array(ROWS)];
  readonly #depths = new Uint8Array(ROWS);

  /** Throws an OperatorError when the filter is not understood. */
  constructor(filter: string, live: boolean) {
    this.#filter = compileFilter(filter, LinkType.ethernet);
    this.#tagsOff = live && !/\bvlan\b/.test(filter) ? 1 : 0;
  }

  observe(batch: FrameBatch): void {
    const { view, start, capLen, linkType, count } = batch;
    for (let i = 0; i < count && this.tried < TRIED_MAX; i++) {
      if (linkType[i] !== LinkType.ethernet) continue;
      const tags = tagsOf(view, start[i]!, capLen[i]!);
      if (tags === 0) continue;
      this.tried++;
      const [asIs, outerOff, bare] = this.#forms as [FrameBatch, FrameBatch, FrameBatch];
      this.#depths[asIs.count] = tags;
      append(asIs, batch, i, 0);
      append(outerOff, batch, i, this.#tagsOff);
      append(bare, batch, i, tags);
      if (asIs.count === ROWS) this.finish();
    }
  }

  /** Judges the frames that wait. */
  finish(): void {
    const [asIs, outerOff, bare] = this.#forms as [FrameBatch, FrameBatch, FrameBatch];
    const [a, b, c] = this.#keep as [Uint8Array, Uint8Array, Uint8Array];
    if (asIs.count === 0) return;
    this.#filter.match(asIs, a);
    this.#filter.match(outerOff, b);
    this.#filter.match(bare, c);
    for (let i = 0; i < asIs.count; i++) {
      if (a[i] === 1 || b[i] === 1) this.matched++;
      else if (c[i] === 1) {
        this.lost++;
        this.depth = Math.max(this.depth, this.#depths[i]!);
      }
    }
    for (const form of this.#forms) form.count = 0;
  }
}

/** How many tags of IEEE 802.1Q and 802.1ad the frame carries, as far as it was captured. */
function tagsOf(v: DataView, start: number, length: number): number {
  let tags = 0;
  for (let at = 12; at + 6 <= length && tags < 8; at += 4) {
    const type = v.getUint16(start + at);
    if (type !== 0x8100 && type !== 0x88a8 && type !== 0x9100) break;
    tags++;
  }
  return tags;
}

/** Copies the head of a frame without its first `tags` tags. */
function append(into: FrameBatch, from: FrameBatch, i: number, tags: number): void {
  const start = from.start[i]!;
  const cut = 4 * tags;
  const kept = Math.min(from.capLen[i]! - cut, BYTES_KEPT);
  const row = into.count++;
  const at = row * BYTES_KEPT;
  into.arena.set(from.arena.subarray(start, start + 12), at);
  into.arena.set(from.arena.subarray(start + 12 + cut, start + cut + kept), at + 12);
  into.start[row] = at;
  into.capLen[row] = kept;
  into.wireLen[row] = from.wireLen[i]! - cut;
  into.timeUs[row] = from.timeUs[i]!;
  into.linkType[row] = LinkType.ethernet;
}
