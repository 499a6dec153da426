import type { Writable } from 'node:stream';
import { bytesText, spanText } from '../base/units.js';

/** Colours only where a person looks at a terminal that wants them (https://no-color.org). */
export function colours(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
  const on = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const paint = (code: string) => (text: string) => (on ? `\x1b[${code}m${text}\x1b[0m` : text);
  return {
    bold: paint('1'),
    dim: paint('2'),
    red: paint('31'),
    yellow: paint('33'),
    green: paint('32'),
    cyan: paint('36'),
  };
}
export type Colours = ReturnType<typeof colours>;

/**
 * Text from the network made harmless for a terminal: control characters, escape sequences and bidirectional
 * overrides (Unicode TR9; CVE-2021-42574) are shown as `\u{..}`, never sent.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`,
  );
}

/** A progress bar on a terminal, redrawn in place a few times a second; silent elsewhere. */
export class Progress {
  readonly #out: Writable & { columns?: number };
  readonly #on: boolean;
  readonly #began = Date.now();
  #drawnAt = 0;
  #drawn = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#on = out.isTTY === true;
  }

  /** `done` of `total` bytes (total 0: unknown), and what to say behind the bar. */
  update(done: number, total: number, words: string): void {
    const now = Date.now();
    if (!this.#on || now - this.#began < 400 || now - this.#drawnAt < 100) return;
    this.#drawnAt = now;
    this.#drawn = true;
    const seconds = (now - this.#began) / 1000;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const width = 24;
    const full = Math.round(share * width);
    const bar =
      total > 0
        ? `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(share * 100)).padStart(3)} %`
        : bytesText(done);
    const left = share > 0.02 && share < 1 ? `, ${spanText((seconds / share) * (1 - share))} left` : '';
    const line = `${bar}  ${words}${left}`;
    this.#out.write(`\r\x1b[K${line.slice(0, (this.#out.columns ?? 80) - 1)}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#drawn) this.#out.write('\r\x1b[K');
    this.#drawn = false;
  }
}
