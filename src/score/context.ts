import { addressText, parseAddress } from '../base/address.js';
import type { Finding } from '../record/finding.js';
import type { TopicModel } from '../record/topic-model.js';
import { AssocTable } from './assoc-table.js';
import { Distinct } from './distinct.js';
import { hashWords } from './host-table.js';
import type { NameCache } from './names.js';
import { isGroup, Networks, PRIVATE_NETWORKS } from './networks.js';
import { reason } from './points.js';
import { countText, spanText } from './text.js';
import { Told } from './told.js';
import type { Window } from './window.js';
import type { WordSet } from './words/word-set.js';

/**
 * How probable the model holds the two words of each flow: flow[2 * row] in the originator's document, [2 * row + 1]
 * in the responder's. Valid while a window is being closed; nothing when there is no model.
 */
export interface Probabilities {
  flow: Float64Array;
  model: TopicModel | null;
}

/** Hosts that talk to a peer before it counts as common, and as part of everybody's day. */
const COMMON = 5;
const VERY_COMMON = 20;
/** A peer is new when it was first met this short a time ago, by a sensor that has watched for much longer. */
const NEW_US = 3600e6;
const WATCHED_US = 24 * 3600e6;

/** Kinds for which it matters who else talks to the peer. */
const PEER_KINDS = new Set(['beacon', 'long', 'upload', 'rare', 'icmp.tunnel']);

export interface ContextOptions {
  homeNetworks: string[] | undefined;
  wordSet: WordSet;
  names: NameCache;
  memoryBytes: number;
}

/** What all detectors may ask: whose an address is, how common a peer is, what the model thinks. */
export class Context {
  readonly names: NameCache;
  readonly wordSet: WordSet;
  /** What stronger detectors have said, in this window and those of the last hours. */
  readonly told: Told;
  probabilities: Probabilities = { flow: new Float64Array(0), model: null };
  readonly #home: Networks;
  /** Peers by address: how many hosts opened something to them, and since when. */
  readonly #peers: AssocTable;
  readonly #callers: Distinct;
  readonly #firstUs: Float64Array;
  readonly #homeHosts = new Distinct(1, 8192);
  readonly #key = new Uint32Array(4);
  #watchedFromUs = Number.NaN;
  #nowUs = 0;

  constructor(o: ContextOptions) {
    this.names = o.names;
    this.wordSet = o.wordSet;
    this.#home = new Networks(o.homeNetworks ?? PRIVATE_NETWORKS);
    this.told = new Told(o.memoryBytes * 0.2);
    this.#peers = new AssocTable(4, o.memoryBytes * 0.8, 8 + 10);
    this.#callers = new Distinct(this.#peers.capacity, 64);
    this.#firstUs = new Float64Array(this.#peers.capacity);
  }

  get evicted(): number {
    return this.#peers.evicted;
  }

  /** Takes note of a window before the detectors see it. */
  window(window: Window, nowUs: number, probabilities: Probabilities): void {
    this.probabilities = probabilities;
    if (Number.isNaN(this.#watchedFromUs)) this.#watchedFromUs = Number.isFinite(window.fromUs) ? window.fromUs : nowUs;
    this.#nowUs = nowUs;
    const { addr, firstUs, count } = window.flows;
    const key = this.#key;
    for (let i = 0; i < count; i++) {
      const at = i * 8;
      for (let w = 0; w < 4; w++) key[w] = addr[at + 4 + w]!;
      const caller = hashWords(addr, at, 4);
      const row = this.#peers.row(key);
      if (this.#peers.fresh) {
        this.#callers.clear(row);
        this.#firstUs[row] = firstUs[i]!;
      }
      if (this.#callers.add(row, caller) && this.isHome(addr, at)) this.#homeHosts.add(0, caller);
    }
  }

  isHome(a: Uint32Array, at: number): boolean {
    return this.#home.has(a, at);
  }

  /** Neither our own nor a group: somewhere on the Internet. */
  isOutside(a: Uint32Array, at: number): boolean {
    return !this.#home.has(a, at) && !isGroup(a, at);
  }

  /** Hosts that opened something to the address; 0 when it is not known. */
  callers(a: Uint32Array, at: number): number {
    for (let w = 0; w < 4; w++) this.#key[w] = a[at + w]!;
    const row = this.#peers.find(this.#key);
    return row < 0 ? 0 : this.#callers.estimate(row);
  }

  /** Adds what is known of the two ends to findings that have evidence of their own. */
  explain(findings: Finding[]): void {
    const ends = new Uint32Array(8);
    for (const f of findings) {
      if (!parseAddress(f.src, ends, 0)) continue;
      if (f.kind.startsWith('scan.') || f.kind.startsWith('bruteforce')) {
        if (!this.isHome(ends, 0)) {
          f.reasons.push(reason('context.outside_source', -15, `${f.src} is outside: such noise is common there`));
        }
        continue;
      }
      if (f.dst === null || !PEER_KINDS.has(f.kind) || !parseAddress(f.dst, ends, 4)) continue;
      this.#explainPeer(f, ends);
    }
  }

  #explainPeer(f: Finding, ends: Uint32Array): void {
    if (this.isOutside(ends, 4)) {
      if (f.kind !== 'upload') f.reasons.push(reason('context.outside', 5, `${f.dst} is outside the own networks`));
    } else if (f.kind !== 'rare') {
      f.reasons.push(reason('context.inside', -5, `${f.dst} is inside the own networks`));
    }
    const callers = this.callers(ends, 4);
    if (callers >= COMMON) {
      const points = callers >= VERY_COMMON ? -20 : -10;
      f.reasons.push(reason('context.common', points, `${countText(callers, 'host')} talk to ${f.dst}`));
    } else if (callers === 1 && this.#homeHosts.estimate(0) >= 10) {
      const all = countText(this.#homeHosts.estimate(0), 'own host');
      f.reasons.push(reason('context.alone', 5, `of ${all}, only this one talks to ${f.dst}`));
    }
    for (let w = 0; w < 4; w++) this.#key[w] = ends[4 + w]!;
    const row = this.#peers.find(this.#key);
    if (row < 0) return;
    const known = this.#nowUs - this.#firstUs[row]!;
    if (known < NEW_US && this.#nowUs - this.#watchedFromUs > WATCHED_US) {
      const text = `${f.dst} was first met ${spanText(known)} before, in ${spanText(this.#nowUs - this.#watchedFromUs)}`;
      f.reasons.push(reason('context.new', 5, text));
    }
  }
}

/** Text of the source (side 0) or destination (side 1) of a flow or DNS row. */
export function sideText(addr: Uint32Array, row: number, side: 0 | 1): string {
  return addressText(addr, row * 8 + side * 4);
}
