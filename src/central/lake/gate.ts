/**
 * Lets any number of readers in, or one writer alone. A writer that waits keeps new readers out, so that queries in
 * an endless row cannot hold it off.
 */
export class Gate {
  #readers = 0;
  #writing = false;
  readonly #waiting: { write: boolean; go: () => void }[] = [];

  async shared<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter(false);
    try {
      return await work();
    } finally {
      this.#readers--;
      this.#next();
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter(true);
    try {
      return await work();
    } finally {
      this.#writing = false;
      this.#next();
    }
  }

  async #enter(write: boolean): Promise<void> {
    if (this.#waiting.length > 0 || !this.#free(write)) {
      await new Promise<void>((go) => this.#waiting.push({ write, go }));
      return; // #next has let us in
    }
    this.#take(write);
  }

  #free(write: boolean): boolean {
    return !this.#writing && (!write || this.#readers === 0);
  }

  #take(write: boolean): void {
    if (write) this.#writing = true;
    else this.#readers++;
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#free(this.#waiting[0]!.write)) {
      const { write, go } = this.#waiting.shift()!;
      this.#take(write);
      go();
    }
  }
}
