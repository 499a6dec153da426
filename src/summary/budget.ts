/** Share of the line that batches may take; the rest is for packet headers, status and repeats. */
const SHARE = 0.95;
/** An idle line may be made up for, but not for longer than this. */
const BURST_SECONDS = 300;

/**
 * How many bytes a window may cost: a token bucket filled by the windows' own time, so that a replay is summarised as
 * the live tap was. What findings cost beyond it becomes a debt that later windows pay, up to the size of the bucket.
 */
export class Budget {
  readonly #bytesPerSecond: number;
  #tokens = 0;
  /** Real bytes per estimated byte, learned from what windows turned out to cost. */
  #scale = 1;

  constructor(bitsPerSecond: number) {
    this.#bytesPerSecond = (bitsPerSecond / 8) * SHARE;
  }

  /** A window of so many seconds begins: bytes that it may cost. */
  begin(seconds: number): number {
    const burst = this.#bytesPerSecond * Math.max(BURST_SECONDS, seconds);
    this.#tokens = Math.min(burst, this.#tokens + this.#bytesPerSecond * Math.max(0, seconds));
    return this.#tokens;
  }

  /** The window cost `real` bytes where `estimated` were foreseen, at a scale of 1. */
  spend(real: number, estimated: number): void {
    const burst = this.#bytesPerSecond * BURST_SECONDS;
    this.#tokens = Math.max(-burst, this.#tokens - real);
    if (estimated < 1024) return;
    this.#scale = Math.min(4, Math.max(0.25, 0.7 * this.#scale + 0.3 * (real / estimated)));
  }

  get scale(): number {
    return this.#scale;
  }
}
