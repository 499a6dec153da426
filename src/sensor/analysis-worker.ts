import { mergeDns } from '../dns/order.js';
import { mergeFlows } from '../flow/order.js';
import type { Finding } from '../record/finding.js';
import type { Ledger } from '../record/ledger.js';
import type { ModelDocument } from '../record/topic-model.js';
import { Scorer, type ScorerOptions } from '../score/scorer.js';
import type { Window } from '../score/window.js';
import { Summariser, type SummaryOptions } from '../summary/summariser.js';
import { RowWriter } from './rows.js';
import type { Part } from './shard.js';
import { answering } from './thread.js';

/** What becomes of a scored window: rows in files (inspect), or batches for the uplink (sensor). */
export type Outlet =
  | { kind: 'rows'; flowsFile: string | null; dnsFile: string | null }
  | { kind: 'batches'; summary: SummaryOptions };

export interface ScoredOut {
  findings: Finding[];
  /** Encoded batches; none when rows are written. */
  bodies: Uint8Array[];
  /** The window's books with those of scoring and summary added. */
  ledger: Ledger;
  flows: number;
  dnsTransactions: number;
}

/** The calls that this file answers; state lives from `open` to `close`. */
export type AnalysisCalls = {
  open: { in: { scorer: ScorerOptions; outlet: Outlet }; out: null };
  window: { in: { fromUs: number; toUs: number; parts: Part[]; ledger: Ledger }; out: ScoredOut };
  /** Answers what is wrong with the document; null: it is in use. */
  useModel: { in: { document: ModelDocument }; out: string | null };
  close: { in: null; out: null };
};

let scorer: Scorer | null = null;
let rows: RowWriter | null = null;
let summariser: Summariser | null = null;

export const open = answering(({ scorer: options, outlet }: AnalysisCalls['open']['in']): null => {
  scorer = new Scorer(options);
  if (outlet.kind === 'rows') rows = new RowWriter(outlet.flowsFile, outlet.dnsFile);
  else summariser = new Summariser(outlet.summary);
  return null;
});

export const window = answering(({ fromUs, toUs, parts, ledger }: AnalysisCalls['window']['in']): ScoredOut => {
  if (scorer === null) throw new Error('the analysis was asked to score before it was opened');
  const seen: Window = {
    fromUs,
    toUs,
    flows: mergeFlows(parts.map((p) => p.flows)),
    dns: mergeDns(parts.map((p) => p.dns)),
    ledger,
  };
  const scored = scorer.close(seen);
  rows?.write(seen);
  const bodies = summariser === null ? [] : summariser.window(seen, scored);
  return {
    findings: scored.findings,
    bodies,
    ledger: seen.ledger,
    flows: seen.flows.count,
    dnsTransactions: seen.dns.rows.count,
  };
});

/** A document that cannot be used is the central's fault, and no reason to stop: the old model stays. */
export const useModel = answering(({ document }: AnalysisCalls['useModel']['in']): string | null => {
  try {
    scorer!.useModel(document);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
});

export const close = answering(async (): Promise<null> => {
  await rows?.close();
  rows = null;
  return null;
});
