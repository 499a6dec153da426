import type { KeyObject } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../base/log.js';
import { signDocument, verifyDocument } from '../../record/signed.js';
import { decodeModel, encodeModel, type ModelDocument } from '../../record/topic-model.js';

/**
 * The models of this central, signed, as `model-<generation>.signed`, the newest few of them. `generation` holds the
 * highest that was ever given: sensors refuse to go back, so a number is never given twice even when files are lost.
 */
export class ModelStore {
  readonly #dir: string;
  readonly #keep: number;
  readonly #keys: { privateKey: KeyObject; publicKey: KeyObject };
  #highest = 0;
  #current: { signed: Uint8Array; document: ModelDocument } | null = null;

  constructor(dir: string, keep: number, keys: { privateKey: KeyObject; publicKey: KeyObject }, log: Log) {
    this.#dir = dir;
    this.#keep = keep;
    this.#keys = keys;
    mkdirSync(dir, { recursive: true });
    for (const name of readdirSync(dir)) if (name.endsWith('.new')) rmSync(join(dir, name));
    const generations = this.#generations();
    this.#highest = Math.max(this.#counter(), generations[0] ?? 0);
    for (const generation of generations) {
      try {
        const signed = readFileSync(this.#path(generation));
        const { payload } = verifyDocument(signed, keys.publicKey, { kind: 'model', newerThan: generation - 1 });
        this.#current = { signed, document: decodeModel(payload) };
        break;
      } catch (err) {
        log.warn({ err, generation }, 'a model on disk cannot be used; trying the one before');
      }
    }
  }

  /** The newest model, null before the first. */
  get current(): { signed: Uint8Array; document: ModelDocument } | null {
    return this.#current;
  }

  /** Gives the model the next generation, signs it and puts it on disk; then it is current. */
  add(model: Omit<ModelDocument, 'generation'>): ModelDocument {
    const generation = this.#highest + 1;
    this.#write(join(this.#dir, 'generation'), Buffer.from(`${generation}\n`));
    this.#highest = generation;
    const document = { ...model, generation };
    const signed = signDocument('model', generation, encodeModel(document), this.#keys.privateKey);
    this.#write(this.#path(generation), signed);
    this.#current = { signed, document };
    for (const old of this.#generations().slice(this.#keep)) rmSync(this.#path(old), { force: true });
    return document;
  }

  #path(generation: number): string {
    return join(this.#dir, `model-${String(generation).padStart(9, '0')}.signed`);
  }

  /** Newest first. */
  #generations(): number[] {
    const names = readdirSync(this.#dir).flatMap((name) => /^model-(\d{9,})\.signed$/.exec(name)?.[1] ?? []);
    return names.map(Number).sort((a, b) => b - a);
  }

  #counter(): number {
    try {
      return Number.parseInt(readFileSync(join(this.#dir, 'generation'), 'utf8'), 10) || 0;
    } catch {
      return 0;
    }
  }

  #write(path: string, bytes: Uint8Array): void {
    const fd = openSync(`${path}.new`, 'w', 0o644);
    try {
      writeFileSync(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${path}.new`, path);
    const dir = openSync(this.#dir, 'r');
    try {
      fsyncSync(dir);
    } finally {
      closeSync(dir);
    }
  }
}
