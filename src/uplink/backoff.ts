/**
 * Waits that double up to a limit, each shortened by chance by up to half, so that a hundred sensors whose broker
 * comes back do not all come back with it in the same second.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #tries = 0;

  constructor(firstMs: number, mostMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** The next wait, in milliseconds. */
  next(): number {
    const full = Math.min(this.#mostMs, this.#firstMs * 2 ** Math.min(this.#tries++, 30));
    return full * (0.5 + 0.5 * this.#random());
  }

  reset(): void {
    this.#tries = 0;
  }
}
