import type { Finding } from './finding.js';
import type { Ledger } from './ledger.js';

/** Version of everything below; raised by every change. The story of each is in proto/CHANGES.md. */
export const RECORD_VERSION = 1;

/**
 * Flows of one window in columns. A row stands for `flows` flows: one in full; more when ordinary flows of one
 * (src, dst, service) were aggregated; and counts `weight` times when rows were sampled.
 * Address columns are row numbers of `Batch.addresses`.
 */
export interface FlowBlock {
  count: number;
  src: Uint32Array;
  dst: Uint32Array;
  sport: Uint16Array;
  dport: Uint16Array;
  proto: Uint8Array;
  vlan: Uint16Array;
  /** Microseconds since the epoch; last packet = ts + durationUs. */
  tsUs: Float64Array;
  durationUs: Float64Array;
  origPackets: Float64Array;
  origBytes: Float64Array;
  respPackets: Float64Array;
  respBytes: Float64Array;
  /** Index in CONN_STATES of the record (record/names.ts). */
  connState: Uint8Array;
  /** Row number of `Batch.strings`. */
  history: Uint32Array;
  /** Tail probability; small is strange. */
  score: Float32Array;
  flows: Float64Array;
  weight: Float64Array;
}

/** DNS transactions of one window in columns. Names and answers are row numbers of `Batch.strings`. */
export interface DnsBlock {
  count: number;
  client: Uint32Array;
  server: Uint32Array;
  cport: Uint16Array;
  sport: Uint16Array;
  proto: Uint8Array;
  /** 0 dns, 1 mdns, 2 llmnr. */
  service: Uint8Array;
  vlan: Uint16Array;
  tsUs: Float64Array;
  /** Microseconds from query to response; -1 when one of them was not seen. */
  latencyUs: Float64Array;
  qname: Uint32Array;
  qtype: Uint16Array;
  qclass: Uint16Array;
  /** -1: no response. */
  rcode: Int16Array;
  queryBytes: Uint32Array;
  responseBytes: Uint32Array;
  /** answerCount[i] strings of `answers` belong to row i, in order; text as `TYPE rdata`, e.g. `A 192.0.2.1`. */
  answerCount: Uint16Array;
  answers: Uint32Array;
  score: Float32Array;
  weight: Float64Array;
}

/** Bags of words for the trainer: what each host's records of a window spelled. */
export interface WordBlock {
  count: number;
  /** Row number of `Batch.addresses`. */
  host: Uint32Array;
  /** 0 flow, 1 dns. */
  source: Uint8Array;
  /** Row number of `Batch.strings`. */
  word: Uint32Array;
  occurrences: Uint32Array;
}

/** What one window saw, as it is shipped. */
export interface Batch {
  version: number;
  site: string;
  sensor: string;
  windowFromUs: number;
  windowToUs: number;
  /** Generation of the central's model that gave the scores; 0 for the sensor's own baseline. */
  modelGeneration: number;
  wordSet: string;
  /** Rung of the memory ladder on which the window was made; 0 is the top. */
  degrade: number;
  /** Books of this window only. */
  ledger: Ledger;
  addresses: string[];
  strings: string[];
  flows: FlowBlock;
  dns: DnsBlock;
  words: WordBlock;
  findings: Finding[];
}
