/**
 * The topic model as both halves know it: the sensor's own baseline, the central's trainer and a Spark job all make
 * this document, and all score alike with it. One model per source (flow, dns).
 */
import { type Bags, Lda } from '../base/lda.js';
import { Random } from '../base/random.js';
import { checkTailCurve, Tail, type TailCurve, tailCurve } from '../base/tail.js';
import { activityFactors, HOURS } from './activity.js';
import {
  BadModel,
  fromBase64,
  MODEL_LIMITS,
  type ModelDocument,
  mixes,
  names,
  numbers,
  type TopicModelDocument,
  toBase64,
} from './topic-document.js';

export { BadModel, MODEL_LIMITS, type ModelDocument, type TopicModelDocument };

/** Bags of words: `count[i]` times host `host[i]` used word `word[i]`. Any order; repeats add up. */
export interface Corpus {
  hosts: string[];
  words: string[];
  host: Uint32Array;
  word: Uint32Array;
  count: Float64Array;
  /**
   * When hosts were seen at all: pairs of a host and an hour since the epoch (floor(tsUs / 3.6e9)), any order,
   * repeats allowed. Without it, every hour of the day is alike.
   */
  active?: { host: Uint32Array; hour: Int32Array };
}

export interface TrainOptions {
  topics: number;
  seed: number;
  /** Rounds over the corpus. */
  passes: number;
  /** Prior of a host's topics; 1 / topics when left out. */
  alpha?: number;
  /** Prior of a topic's words; 1 / topics when left out. */
  eta?: number;
  /** The most frequent words and the busiest hosts are kept; the rest are scored as unseen. */
  wordsMax?: number;
  hostsMax?: number;
}

/** Documents of one step when the corpus is too large for batches of everything. */
const STEP_DOCUMENTS = 512;

/** One topic as a person reads it. */
export interface TopicSummary {
  /** Share of all training mass. */
  weight: number;
  words: { word: string; probability: number }[];
}

/**
 * Topic mixes of hosts and word probabilities of topics, ready to be asked. A host or word is asked for by text
 * once, and by its number in the hot path; -1 stands for one that the model has not seen.
 */
export class TopicModel {
  readonly topics: number;
  readonly words: readonly string[];
  readonly hosts: readonly string[];
  readonly phi: Float32Array;
  readonly theta: Float32Array;
  /** hosts * 24 factors, or empty. */
  readonly hours: Float32Array;
  readonly prior: Float64Array;
  readonly unseen: Float64Array;
  #curve: TailCurve = { probability: [], share: [] };
  #tail = new Tail(this.#curve);
  readonly #hostIds = new Map<string, number>();
  readonly #wordIds = new Map<string, number>();

  constructor(parts: Pick<TopicModel, 'words' | 'hosts' | 'phi' | 'theta' | 'hours' | 'prior' | 'unseen'>) {
    this.topics = parts.prior.length;
    this.words = parts.words;
    this.hosts = parts.hosts;
    this.phi = parts.phi;
    this.theta = parts.theta;
    this.hours = parts.hours;
    this.prior = parts.prior;
    this.unseen = parts.unseen;
    for (let i = 0; i < parts.hosts.length; i++) this.#hostIds.set(parts.hosts[i]!, i);
    for (let i = 0; i < parts.words.length; i++) this.#wordIds.set(parts.words[i]!, i);
  }

  /** Number of a host for probabilityById, or -1. */
  hostId(host: string): number {
    return this.#hostIds.get(host) ?? -1;
  }

  wordId(word: string): number {
    return this.#wordIds.get(word) ?? -1;
  }

  /** Σ_k θ_k(host) φ_k(word), times the host's factor for the hour of the day (0 to 23, UTC; -1: leave it out). */
  probability(host: string, word: string, hour = -1): number {
    return this.probabilityById(this.hostId(host), this.wordId(word), hour);
  }

  probabilityById(host: number, word: number, hour: number): number {
    const K = this.topics;
    const theta = host < 0 ? this.prior : this.theta;
    const phi = word < 0 ? this.unseen : this.phi;
    const t = host < 0 ? 0 : host * K;
    const w = word < 0 ? 0 : word * K;
    let p = 0;
    for (let k = 0; k < K; k++) p += theta[t + k]! * phi[w + k]!;
    if (hour >= 0 && host >= 0 && this.hours.length > 0) p *= this.hours[host * HOURS + hour]!;
    return p;
  }

  /** Share of the training mass that is at most as probable; never 0. */
  tail(probability: number): number {
    return this.#tail.share(probability);
  }

  /** Sets what tail() answers: the probabilities of the training data. */
  calibrate(curve: TailCurve): void {
    this.#curve = curve;
    this.#tail = new Tail(curve);
  }

  /** Topics by weight, each with its likeliest words. */
  describe(wordsPerTopic = 10): TopicSummary[] {
    const K = this.topics;
    const out: TopicSummary[] = [];
    for (let k = 0; k < K; k++) {
      const ids = Uint32Array.from(this.words.keys());
      ids.sort((a, b) => this.phi[b * K + k]! - this.phi[a * K + k]! || a - b);
      const words = [...ids.subarray(0, wordsPerTopic)].map((w) => ({
        word: this.words[w]!,
        probability: this.phi[w * K + k]!,
      }));
      out.push({ weight: this.prior[k]!, words });
    }
    return out.sort((a, b) => b.weight - a.weight);
  }

  toDocument(): TopicModelDocument {
    const document: TopicModelDocument = {
      topics: this.topics,
      words: [...this.words],
      hosts: [...this.hosts],
      phi: toBase64(this.phi),
      unseen: [...this.unseen],
      theta: toBase64(this.theta),
      prior: [...this.prior],
      tail: { probability: [...this.#curve.probability], share: [...this.#curve.share] },
    };
    if (this.hours.length > 0) document.hours = toBase64(this.hours);
    return document;
  }

  /** Reads a document that may be from anybody. Throws BadModel unless every number in it can be used. */
  static fromDocument(document: unknown): TopicModel {
    if (typeof document !== 'object' || document === null) throw new BadModel('the model is not an object');
    const d = document as Partial<TopicModelDocument>;
    const K = d.topics;
    if (typeof K !== 'number' || !Number.isInteger(K) || K < 1 || K > MODEL_LIMITS.topics) {
      throw new BadModel(`topics is not a whole number from 1 to ${MODEL_LIMITS.topics}`);
    }
    const words = names(d.words, MODEL_LIMITS.words, 'words');
    const hosts = names(d.hosts, MODEL_LIMITS.hosts, 'hosts');
    const prior = numbers(d.prior, K, 'prior');
    const unseen = numbers(d.unseen, K, 'unseen');
    if (unseen.some((p) => p === 0)) throw new BadModel('unseen holds a 0: a new word must stay possible');
    const phi = fromBase64(d.phi, words.length * K, 1, 'phi');
    const theta = fromBase64(d.theta, hosts.length * K, 1, 'theta');
    const hours =
      d.hours === undefined ? new Float32Array(0) : fromBase64(d.hours, hosts.length * HOURS, 1000, 'hours');
    if (typeof d.tail !== 'object' || d.tail === null) throw new BadModel('the tail is missing');
    const fault = checkTailCurve(d.tail);
    if (fault !== null) throw new BadModel(fault);
    mixes(theta, K, 'theta');
    mixes(prior, K, 'prior');
    const model = new TopicModel({ words, hosts, phi, theta, hours, prior, unseen });
    model.calibrate({ probability: [...d.tail.probability], share: [...d.tail.share] });
    return model;
  }
}

/** The payload of a signed model document. */
export function encodeModel(document: ModelDocument): Uint8Array {
  return Buffer.from(JSON.stringify(document), 'utf8');
}

/** Reads that payload; throws BadModel. The signature is the caller's to check, before this. */
export function decodeModel(payload: Uint8Array): ModelDocument {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    throw new BadModel(`the model document is not JSON: ${(error as Error).message}`);
  }
  readModelDocument(value);
  return value as ModelDocument;
}

/** Checks a model document whole and makes its models; throws BadModel. */
export function readModelDocument(value: unknown): {
  document: ModelDocument;
  flow: TopicModel | null;
  dns: TopicModel | null;
} {
  if (typeof value !== 'object' || value === null) throw new BadModel('the model document is not an object');
  const d = value as Partial<ModelDocument>;
  if (d.version !== 1) throw new BadModel(`the model document has version ${String(d.version)}; this reads 1`);
  if (!Number.isSafeInteger(d.generation) || d.generation! < 0) throw new BadModel('generation is not a whole number');
  if (typeof d.wordSet !== 'string' || d.wordSet.length > 64) throw new BadModel('wordSet is not a short name');
  return {
    document: d as ModelDocument,
    flow: d.flow == null ? null : TopicModel.fromDocument(d.flow),
    dns: d.dns == null ? null : TopicModel.fromDocument(d.dns),
  };
}

/**
 * Trains a model. The order of the corpus does not matter: hosts and words are sorted by name first, so that one
 * shard and many, and one run and the next, give the same model to the last bit. null when there is nothing to
 * learn from.
 */
export function trainTopicModel(corpus: Corpus, o: TrainOptions): TopicModel | null {
  const kept = sorted(
    corpus,
    Math.min(o.hostsMax ?? 20_000, MODEL_LIMITS.hosts),
    Math.min(o.wordsMax ?? 16_384, MODEL_LIMITS.words),
  );
  const documents = kept.hosts.length;
  if (documents === 0) return null;
  const K = o.topics;
  const V = kept.words.length;
  // One word more than there are: it is never seen, so what the prior leaves it is the chance of a new word.
  const eta = o.eta ?? 1 / K;
  const alpha = o.alpha ?? 1 / K;
  const lda = new Lda({ topics: K, words: V + 1, alpha, eta, seed: o.seed, tolerance: 5e-3, innerMax: 50 });
  if (documents <= STEP_DOCUMENTS) lda.fit(kept.bags, o.passes);
  else {
    const random = new Random(o.seed ^ 0x5bd1e995);
    const order = Uint32Array.from({ length: documents }, (_, d) => d);
    for (let pass = 0; pass < o.passes; pass++) {
      random.shuffle(order);
      for (let i = 0; i < documents; i += STEP_DOCUMENTS) {
        lda.partialFit(kept.bags, documents, order.subarray(i, i + STEP_DOCUMENTS));
      }
    }
  }

  const { lambda } = lda;
  const column = new Float64Array(K);
  for (let w = 0; w < lambda.length; w += K) for (let k = 0; k < K; k++) column[k]! += lambda[w + k]!;
  const phi = new Float32Array(V * K);
  for (let w = 0; w < phi.length; w += K) for (let k = 0; k < K; k++) phi[w + k] = lambda[w + k]! / column[k]!;
  const unseen = Float64Array.from({ length: K }, (_, k) => lambda[V * K + k]! / column[k]!);
  const gamma = lda.transform(kept.bags);
  const theta = new Float32Array(documents * K);
  const prior = new Float64Array(K);
  for (let d = 0; d < documents; d++) {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += gamma[d * K + k]!;
    for (let k = 0; k < K; k++) {
      theta[d * K + k] = gamma[d * K + k]! / sum;
      prior[k]! += gamma[d * K + k]! / sum / documents;
    }
  }
  const hours = corpus.active ? activityFactors(kept.hosts, corpus.hosts, corpus.active) : new Float32Array(0);
  const model = new TopicModel({ words: kept.words, hosts: kept.hosts, phi, theta, hours, prior, unseen });
  const { start, word, count } = kept.bags;
  const p = new Float64Array(word.length);
  for (let d = 0; d < documents; d++) {
    for (let i = start[d]!; i < start[d + 1]!; i++) p[i] = Math.max(1e-300, model.probabilityById(d, word[i]!, -1));
  }
  model.calibrate(tailCurve(p, count));
  return model;
}

/** The corpus in the order of names, without the hosts and words beyond the limits. */
function sorted(corpus: Corpus, hostsMax: number, wordsMax: number): { hosts: string[]; words: string[]; bags: Bags } {
  // Hosts first: words that only dropped hosts used are not kept.
  const hosts = ranks(corpus.hosts, corpus.host, corpus.count, hostsMax);
  const words = ranks(corpus.words, corpus.word, corpus.count, wordsMax, (i) => hosts.rank[corpus.host[i]!]! >= 0);
  const entries: number[] = [];
  for (let i = 0; i < corpus.count.length; i++) {
    if (corpus.count[i]! > 0 && hosts.rank[corpus.host[i]!]! >= 0 && words.rank[corpus.word[i]!]! >= 0) entries.push(i);
  }
  const V = words.names.length;
  const key = (i: number) => hosts.rank[corpus.host[i]!]! * V + words.rank[corpus.word[i]!]!;
  entries.sort((a, b) => key(a) - key(b) || corpus.count[a]! - corpus.count[b]!);
  const start = new Uint32Array(hosts.names.length + 1);
  const word: number[] = [];
  const count: number[] = [];
  let last = -1;
  for (const i of entries) {
    const k = key(i);
    if (k === last) count[count.length - 1]! += corpus.count[i]!;
    else {
      word.push(words.rank[corpus.word[i]!]!);
      count.push(corpus.count[i]!);
      start[hosts.rank[corpus.host[i]!]! + 1]!++;
    }
    last = k;
  }
  for (let d = 0; d < hosts.names.length; d++) start[d + 1]! += start[d]!;
  const bags = { start, word: Uint32Array.from(word), count: Float64Array.from(count) };
  return { hosts: hosts.names, words: words.names, bags };
}

/** The `max` names of most mass, in order of name, and for each old number its place among them or -1. */
function ranks(
  all: readonly string[],
  which: Uint32Array,
  count: Float64Array,
  max: number,
  counts: (i: number) => boolean = () => true,
): { names: string[]; rank: Int32Array } {
  const mass = new Map<string, number>();
  for (let i = 0; i < count.length; i++) {
    if (!(count[i]! > 0) || !counts(i)) continue;
    const name = all[which[i]!]!;
    mass.set(name, (mass.get(name) ?? 0) + count[i]!);
  }
  let names = [...mass.keys()].sort();
  if (names.length > max) {
    // Rounded, so that the order in which decayed counts were added up cannot decide who stays.
    const rounded = (name: string) => Math.round(mass.get(name)! * 1000);
    names.sort((a, b) => rounded(b) - rounded(a) || (a < b ? -1 : 1));
    names = names.slice(0, max).sort();
  }
  const place = new Map(names.map((name, i) => [name, i]));
  return { names, rank: Int32Array.from(all, (name) => place.get(name) ?? -1) };
}
