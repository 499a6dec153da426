import { Exit, OperatorError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { expand } from '../capture/expand.js';
import { VERDICTS } from '../decode/verdict.js';
import { type Finding, mergeFindings, rankFindings } from '../record/finding.js';
import { addLedger, type Ledger } from '../record/ledger.js';
import type { PipelineConfig } from './config.js';
import { originOf } from './origin.js';
import { Pipeline, shardsOf } from './pipeline.js';

export interface InspectOptions {
  paths: string[];
  interfaces: string[];
  durationSeconds: number | null;
  config: PipelineConfig;
  /** Where every flow and DNS transaction is written; null: nowhere. */
  flowsFile: string | null;
  dnsFile: string | null;
  signal: AbortSignal;
  log: Log;
  /** Frames are being taken. */
  onStart: () => void;
  onProgress: (p: { done: number; total: number; packets: number }) => void;
}

export interface InspectResult {
  /** The shortlist, strongest first. */
  findings: Finding[];
  summary: {
    packets: number;
    /** Bytes on the wire. */
    bytes: number;
    flows: number;
    dnsMessages: number;
    dnsTransactions: number;
    /** Frames by verdict; they sum to the packets. */
    verdicts: Record<string, number>;
    /** Verdicts that need no mention. */
    ordinaryVerdicts: string[];
    elapsedSeconds: number;
    /** What a reader should know about the whole, one sentence each. */
    notes: string[];
  };
  /** What is wrong with the input, one sentence each; what could be read was read. */
  faults: string[];
  ledger: Ledger;
}

/** One shot without a broker: everything there is to read becomes one window, scored by what it teaches itself. */
export async function inspectTraffic(options: InspectOptions): Promise<InspectResult> {
  const began = performance.now();
  const { config, log } = options;
  const paths = await expandPaths(options.paths, log);
  // A pipe can be read once only.
  const shards = paths.includes('-') ? 1 : shardsOf(config.shards);
  const pipeline = await Pipeline.start({
    config,
    shards,
    windowUs: Number.POSITIVE_INFINITY,
    outlet: { kind: 'rows', flowsFile: options.flowsFile, dnsFile: options.dnsFile },
  });
  const stop = new AbortController();
  const abort = () => stop.abort();
  options.signal.addEventListener('abort', abort);
  const timer = options.durationSeconds === null ? null : setTimeout(abort, options.durationSeconds * 1000);

  const findings: Finding[] = [];
  const ledger: Ledger = {};
  let flows = 0;
  let dnsTransactions = 0;
  let faults: string[];
  try {
    faults = await pipeline.run(originOf({ paths, interfaces: options.interfaces, config }), {
      signal: stop.signal,
      onStart: options.onStart,
      onTurn: (turn) =>
        options.onProgress({
          done: turn.progress?.done ?? turn.ledger['capture.wire_bytes'] ?? 0,
          total: turn.progress?.total ?? 0,
          packets: turn.ledger['capture.frames'] ?? 0,
        }),
      onWindow: (scored) => {
        findings.push(...scored.findings);
        addLedger(ledger, scored.ledger);
        flows += scored.flows;
        dnsTransactions += scored.dnsTransactions;
      },
    });
    await pipeline.finish();
  } finally {
    if (timer !== null) clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
    await pipeline.stop();
  }
  log.debug({ ledger }, 'the books');
  const verdicts = Object.fromEntries(VERDICTS.map((name) => [name, ledger[`decode.${name}`] ?? 0]));
  return {
    findings: rankFindings(mergeFindings(findings)),
    summary: {
      packets: Object.values(verdicts).reduce((sum, n) => sum + n, 0),
      bytes: ledger['capture.wire_bytes'] ?? 0,
      flows,
      dnsMessages: ledger['dns.messages'] ?? 0,
      dnsTransactions,
      verdicts,
      ordinaryVerdicts: ['ok', 'snapped', 'fragment'],
      elapsedSeconds: Math.round(performance.now() - began) / 1000,
      notes: notesOf(ledger),
    },
    faults,
    ledger,
  };
}

async function expandPaths(given: string[], log: Log): Promise<string[]> {
  if (given.length === 0) return [];
  const { files, skipped } = await expand(given);
  for (const { path, reason } of skipped) log.warn({ path }, `left out: ${reason}`);
  if (files.length === 0) {
    throw new OperatorError('NO_CAPTURE', Exit.noInput, `There is no capture file in ${given.join(', ')}.`);
  }
  return files;
}

/** Losses, told where they happened. */
function notesOf(ledger: Ledger): string[] {
  const notes: string[] = [];
  const dropped = (ledger['capture.dropped_ring'] ?? 0) + (ledger['capture.dropped_interface'] ?? 0);
  if (dropped > 0)
    notes.push(`The kernel dropped ${dropped} frames before they could be read: give a larger buffer, or a filter.`);
  const evicted = ledger['flow.left_evicted'] ?? 0;
  if (evicted > 0)
    notes.push(`${evicted} flows were reported early because the flow table was full: give more --memory.`);
  return notes;
}
