import type { KeyObject } from 'node:crypto';
import { RecordFault } from '../record/fault.js';
import { verifyDocument } from '../record/signed.js';

export interface ControlCounts {
  accepted: number;
  /** Signed by another key, damaged, of another kind, or older than what is held. */
  refused: number;
}

/** Takes the central's model: whole, signed by the key this sensor was given, and never an older one. */
export class ControlDesk {
  readonly counts: ControlCounts = { accepted: 0, refused: 0 };
  /** What was wrong with the last one; null once a good one has come. */
  fault: string | null = null;
  #generation: number;
  readonly #key: KeyObject | string;
  readonly #onModel: (payload: Uint8Array, generation: number, signed: Uint8Array) => void;

  constructor(
    key: KeyObject | string,
    generation: number,
    onModel: (payload: Uint8Array, generation: number, signed: Uint8Array) => void,
  ) {
    this.#key = key;
    this.#generation = generation;
    this.#onModel = onModel;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Never throws: what is wrong is counted and said in `fault`. True when a new model was taken. */
  model(bytes: Uint8Array): boolean {
    // An empty retained message is how a central withdraws a model; the sensor keeps what it has.
    if (bytes.length === 0) return false;
    try {
      const { generation, payload } = verifyDocument(bytes, this.#key, { kind: 'model', newerThan: 0 });
      // The retained model comes again with every connection.
      if (generation === this.#generation) return false;
      if (generation < this.#generation) {
        throw new RecordFault('generation', `generation ${generation}, and ${this.#generation} is held already`);
      }
      this.#onModel(payload, generation, bytes);
      this.#generation = generation;
      this.counts.accepted++;
      this.fault = null;
      return true;
    } catch (error) {
      this.counts.refused++;
      const why = error instanceof RecordFault ? `${error.reason}: ${error.message}` : (error as Error).message;
      this.fault = `a model was refused (${why})`;
      return false;
    }
  }
}
