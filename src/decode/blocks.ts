/** Bytes one block holds, and the eights of them that its map marks as filled. */
const BLOCK = 2048;
const MAP_WORDS = BLOCK / 8 / 32;
const NONE = -1;

/**
 * A pool of blocks for datagrams that arrive in pieces. A datagram is a list of blocks in no particular order, each
 * knowing its place in the datagram and which eights of bytes it has; at most 32 of them, since a datagram ends below
 * 64 KiB.
 */
export class BlockPool {
  static readonly BYTES_PER_BLOCK = BLOCK + MAP_WORDS * 4 + 4 + 1;
  free: number;
  /** Of the last put(): bytes that were new, whether some were there already, and whether those differed. */
  fresh = 0;
  overlapped = false;
  differed = false;
  readonly #data: Uint8Array;
  readonly #map: Uint32Array;
  readonly #next: Int32Array;
  readonly #place: Uint8Array;
  #freeList: number;

  constructor(blocks: number) {
    this.free = blocks;
    this.#data = new Uint8Array(blocks * BLOCK);
    this.#map = new Uint32Array(blocks * MAP_WORDS);
    this.#next = Int32Array.from({ length: blocks }, (_, i) => (i + 1 < blocks ? i + 1 : NONE));
    this.#place = new Uint8Array(blocks);
    this.#freeList = blocks > 0 ? 0 : NONE;
  }

  /** Blocks that a piece at `offset` may need at most. */
  static needed(offset: number, length: number): number {
    return Math.floor((offset + length - 1) / BLOCK) - Math.floor(offset / BLOCK) + 1;
  }

  /**
   * Copies `length` bytes of `v` from `at` to `offset` (a multiple of eight) of the datagram whose list begins with
   * `head`; what was there before stays. Returns the list's head. There must be `needed` free blocks.
   */
  put(head: number, v: DataView, at: number, offset: number, length: number): number {
    this.fresh = 0;
    this.overlapped = this.differed = false;
    const data = this.#data;
    const map = this.#map;
    let block = NONE;
    let place = -1;
    for (let done = 0; done < length; done += 8) {
      const to = offset + done;
      if (to >>> 11 !== place) {
        place = to >>> 11;
        block = this.#find(head, place);
        if (block === NONE) head = block = this.#take(head, place);
      }
      const n = Math.min(8, length - done);
      const unit = (to & (BLOCK - 1)) >> 3;
      const word = block * MAP_WORDS + (unit >> 5);
      const bit = 1 << (unit & 31);
      const base = block * BLOCK + unit * 8;
      if ((map[word]! & bit) === 0) {
        map[word]! |= bit;
        for (let i = 0; i < n; i++) data[base + i] = v.getUint8(at + done + i);
        this.fresh += n;
      } else {
        this.overlapped = true;
        for (let i = 0; i < n; i++) if (data[base + i] !== v.getUint8(at + done + i)) this.differed = true;
      }
    }
    return head;
  }

  /** Copies a list's blocks to their places in `out`, up to `length`. */
  gather(head: number, out: Uint8Array, length: number): void {
    for (let block = head; block !== NONE; block = this.#next[block]!) {
      const to = this.#place[block]! * BLOCK;
      const n = Math.min(BLOCK, length - to);
      for (let i = 0; i < n; i++) out[to + i] = this.#data[block * BLOCK + i]!;
    }
  }

  release(head: number): void {
    let block = head;
    while (block !== NONE) {
      const next = this.#next[block]!;
      this.#next[block] = this.#freeList;
      this.#freeList = block;
      this.free++;
      block = next;
    }
  }

  #find(head: number, place: number): number {
    let block = head;
    while (block !== NONE && this.#place[block] !== place) block = this.#next[block]!;
    return block;
  }

  #take(head: number, place: number): number {
    const block = this.#freeList;
    this.#freeList = this.#next[block]!;
    this.free--;
    this.#next[block] = head;
    this.#place[block] = place;
    for (let i = 0; i < MAP_WORDS; i++) this.#map[block * MAP_WORDS + i] = 0;
    return block;
  }
}
