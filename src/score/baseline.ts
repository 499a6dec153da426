import { type TopicModel, trainTopicModel } from '../record/topic-model.js';
import { Counts } from './counts.js';
import { HostTable } from './host-table.js';
import { Lexicon } from './lexicon.js';
import { HOUR_US, type WordSet } from './words/word-set.js';

export const Source = { flow: 0, dns: 1 } as const;
export type Source = (typeof Source)[keyof typeof Source];

/** Old words fade: after this long they count half. */
const HALF_LIFE_US = 72 * HOUR_US;
/** Trained again when this share of what it was trained on is new, or at the latest after TRAIN_AFTER_US. */
const NEW_SHARE = 0.5;
const TRAIN_AFTER_US = 12 * HOUR_US;
/** Multiplications that one training may take: about a second (bench/score/scorer.ts). */
const TRAIN_WORK = 2e8;
/** Rounds of the inner loop that a host takes on average; only for the estimate of the work. */
const INNER_ROUNDS = 30;
const PASSES_MAX = 20;
/** Hours of activity remembered per host that the table has room for, on average. */
const HOURS_PER_HOST = 16;

export interface BaselineOptions {
  wordSet: WordSet;
  topics: number;
  seed: number;
  memoryBytes: number;
}

/**
 * What the sensor learns by itself until a central teaches it: word counts per host, fading, in fixed memory, and the
 * topic models trained on them. Hosts and words are numbered here for the whole of score/.
 */
export class Baseline {
  readonly hosts: HostTable;
  readonly words: readonly [Lexicon, Lexicon];
  /** What the window being closed spelled. */
  readonly window: readonly [Counts, Counts];
  readonly models: [TopicModel | null, TopicModel | null] = [null, null];
  /** Pairs of host and word forgotten to stay within memory, since start. */
  evicted = 0;
  /** Trainings since start. */
  trainings = 0;
  /** Whether the last sweep gave hosts or words other numbers. */
  swept = false;

  readonly #o: BaselineOptions;
  readonly #past: readonly [Counts, Counts];
  readonly #activeHost: Uint32Array;
  readonly #activeHour: Int32Array;
  #active = 0;
  /** Hour in which a host was last noted as active. */
  #lastHour: Int32Array;
  #trainedMass = 0;
  #newMass = 0;
  #trainedAtUs = Number.NaN;
  #fadedToUs = Number.NaN;

  constructor(o: BaselineOptions) {
    this.#o = o;
    const bytes = o.memoryBytes;
    const hosts = clamp((bytes * 0.3) / (HostTable.BYTES_PER_HOST + 4 + HOURS_PER_HOST * 8), 1024, 1 << 18);
    const words = clamp((bytes * 0.1) / Lexicon.BYTES_PER_WORD, 1024, 32768);
    const pairs = clamp((bytes * 0.6) / Counts.BYTES_PER_PAIR, 4096, 1 << 21);
    this.hosts = new HostTable(hosts);
    this.words = [
      new Lexicon(words, (a, b) => o.wordSet.flowText(a, b)),
      new Lexicon(words >> 1, (a, b) => o.wordSet.dnsText(a, b)),
    ];
    this.window = [new Counts(Math.floor(pairs * 0.3)), new Counts(Math.floor(pairs * 0.1))];
    this.#past = [new Counts(Math.floor(pairs * 0.45)), new Counts(Math.floor(pairs * 0.15))];
    this.#activeHost = new Uint32Array(hosts * HOURS_PER_HOST);
    this.#activeHour = new Int32Array(hosts * HOURS_PER_HOST);
    this.#lastHour = new Int32Array(hosts).fill(-1);
  }

  /** Notes that a host was active at that hour; the oldest notes are overwritten. */
  active(host: number, absoluteHour: number): void {
    if (this.#lastHour[host] === absoluteHour) return;
    this.#lastHour[host] = absoluteHour;
    const at = this.#active++ % this.#activeHost.length;
    this.#activeHost[at] = host;
    this.#activeHour[at] = absoluteHour;
  }

  /** Takes the window into the past and trains when it is time to. `train` is false while a central's model scores. */
  learn(nowUs: number, train: boolean): void {
    this.#fade(nowUs);
    for (const source of [Source.flow, Source.dns]) {
      const { window, past } = { window: this.window[source], past: this.#past[source] };
      if (past.count + window.count > past.capacity) {
        this.evicted += past.rebuild(1, past.quantile(0.5) * (1 + 1e-9), null, null);
      }
      for (let i = 0; i < window.count; i++) past.add(window.host[i]!, window.word[i]!, window.times[i]!);
      this.#newMass += window.mass;
    }
    const due =
      this.#newMass > 0 &&
      (this.#newMass >= NEW_SHARE * this.#trainedMass || nowUs - this.#trainedAtUs >= TRAIN_AFTER_US);
    if (train && due) this.#train(nowUs);
  }

  /** Makes room for the next window; numbers of hosts and words change. Call it last, when nobody holds one. */
  sweep(): void {
    for (const counts of this.window) counts.clear();
    this.swept = false;
    let hostsMoved: Int32Array | null = null;
    if (this.hosts.count > this.hosts.capacity * 0.75) {
      const mass = new Float64Array(this.hosts.count);
      for (const past of this.#past) for (let i = 0; i < past.count; i++) mass[past.host[i]!]! += past.times[i]!;
      hostsMoved = this.hosts.retain(heaviest(mass, this.hosts.capacity >> 1));
      this.#moveActivity(hostsMoved);
    }
    for (const source of [Source.flow, Source.dns]) {
      const lexicon = this.words[source];
      const past = this.#past[source];
      let wordsMoved: Int32Array | null = null;
      if (lexicon.count > lexicon.capacity * 0.75) {
        const mass = new Float64Array(lexicon.count);
        for (let i = 0; i < past.count; i++) mass[past.word[i]!]! += past.times[i]!;
        wordsMoved = lexicon.retain(heaviest(mass, lexicon.capacity >> 1));
      }
      if (hostsMoved === null && wordsMoved === null) continue;
      this.swept = true;
      this.evicted += past.rebuild(1, 0, hostsMoved, wordsMoved);
    }
  }

  #fade(nowUs: number): void {
    if (Number.isNaN(this.#fadedToUs)) this.#fadedToUs = nowUs;
    const span = nowUs - this.#fadedToUs;
    // Clocks jump: a step back fades nothing, and one far ahead fades once. Small steps wait until they add up.
    if (span < HALF_LIFE_US / 12) {
      if (span < 0) this.#fadedToUs = nowUs;
      return;
    }
    const factor = 0.5 ** Math.min(span / HALF_LIFE_US, 4);
    for (const past of this.#past) past.rebuild(factor, 0.05, null, null);
    this.#trainedMass *= factor;
    this.#newMass *= factor;
    this.#fadedToUs = nowUs;
  }

  #train(nowUs: number): void {
    let all = 0;
    for (const source of [Source.flow, Source.dns]) {
      const past = this.#past[source];
      const lexicon = this.words[source];
      const { topics, seed, wordSet } = this.#o;
      const work = past.count * topics * INNER_ROUNDS;
      const corpus = {
        hosts: Array.from({ length: this.hosts.count }, (_, i) => this.hosts.text(i)),
        words: Array.from({ length: lexicon.count }, (_, i) => lexicon.text(i)),
        host: past.host.subarray(0, past.count),
        word: past.word.subarray(0, past.count),
        count: past.times.subarray(0, past.count),
        ...(wordSet.hourInWord ? {} : { active: this.#activity() }),
      };
      const passes = clamp(TRAIN_WORK / Math.max(work, 1), 2, PASSES_MAX);
      this.models[source] = trainTopicModel(corpus, { topics, seed, passes, hostsMax: 32768, wordsMax: 16384 });
      all += past.mass;
    }
    this.#trainedMass = all;
    this.#newMass = 0;
    this.#trainedAtUs = nowUs;
    this.trainings++;
  }

  #activity(): { host: Uint32Array; hour: Int32Array } {
    const n = Math.min(this.#active, this.#activeHost.length);
    return { host: this.#activeHost.subarray(0, n), hour: this.#activeHour.subarray(0, n) };
  }

  #moveActivity(moved: Int32Array): void {
    const n = Math.min(this.#active, this.#activeHost.length);
    let to = 0;
    for (let i = 0; i < n; i++) {
      const host = moved[this.#activeHost[i]!]!;
      if (host < 0) continue;
      this.#activeHost[to] = host;
      this.#activeHour[to] = this.#activeHour[i]!;
      to++;
    }
    this.#active = to;
    const last = new Int32Array(this.#lastHour.length).fill(-1);
    for (let i = 0; i < moved.length; i++) if (moved[i]! >= 0) last[moved[i]!] = this.#lastHour[i]!;
    this.#lastHour = last;
  }
}

/** Marks the `n` heaviest; of equals, the earlier. */
function heaviest(mass: Float64Array, n: number): Uint8Array {
  const order = Uint32Array.from(mass.keys()).sort((a, b) => mass[b]! - mass[a]! || a - b);
  const keep = new Uint8Array(mass.length);
  for (let i = 0; i < Math.min(n, order.length); i++) keep[order[i]!] = 1;
  return keep;
}

function clamp(x: number, low: number, high: number): number {
  return Math.floor(Math.min(high, Math.max(low, x)));
}
