/** [from, to], both inclusive. */
export type Range = [number, number];

/** Ranges above the contiguous part that one epoch may have; a sensor's send window makes a few dozen at most. */
export const RANGES_MAX = 1024;

/**
 * Which sequences of one (site, sensor, epoch) are settled: stored in the lake, or known never to come.
 * Kept as the highest contiguous sequence and a few ranges above it, so that years of batches take a few words.
 */
export class SequenceSet {
  /** Every sequence from 1 up to this is settled. */
  high = 0;
  /** Sorted, disjoint, not touching each other nor `high`. */
  ranges: Range[] = [];
  /** Batches whose rows are in the lake. */
  stored = 0;
  /** Sequences that the sensor gave up before the lake had them. */
  missing = 0;
  /** Sequences whose batch was refused for good. */
  refused = 0;
  /** Milliseconds since the epoch of the last change. */
  at = 0;

  has(sequence: number): boolean {
    if (sequence <= this.high) return true;
    for (const [from, to] of this.ranges) if (sequence >= from && sequence <= to) return true;
    return false;
  }

  /** How many of from..to are not settled yet. */
  unsettled(from: number, to: number): number {
    let n = Math.max(0, to - Math.max(from, this.high + 1) + 1);
    for (const [a, b] of this.ranges) n -= Math.max(0, Math.min(b, to) - Math.max(a, from) + 1);
    return n;
  }

  /** Whether one more sequence may be settled without exceeding the bound on ranges. */
  hasRoom(sequence: number): boolean {
    return this.ranges.length < RANGES_MAX || sequence === this.high + 1 || this.has(sequence);
  }

  /** Settles from..to and returns how many of them were not settled before. */
  settle(from: number, to: number): number {
    const fresh = this.unsettled(from, to);
    if (fresh === 0) return 0;
    const kept: Range[] = [];
    let a = from;
    let b = to;
    for (const range of this.ranges) {
      if (range[1] < a - 1 || range[0] > b + 1) kept.push(range);
      else {
        a = Math.min(a, range[0]);
        b = Math.max(b, range[1]);
      }
    }
    if (a <= this.high + 1) this.high = Math.max(this.high, b);
    else {
      kept.push([a, b]);
      kept.sort((x, y) => x[0] - y[0]);
    }
    this.ranges = kept;
    return fresh;
  }
}

/** How a record of the log and a snapshot write a change: what was done to which sequences of whom. */
export interface SequenceNote {
  site: string;
  sensor: string;
  epoch: number;
  stored?: Range[];
  missing?: Range[];
  refused?: Range[];
}

/** A whole set, as a snapshot of the log keeps it. */
export interface SequenceState {
  site: string;
  sensor: string;
  epoch: number;
  high: number;
  ranges: Range[];
  stored: number;
  missing: number;
  refused: number;
  at: number;
}

/** Epochs kept for each sensor. A spool is made anew rarely; older epochs than these are settled as a whole. */
export const EPOCHS_MAX = 32;

/** The settled sequences of every sensor the lake has heard of. */
export class StoredSequences {
  readonly #sensors = new Map<string, Map<number, SequenceSet>>();

  /** The set of one epoch, null when nothing of it was settled yet. */
  find(site: string, sensor: string, epoch: number): SequenceSet | null {
    return this.#sensors.get(`${site}/${sensor}`)?.get(epoch) ?? null;
  }

  /** True for an epoch so old that its set was let go: everything of it counts as settled. */
  isForgotten(site: string, sensor: string, epoch: number): boolean {
    const epochs = this.#sensors.get(`${site}/${sensor}`);
    return (
      epochs !== undefined && epochs.size >= EPOCHS_MAX && !epochs.has(epoch) && epoch < Math.min(...epochs.keys())
    );
  }

  knows(site: string, sensor: string): boolean {
    return this.#sensors.has(`${site}/${sensor}`);
  }

  apply(note: SequenceNote, at: number): void {
    const set = this.#open(note.site, note.sensor, note.epoch);
    set.at = Math.max(set.at, at);
    for (const [from, to] of note.stored ?? []) set.stored += set.settle(from, to);
    for (const [from, to] of note.refused ?? []) set.refused += set.settle(from, to);
    for (const [from, to] of note.missing ?? []) set.missing += set.settle(from, to);
  }

  restore(state: SequenceState): void {
    const { site, sensor, epoch, ...rest } = state;
    Object.assign(this.#open(site, sensor, epoch), rest);
  }

  *states(): IterableIterator<SequenceState> {
    for (const [name, epochs] of this.#sensors) {
      const [site, sensor] = name.split('/') as [string, string];
      for (const [epoch, s] of epochs) {
        const { high, ranges, stored, missing, refused, at } = s;
        yield { site, sensor, epoch, high, ranges, stored, missing, refused, at };
      }
    }
  }

  get sensors(): number {
    return this.#sensors.size;
  }

  #open(site: string, sensor: string, epoch: number): SequenceSet {
    const name = `${site}/${sensor}`;
    let epochs = this.#sensors.get(name);
    if (epochs === undefined) this.#sensors.set(name, (epochs = new Map()));
    let set = epochs.get(epoch);
    if (set === undefined) {
      epochs.set(epoch, (set = new SequenceSet()));
      while (epochs.size > EPOCHS_MAX) epochs.delete(Math.min(...epochs.keys()));
    }
    return set;
  }
}
