import type { Batch } from '../record/batch.js';
import { emptyBatch } from '../record/blocks.js';
import { encodeBatch, RecordFault, sealBody } from '../record/codec.js';
import type { Finding } from '../record/finding.js';
import { addLedger } from '../record/ledger.js';
import type { ScoredWindow } from '../score/scorer.js';
import type { Window } from '../score/window.js';
import { Budget } from './budget.js';
import { evidenceOf } from './evidence.js';
import { type GroupSums, sumGroups } from './groups.js';
import { type Plan, planWindow, TIME_END_US } from './plan.js';
import { dnsRows, flowRows, wordRows } from './rows.js';
import { Tables } from './tables.js';

export interface SummaryOptions {
  site: string;
  sensor: string;
  /** What batches may take of the line, over the windows. */
  budgetBitsPerSecond: number;
  wordSet: string;
  /** A row at or below this tail probability goes in full whatever it costs. */
  evidenceScore?: number;
  /** Of the sampling: the same seed, the same sample. */
  seed?: number;
}

const EVIDENCE_SCORE = 1e-3;
/** Of one batch: rows of each kind, and bytes once sealed. */
const BATCH_ROWS = 20_000;
const BATCH_FINDINGS = 2000;
const BATCH_BYTES = 4 * 2 ** 20;

/** A slice of what a plan has chosen. */
interface Slice {
  flows: readonly [number, number];
  dns: readonly [number, number];
  words: readonly [number, number];
  findings: readonly [number, number];
}
const KINDS = ['flows', 'dns', 'words', 'findings'] as const;

/**
 * Makes batches of scored windows within the uplink's budget. One Summariser sees all windows of a sensor in order;
 * it knows no clock but theirs, so the same windows give the same bytes.
 */
export class Summariser {
  readonly #o: SummaryOptions;
  readonly #budget: Budget;

  constructor(options: SummaryOptions) {
    this.#o = options;
    this.#budget = new Budget(options.budgetBitsPerSecond);
  }

  /**
   * Sealed bodies of a window, for the spool; at least one, since also a window without anything tells that the sensor
   * was there. What was done to the rows is added to the window's ledger, which the first of them carries.
   */
  window(window: Window, scored: ScoredWindow, degrade = 0): Uint8Array[] {
    return this.#make(window, scored, degrade).bodies;
  }

  /** The same, as batches before they are encoded. */
  batches(window: Window, scored: ScoredWindow, degrade = 0): Batch[] {
    return this.#make(window, scored, degrade).batches;
  }

  #make(window: Window, scored: ScoredWindow, degrade: number) {
    const { evidenceScore = EVIDENCE_SCORE, seed = 1 } = this.#o;
    const findings = scored.findings.map(timely);
    const evidence = evidenceOf(window, findings, evidenceScore);
    const bytes = this.#budget.begin((window.toUs - window.fromUs) / 1e6);
    const { scale } = this.#budget;
    const plan = planWindow(window, evidence, scored.words, { bytes, scale, seed, findings: findings.length });
    addLedger(window.ledger, { ...plan.done, 'summary.findings': findings.length });

    const sums = plan.groups === null ? null : sumGroups(window.flows, plan.groups);
    const batches: Batch[] = [];
    const bodies: Uint8Array[] = [];
    const slices = slicesOf(plan, findings.length).reverse();
    for (let slice = slices.pop(); slice !== undefined; slice = slices.pop()) {
      const batch = this.#batch(window, scored, plan, sums, slice, findings);
      batch.degrade = degrade;
      if (batches.length === 0) batch.ledger = window.ledger;
      const halves = halvesOf(slice);
      const body = sealedUnless(halves !== null, batch);
      if (body === null || (halves !== null && body.length > BATCH_BYTES)) {
        slices.push(halves![1], halves![0]);
        continue;
      }
      batches.push(batch);
      bodies.push(body);
    }
    this.#budget.spend(
      bodies.reduce((n, b) => n + b.length, 0),
      plan.estimate,
    );
    return { batches, bodies };
  }

  #batch(
    window: Window,
    scored: ScoredWindow,
    plan: Plan,
    sums: GroupSums | null,
    slice: Slice,
    findings: readonly Finding[],
  ): Batch {
    const { site, sensor, wordSet } = this.#o;
    const tables = new Tables();
    const batch = emptyBatch(site, sensor, inTime(window.fromUs), inTime(window.toUs));
    batch.modelGeneration = scored.modelGeneration;
    batch.wordSet = wordSet;
    batch.flows = flowRows(window.flows, plan.flows.slice(...slice.flows), plan.groups, sums, tables);
    batch.dns = dnsRows(window.dns, plan.dns.slice(...slice.dns), tables);
    batch.words = wordRows(scored.words, plan.words.slice(...slice.words), tables);
    batch.findings = findings.slice(...slice.findings);
    batch.addresses = tables.addresses;
    batch.strings = tables.strings;
    return batch;
  }
}

/** The batch, sealed; null when it can be halved and is more than any reader takes. */
function sealedUnless(canHalve: boolean, batch: Batch): Uint8Array | null {
  try {
    return sealBody(encodeBatch(batch));
  } catch (error) {
    if (canHalve && error instanceof RecordFault && error.reason === 'oversize') return null;
    throw error;
  }
}

/** Slices of at most so many rows of each kind; one empty slice where there is nothing. */
function slicesOf(plan: Plan, findings: number): Slice[] {
  const counts = { flows: plan.flows.length, dns: plan.dns.length, words: plan.words.length, findings };
  const most = { flows: BATCH_ROWS, dns: BATCH_ROWS, words: 4 * BATCH_ROWS, findings: BATCH_FINDINGS };
  const n = Math.max(1, ...KINDS.map((k) => Math.ceil(counts[k] / most[k])));
  return Array.from({ length: n }, (_, i) => {
    const part = (k: (typeof KINDS)[number]) =>
      [Math.min(counts[k], i * most[k]), Math.min(counts[k], (i + 1) * most[k])] as const;
    return { flows: part('flows'), dns: part('dns'), words: part('words'), findings: part('findings') };
  });
}

/** Two slices of half the rows each; null when there is only one row of each kind, or none. */
function halvesOf(slice: Slice): [Slice, Slice] | null {
  if (KINDS.every((k) => slice[k][1] - slice[k][0] <= 1)) return null;
  const half = (k: (typeof KINDS)[number]) => Math.ceil((slice[k][0] + slice[k][1]) / 2);
  const cut = (first: boolean): Slice => {
    const part = (k: (typeof KINDS)[number]) =>
      (first ? [slice[k][0], half(k)] : [half(k), slice[k][1]]) as readonly [number, number];
    return { flows: part('flows'), dns: part('dns'), words: part('words'), findings: part('findings') };
  };
  return [cut(true), cut(false)];
}

/** A time that the lake can file; a broken clock must not cost a finding. */
const inTime = (us: number): number => Math.min(Math.max(0, us || 0), TIME_END_US - 1);
const timely = (f: Finding): Finding => ({ ...f, firstUs: inTime(f.firstUs), lastUs: inTime(f.lastUs) });
