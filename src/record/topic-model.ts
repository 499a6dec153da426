/**
 * The topic model as both halves know it: the sensor's own baseline, the central's trainer and a Spark job all make
 * this document, and all score alike with it. One model per source (flow, dns).
 */

/** Bags of words: `count[i]` times host `host[i]` used word `word[i]`. Any order; repeats add up. */
export interface Corpus {
  hosts: string[];
  words: string[];
  host: Uint32Array;
  word: Uint32Array;
  count: Float64Array;
}

/** What travels: plain JSON; numbers in arrays are base64 of little-endian Float32. */
export interface TopicModelDocument {
  topics: number;
  words: string[];
  hosts: string[];
  /** phi[word * topics + k]: probability of the word in topic k, smoothed. */
  phi: string;
  /** Probability in topic k of any word that is not in `words`. */
  unseen: number[];
  /** theta[host * topics + k]: topic mix of a host. */
  theta: string;
  /** Topic mix of a host that is not in `hosts`. */
  prior: number[];
  /** Ascending probabilities and, for each, the share of training mass at or below it. */
  tail: { probability: number[]; share: number[] };
}

/** The whole signed document: both sources, and where it came from. */
export interface ModelDocument {
  version: 1;
  /** Grows by one at each publication of a central; a sensor never goes back. */
  generation: number;
  wordSet: string;
  seed: number;
  /** Milliseconds since the epoch. */
  trainedAt: number;
  trainedOn: { fromUs: number; toUs: number; sensors: string[]; documents: number; tokens: number };
  flow: TopicModelDocument | null;
  dns: TopicModelDocument | null;
}
