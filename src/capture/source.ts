/**
 * Frames taken from a tap or a file in one gulp, one column per property, `count` rows in use.
 * The arena may be another buffer after each read(), so take `view` and `arena` afresh then.
 */
export interface FrameBatch {
  count: number;
  /** Every frame's bytes; frame i begins at start[i] and holds capLen[i] bytes. */
  arena: Uint8Array;
  /** The same memory as `arena`, offset for offset. */
  view: DataView;
  readonly start: Uint32Array;
  /** Bytes held. */
  readonly capLen: Uint32Array;
  /** Bytes that crossed the wire; more than capLen when snapped. */
  readonly wireLen: Uint32Array;
  /** Microseconds since the epoch, stamped by the kernel or the file. A double: 0.25 µs resolution today. */
  readonly timeUs: Float64Array;
  /** LINKTYPE_ value (tcpdump.org/linktypes.html) of the interface the frame came from. */
  readonly linkType: Uint16Array;
}

/** Totals since the source was opened. A count the source cannot know is NaN, never 0. */
export interface CaptureStats {
  /** Frames handed over by read(). */
  frames: number;
  /** Bytes on the wire of those frames. */
  wireBytes: number;
  /** Frames the kernel dropped because the ring was full. */
  droppedRing: number;
  /** Frames the interface or its driver dropped. */
  droppedInterface: number;
  /** Frames another shard owns, when one file is read by several shards. */
  otherShard: number;
  /** Frames that the filter refused (files only; the kernel does not count them live). */
  filtered: number;
}

/**
 * Something frames come from: a live tap, a capture file, a test.
 *
 * The batch belongs to the source: each read() overwrites the last, so a stage that wants a byte for longer than
 * one turn of the loop copies it. Time is only ever the frame's own: a source never asks the clock, which is what
 * lets a replay give the same answer twice.
 */
export interface FrameSource {
  readonly name: string;
  readonly batch: FrameBatch;
  /** Refill `batch`. 'idle': nothing is waiting (await ready()). 'end': nothing ever will be. */
  read(): 'frames' | 'idle' | 'end';
  /** Settles when read() is worth calling again, or after `timeoutMs`. */
  ready(timeoutMs: number): Promise<void>;
  stats(): CaptureStats;
  /** What is wrong with the input, once it has ended ('cut short in the middle of packet 17'); null if nothing. */
  fault(): string | null;
  /** Bytes read so far and in all, for a progress bar; null for a live tap or a pipe. */
  progress(): { done: number; total: number } | null;
  close(): void;
}
