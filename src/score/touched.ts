/** Rows of a table that a window has touched, each once, in the order in which they were first touched. */
export class Touched {
  readonly rows: number[] = [];
  readonly #mark: Uint8Array;

  constructor(rows: number) {
    this.#mark = new Uint8Array(rows);
  }

  clear(): void {
    for (const row of this.rows) this.#mark[row] = 0;
    this.rows.length = 0;
  }

  add(row: number): void {
    if (this.#mark[row] === 1) return;
    this.#mark[row] = 1;
    this.rows.push(row);
  }
}
