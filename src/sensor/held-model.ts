import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Log } from '../base/log.js';
import { verifyDocument } from '../record/signed.js';
import { decodeModel, type ModelDocument } from '../record/topic-model.js';

export interface HeldModelOptions {
  /** Where the signed document is kept for the next start. */
  file: string;
  /** The central's public key (PEM); null: no model is taken, the sensor learns its own. */
  key: string | null;
  /** Puts a model to use; resolves with what is wrong with it, or null. */
  use: (document: ModelDocument) => Promise<string | null>;
  log: Log;
}

/** The central's model at the sensor: the last one that was signed, newer than any before, and could be used. */
export class HeldModel {
  readonly #o: HeldModelOptions;
  /** Null while the sensor scores by what it learns itself. */
  generation: number | null = null;
  /** Why the newest model is not in use; null when it is. */
  fault: string | null = null;

  constructor(options: HeldModelOptions) {
    this.#o = options;
  }

  /** Takes up the model of the run before, if the central that is trusted signed it. */
  async recall(): Promise<void> {
    const { file, key, log } = this.#o;
    if (key === null || !existsSync(file)) return;
    try {
      const { payload, generation } = verifyDocument(readFileSync(file), key, { kind: 'model', newerThan: 0 });
      await this.#use(payload, generation);
      log.info({ generation }, 'scoring with the model kept from before');
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'the model kept from before cannot be used');
    }
  }

  /** A verified model that has just come: in use from the next window on, and kept. */
  async take(payload: Uint8Array, generation: number, signed: Uint8Array): Promise<void> {
    const { file, log } = this.#o;
    try {
      await this.#use(payload, generation);
    } catch (error) {
      this.fault = `Generation ${generation} of the model cannot be used: ${(error as Error).message}`;
      log.warn({ generation, error: (error as Error).message }, 'the model of the central cannot be used');
      return;
    }
    this.fault = null;
    log.info({ generation }, 'scoring with a new model from the central');
    try {
      writeFileSync(`${file}.new`, signed, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'the model cannot be kept for the next start');
    }
  }

  async #use(payload: Uint8Array, generation: number): Promise<void> {
    const wrong = await this.#o.use(decodeModel(payload));
    if (wrong !== null) throw new Error(wrong);
    this.generation = generation;
  }
}
