import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../base/log.js';

/** Bytes and files that the folder of refused messages may take; beyond it the oldest go. */
const BYTES_MAX = 64 * 2 ** 20;
const FILES_MAX = 1000;

/** Messages that were refused: counted by reason, and their bytes kept for a person to look at. */
export class Refused {
  readonly byReason: Record<string, number> = {};
  readonly #dir: string;
  readonly #log: Log;
  readonly #kept: { name: string; bytes: number }[] = [];
  #bytes = 0;
  #next = 1;
  #failing = false;

  constructor(dir: string, log: Log) {
    this.#dir = dir;
    this.#log = log;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(dir).sort()) {
      const number = Number.parseInt(name, 10);
      if (!Number.isInteger(number)) continue;
      const bytes = statSync(join(dir, name)).size;
      this.#kept.push({ name, bytes });
      this.#bytes += bytes;
      this.#next = Math.max(this.#next, number + 1);
    }
  }

  get total(): number {
    return Object.values(this.byReason).reduce((sum, n) => sum + n, 0);
  }

  /**
   * Counts a refused message and keeps its bytes as `<number>.<reason>.bin`. Returns once they are on the disk;
   * false when they could not be kept.
   */
  async keep(reason: string, topic: string, message: string, bytes: Uint8Array): Promise<boolean> {
    this.byReason[reason] = (this.byReason[reason] ?? 0) + 1;
    this.#log.warn({ reason, topic: topic.slice(0, 200), bytes: bytes.length, message }, 'a batch was refused');
    const name = `${String(this.#next++).padStart(9, '0')}.${reason.replace(/[^a-z]/g, '_')}.bin`;
    try {
      this.#makeRoom(bytes.length);
      const file = await open(join(this.#dir, name), 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      this.#kept.push({ name, bytes: bytes.length });
      this.#bytes += bytes.length;
      this.#failing = false;
      return true;
    } catch (err) {
      if (!this.#failing) this.#log.error({ err }, 'refused batches cannot be kept for inspection');
      this.#failing = true;
      return false;
    }
  }

  #makeRoom(bytes: number): void {
    while (this.#kept.length > 0 && (this.#bytes + bytes > BYTES_MAX || this.#kept.length >= FILES_MAX)) {
      const oldest = this.#kept.shift()!;
      rmSync(join(this.#dir, oldest.name), { force: true });
      this.#bytes -= oldest.bytes;
    }
  }
}
