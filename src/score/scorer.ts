import type { Finding } from '../record/finding.js';
import { addLedger, type Ledger } from '../record/ledger.js';
import { type ModelDocument, readModelDocument, type TopicModel } from '../record/topic-model.js';
import { Baseline, Source } from './baseline.js';
import { Context } from './context.js';
import type { Detector } from './detector.js';
import { detectors } from './detectors/index.js';
import type { Lexicon } from './lexicon.js';
import { NameCache } from './names.js';
import type { Window } from './window.js';
import { SpotWords } from './words/spot.js';
import { TapspotWords } from './words/tapspot.js';
import { HOUR_US, hourOf, type WordSet, type WordSetName } from './words/word-set.js';

export interface ScorerOptions {
  wordSet: WordSetName;
  seed: number;
  /** Topics of the baseline that the sensor learns by itself. */
  topics: number;
  /** Own networks in CIDR notation; the private ranges when left out. */
  homeNetworks?: string[];
  /** What every table here may take together. */
  memoryBytes: number;
  /** Fills the scores and runs no detector. */
  scoreOnly?: boolean;
}

/** Bags of words of one window, for the trainer: row i says that hosts[host[i]] used words[word[i]] so often. */
export interface WordRows {
  count: number;
  hosts: string[];
  words: string[];
  host: Uint32Array;
  /** 0 flow, 1 dns. */
  source: Uint8Array;
  word: Uint32Array;
  occurrences: Uint32Array;
}

export interface ScoredWindow {
  findings: Finding[];
  words: WordRows;
  /** Generation of the central's model that gave the scores; 0 for the sensor's own baseline. */
  modelGeneration: number;
}

/** Numbers that the model has for the hosts and words of the baseline. */
class Numbers {
  readonly model: TopicModel;
  #hosts: Int32Array = new Int32Array(0);
  #words: Int32Array = new Int32Array(0);

  constructor(model: TopicModel) {
    this.model = model;
  }

  /** Looks up what is new since the last call. */
  hosts(table: { count: number; text(i: number): string }): Int32Array {
    return (this.#hosts = extended(this.#hosts, table, (name) => this.model.hostId(name)));
  }

  words(lexicon: Lexicon): Int32Array {
    return (this.#words = extended(this.#words, lexicon, (word) => this.model.wordId(word)));
  }
}

/**
 * Scores windows: how strange every flow and DNS transaction is for the hosts in it (flows.score, dns.rows.score: a
 * tail probability, small is strange), and what the detectors found. One Scorer sees all windows of a sensor in
 * order; there is no clock in it and no chance but the seed, so the same windows give the same result.
 */
export class Scorer {
  readonly #o: ScorerOptions;
  readonly #words: WordSet;
  readonly #baseline: Baseline;
  readonly #names: NameCache;
  readonly #context: Context;
  readonly #detectors: Detector[];
  readonly #key = new Uint32Array(4);
  #central: { generation: number; models: readonly [TopicModel | null, TopicModel | null] } | null = null;
  #numbers: [Numbers | null, Numbers | null] = [null, null];
  /** Scratch, one element per row: numbers of hosts and words. */
  #src = new Int32Array(0);
  #dst = new Int32Array(0);
  #srcWord = new Int32Array(0);
  #dstWord = new Int32Array(0);
  #dnsHost = new Int32Array(0);
  #dnsWord = new Int32Array(0);
  #probability = new Float64Array(0);
  /** Pair of host and word of each side of a flow, as the window's counts number it. */
  #srcPair = new Int32Array(0);
  #dstPair = new Int32Array(0);
  /** Of a pair: its probability, the tail of that, and the hour of the day they are for (-2: none yet). */
  readonly #pairProbability: Float64Array;
  readonly #pairTail: Float64Array;
  readonly #pairHour: Int8Array;
  #overflow = 0;

  constructor(o: ScorerOptions) {
    this.#o = o;
    this.#words = o.wordSet === 'spot' ? new SpotWords() : new TapspotWords();
    this.#baseline = new Baseline({
      wordSet: this.#words,
      topics: o.topics,
      seed: o.seed,
      memoryBytes: o.memoryBytes * 0.45,
    });
    const pairs = this.#baseline.window[Source.flow].capacity;
    this.#pairProbability = new Float64Array(pairs);
    this.#pairTail = new Float64Array(pairs);
    this.#pairHour = new Int8Array(pairs);
    this.#names = new NameCache(Math.max(1024, Math.min(65536, Math.floor((o.memoryBytes * 0.1) / 600))));
    this.#context = new Context({
      homeNetworks: o.homeNetworks,
      wordSet: this.#words,
      names: this.#names,
      memoryBytes: o.memoryBytes * 0.05,
    });
    this.#detectors = o.scoreOnly ? [] : detectors(o.memoryBytes * 0.4);
  }

  /**
   * The central's model, or null for the sensor's own baseline; scores from the next window on. Throws BadModel when
   * the document cannot be used, RangeError when its words are of another set; then the old model stays.
   */
  useModel(document: ModelDocument | null): void {
    if (document !== null) {
      const read = readModelDocument(document);
      if (document.wordSet !== this.#words.name) {
        throw new RangeError(`the model speaks the word set ${document.wordSet}, this sensor ${this.#words.name}`);
      }
      this.#central = { generation: document.generation, models: [read.flow, read.dns] };
    } else this.#central = null;
    this.#numbers = [null, null];
  }

  /** Scores one window in place and tells what was found. Rows must be in canonical order. */
  close(window: Window): ScoredWindow {
    const { flows, dns } = window;
    const f = flows.count;
    if (this.#src.length < f) {
      const room = Math.max(1024, f * 1.5);
      this.#src = new Int32Array(room);
      this.#dst = new Int32Array(room);
      this.#srcWord = new Int32Array(room);
      this.#dstWord = new Int32Array(room);
      this.#srcPair = new Int32Array(room);
      this.#dstPair = new Int32Array(room);
      this.#probability = new Float64Array(room * 2);
    }
    if (this.#dnsHost.length < dns.rows.count) {
      this.#dnsHost = new Int32Array(dns.rows.count * 1.5);
      this.#dnsWord = new Int32Array(dns.rows.count * 1.5);
    }
    const overflowBefore = this.#overflow + this.#baseline.window[0].overflow + this.#baseline.window[1].overflow;
    const evictedBefore = this.#evicted();
    this.#spellFlows(window);
    this.#spellDns(window);
    const trainings = this.#baseline.trainings;
    this.#baseline.learn(endOf(window), this.#central === null);
    if (trainings !== this.#baseline.trainings) this.#numbers = [null, null];
    const flowModel = this.#model(Source.flow);
    const unseen = this.#scoreFlows(window, flowModel) + this.#scoreDns(window, this.#model(Source.dns));

    const findings: Finding[] = [];
    if (!this.#o.scoreOnly) {
      this.#context.window(window, endOf(window), { flow: this.#probability, model: flowModel });
      for (const detector of this.#detectors) {
        const from = findings.length;
        detector.window(window, this.#context, findings);
        for (let i = from; i < findings.length; i++) this.#context.told.note(findings[i]!);
      }
      this.#context.explain(findings);
    }
    const words = this.#wordRows();
    const ledger: Ledger = {
      'score.flows': f,
      'score.dns': dns.rows.count,
      'score.unseen': unseen,
      'score.findings': findings.length,
      'score.uncounted':
        this.#overflow + this.#baseline.window[0].overflow + this.#baseline.window[1].overflow - overflowBefore,
      'score.evicted': this.#evicted() - evictedBefore,
    };
    addLedger(window.ledger, ledger);
    this.#baseline.sweep();
    if (this.#baseline.swept) this.#numbers = [null, null];
    return { findings, words, modelGeneration: this.#central?.generation ?? 0 };
  }

  #model(source: Source): TopicModel | null {
    return this.#central !== null ? this.#central.models[source] : this.#baseline.models[source];
  }

  #evicted(): number {
    let n = this.#baseline.evicted + this.#names.cleared + this.#context.evicted;
    for (const d of this.#detectors) n += d.evicted;
    return n;
  }

  /** Numbers hosts and words of every flow and counts them. */
  #spellFlows(window: Window): void {
    const { addr, firstUs, count } = window.flows;
    const { hosts } = this.#baseline;
    const lexicon = this.#baseline.words[Source.flow];
    const counts = this.#baseline.window[Source.flow];
    const [src, dst, srcWord, dstWord] = [this.#src, this.#dst, this.#srcWord, this.#dstWord];
    const [srcPair, dstPair] = [this.#srcPair, this.#dstPair];
    const key = this.#key;
    for (let i = 0; i < count; i++) {
      this.#words.flowKeys(window.flows, i, key);
      const s = (src[i] = hosts.add(addr, i * 8));
      const d = (dst[i] = hosts.add(addr, i * 8 + 4));
      const sw = (srcWord[i] = lexicon.add(key[0]!, key[1]!));
      const dw = (dstWord[i] = lexicon.add(key[2]!, key[3]!));
      const hour = Math.floor(firstUs[i]! / HOUR_US);
      if (s >= 0) this.#baseline.active(s, hour);
      if (d >= 0) this.#baseline.active(d, hour);
      srcPair[i] = s >= 0 && sw >= 0 ? counts.add(s, sw, 1) : -1;
      dstPair[i] = d >= 0 && dw >= 0 ? counts.add(d, dw, 1) : -1;
      if (s < 0 || sw < 0) this.#overflow++;
      if (d < 0 || dw < 0) this.#overflow++;
    }
  }

  #spellDns(window: Window): void {
    const { rows, bytes } = window.dns;
    const { hosts } = this.#baseline;
    const lexicon = this.#baseline.words[Source.dns];
    const counts = this.#baseline.window[Source.dns];
    const key = this.#key;
    for (let i = 0; i < rows.count; i++) {
      const name = this.#names.get(bytes, rows.nameAt[i]!, rows.nameLength[i]!);
      this.#words.dnsKey(rows, i, name, key);
      const host = (this.#dnsHost[i] = hosts.add(rows.addr, i * 8));
      const word = (this.#dnsWord[i] = lexicon.add(key[0]!, key[1]!));
      if (host >= 0) this.#baseline.active(host, Math.floor(timeOf(rows.queryUs[i]!, rows.responseUs[i]!) / HOUR_US));
      if (host >= 0 && word >= 0) counts.add(host, word, 1);
      else this.#overflow++;
    }
  }

  /**
   * A flow is as strange as its stranger side, as the predecessor had it. The lesser of two tail probabilities is
   * small twice as often as one, so it is put right: 1 - (1 - t)^2 (Šidák). Returns how many words were unseen.
   */
  #scoreFlows(window: Window, model: TopicModel | null): number {
    const { score, firstUs, count } = window.flows;
    if (model === null) {
      score.fill(1, 0, count);
      return 0;
    }
    const numbers = (this.#numbers[Source.flow] ??= new Numbers(model));
    const hostIds = numbers.hosts(this.#baseline.hosts);
    const wordIds = numbers.words(this.#baseline.words[Source.flow]);
    const [src, dst, srcWord, dstWord] = [this.#src, this.#dst, this.#srcWord, this.#dstWord];
    const [srcPair, dstPair] = [this.#srcPair, this.#dstPair];
    const [pairProbability, pairTail, pairHour] = [this.#pairProbability, this.#pairTail, this.#pairHour];
    const probability = this.#probability;
    const hours = !this.#words.hourInWord;
    pairHour.fill(-2, 0, this.#baseline.window[Source.flow].count);
    let unseen = 0;
    for (let i = 0; i < count; i++) {
      const hour = hours ? hourOf(firstUs[i]!) : -1;
      const sw = numberIn(wordIds, srcWord[i]!);
      const dw = numberIn(wordIds, dstWord[i]!);
      if (sw < 0 || dw < 0) unseen++;
      let least = 1;
      for (let side = 0; side < 2; side++) {
        const pair = side === 0 ? srcPair[i]! : dstPair[i]!;
        // A window says the same few things again and again, and within the hour.
        if (pair >= 0 && pairHour[pair] === hour) {
          probability[2 * i + side] = pairProbability[pair]!;
          if (pairTail[pair]! < least) least = pairTail[pair]!;
          continue;
        }
        const host = numberIn(hostIds, side === 0 ? src[i]! : dst[i]!);
        const p = model.probabilityById(host, side === 0 ? sw : dw, hour);
        const tail = model.tail(p);
        probability[2 * i + side] = p;
        if (tail < least) least = tail;
        if (pair < 0) continue;
        pairProbability[pair] = p;
        pairTail[pair] = tail;
        pairHour[pair] = hour;
      }
      score[i] = least * (2 - least);
    }
    return unseen;
  }

  #scoreDns(window: Window, model: TopicModel | null): number {
    const { rows } = window.dns;
    if (model === null) {
      rows.score.fill(1, 0, rows.count);
      return 0;
    }
    const numbers = (this.#numbers[Source.dns] ??= new Numbers(model));
    const hostIds = numbers.hosts(this.#baseline.hosts);
    const wordIds = numbers.words(this.#baseline.words[Source.dns]);
    const hours = !this.#words.hourInWord;
    let unseen = 0;
    for (let i = 0; i < rows.count; i++) {
      const word = numberIn(wordIds, this.#dnsWord[i]!);
      if (word < 0) unseen++;
      const hour = hours ? hourOf(timeOf(rows.queryUs[i]!, rows.responseUs[i]!)) : -1;
      rows.score[i] = model.tail(model.probabilityById(numberIn(hostIds, this.#dnsHost[i]!), word, hour));
    }
    return unseen;
  }

  #wordRows(): WordRows {
    const { hosts, words, window } = this.#baseline;
    const n = window[0].count + window[1].count;
    const rows: WordRows = {
      count: n,
      hosts: [],
      words: [],
      host: new Uint32Array(n),
      source: new Uint8Array(n),
      word: new Uint32Array(n),
      occurrences: new Uint32Array(n),
    };
    const hostRow = new Int32Array(hosts.count).fill(-1);
    let at = 0;
    for (const source of [Source.flow, Source.dns]) {
      const counts = window[source];
      const lexicon = words[source];
      const wordRow = new Int32Array(lexicon.count).fill(-1);
      for (let i = 0; i < counts.count; i++, at++) {
        const h = counts.host[i]!;
        const w = counts.word[i]!;
        if (hostRow[h]! < 0) hostRow[h] = rows.hosts.push(hosts.text(h)) - 1;
        if (wordRow[w]! < 0) wordRow[w] = rows.words.push(lexicon.text(w)) - 1;
        rows.host[at] = hostRow[h]!;
        rows.word[at] = wordRow[w]!;
        rows.source[at] = source;
        rows.occurrences[at] = counts.times[i]!;
      }
    }
    return rows;
  }
}

/** Numbers of the rows that a table has gained since, looked up by text. */
function extended(
  held: Int32Array,
  table: { count: number; text(i: number): string },
  find: (text: string) => number,
): Int32Array {
  if (held.length >= table.count) return held;
  const wider = new Int32Array(table.count);
  wider.set(held);
  for (let i = held.length; i < table.count; i++) wider[i] = find(table.text(i));
  return wider;
}

/** When a window ended. One of a whole capture may be open to the right; then its last packet. */
export function endOf(window: Window): number {
  if (Number.isFinite(window.toUs)) return window.toUs;
  let last = Number.isFinite(window.fromUs) ? window.fromUs : 0;
  for (let i = 0; i < window.flows.count; i++) last = Math.max(last, window.flows.lastUs[i]!);
  return last;
}

function numberIn(ids: Int32Array, i: number): number {
  return i < 0 ? -1 : ids[i]!;
}

function timeOf(queryUs: number, responseUs: number): number {
  return Number.isNaN(queryUs) ? responseUs : queryUs;
}
