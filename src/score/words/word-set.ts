import type { DnsColumns } from '../../dns/columns.js';
import type { FlowColumns } from '../../flow/columns.js';
import type { NameFacts } from '../names.js';

/**
 * Turns records into words: small, discrete descriptions of what a record looked like. In the hot path a word is two
 * 32-bit numbers, a key; its text is made once, when it is first met.
 */
export interface WordSet {
  readonly name: WordSetName;
  /** Whether the hour of the day is part of the word; else it is modelled apart. */
  readonly hourInWord: boolean;
  /** Keys of one flow: out[0], out[1] for the originator's document, out[2], out[3] for the responder's. */
  flowKeys(flows: FlowColumns, row: number, out: Uint32Array): void;
  flowText(a: number, b: number): string;
  /** Key of one DNS transaction, for the client's document. */
  dnsKey(dns: DnsColumns, row: number, name: NameFacts, out: Uint32Array): void;
  dnsText(a: number, b: number): string;
}

export const WORD_SETS = ['tapspot', 'spot'] as const;
export type WordSetName = (typeof WORD_SETS)[number];

/** Microseconds in an hour. */
export const HOUR_US = 3_600_000_000;

/** Hour of the day, UTC, 0 to 23. */
export function hourOf(us: number): number {
  // A remainder of 32-bit integers is much cheaper than one of doubles.
  const hour = (Math.floor(us / HOUR_US) | 0) % 24;
  return hour < 0 ? hour + 24 : hour;
}
