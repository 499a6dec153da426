import { WordHash } from '../base/hash.js';
import { startUs } from '../dns/order.js';
import type { Ledger } from '../record/ledger.js';
import type { WordRows } from '../score/scorer.js';
import type { Window } from '../score/window.js';
import type { Evidence } from './evidence.js';
import { type Groups, groupFlows } from './groups.js';

/** What a row costs once compressed, before Budget.scale puts it right. Measured on captures of office traffic. */
export const COST = { flow: 20, group: 20, dns: 40, word: 9, finding: 250, batch: 500 } as const;
/** Shares of what the evidence leaves: words for the trainer at most, and DNS when flows want everything. */
const WORDS_SHARE = 0.25;
const DNS_SHARE = 0.4;
/** Rows whose time is further from their window than this come from a broken clock or a forged capture. */
const BEFORE_US = 86_400e6;
const AFTER_US = 3600e6;
/** 2100-01-01: no lake files later times. */
export const TIME_END_US = 4_102_444_800e6;

/** One row that will be sent. */
export interface FlowPick {
  row: number;
  /** -1 for the row as it is, else the group whose sums stand in its place. */
  group: number;
  weight: number;
}
export interface DnsPick {
  row: number;
  weight: number;
}

export interface Plan {
  /** In order of time. */
  flows: FlowPick[];
  dns: DnsPick[];
  groups: Groups | null;
  /** Rows of WordRows that are sent, in their order. */
  words: number[];
  /** Bytes foreseen, at a scale of 1. */
  estimate: number;
  /** What was done to the rows, for the books. */
  done: Ledger;
}

/**
 * Chooses what of a window is sent for `bytes`: evidence whatever it costs; ordinary flows one by one, or else by
 * (src, dst, service), or else a sample of those; ordinary DNS one by one, or else a sample. Rows of a sample weigh so
 * much that flows and transactions add up to what was seen.
 */
export function planWindow(
  window: Window,
  evidence: Evidence,
  words: WordRows,
  o: { bytes: number; scale: number; seed: number; findings: number },
): Plan {
  const done: Ledger = {};
  const count = (key: string, n: number) => {
    done[`summary.${key}`] = n;
  };
  const flowTimely = timelyFlows(window);
  const dnsTimely = timelyDns(window);
  const sure = (chosen: Uint8Array, timely: Uint8Array) => chosen.map((c, i) => c & timely[i]!);
  const rest = (chosen: Uint8Array, timely: Uint8Array) => timely.map((t, i) => t & (1 - chosen[i]!));
  const [sureFlows, restFlows] = [sure(evidence.flows, flowTimely), rest(evidence.flows, flowTimely)];
  const [sureDns, restDns] = [sure(evidence.dns, dnsTimely), rest(evidence.dns, dnsTimely)];
  count('untimely', flowTimely.length + dnsTimely.length - total(flowTimely) - total(dnsTimely));
  count('evidence_flows', total(sureFlows));
  count('evidence_dns', total(sureDns));
  count('evidence_capped', evidence.capped);

  let estimate = COST.batch + o.findings * COST.finding;
  estimate += total(sureFlows) * COST.flow + total(sureDns) * COST.dns;
  let left = Math.max(0, o.bytes / o.scale - estimate);

  const picked = frequentWords(words, Math.floor((left * WORDS_SHARE) / COST.word));
  count('words', picked.length);
  count('words_left_out', words.count - picked.length);
  left -= picked.length * COST.word;
  estimate += picked.length * COST.word;

  const dnsWant = total(restDns) * COST.dns;
  const flows = planFlows(window, restFlows, left - Math.min(dnsWant, left * DNS_SHARE), o.seed);
  for (let row = 0; row < sureFlows.length; row++) if (sureFlows[row]) flows.picks.push({ row, group: -1, weight: 1 });
  flows.picks.sort((a, b) => a.row - b.row);
  count('flows_full', flows.full + total(sureFlows));
  count('flows_aggregated', flows.aggregated);
  count('flows_sampled', flows.sampled);
  count('flows_sampled_out', flows.sampledOut);
  left -= flows.cost;
  estimate += flows.cost;

  const dns = planDns(window, restDns, Math.floor(left / COST.dns), o.seed);
  const sampled = dns.length < total(restDns);
  estimate += dns.length * COST.dns;
  count('dns_full', total(sureDns) + (sampled ? 0 : dns.length));
  count('dns_sampled', sampled ? dns.length : 0);
  count('dns_sampled_out', total(restDns) - dns.length);
  for (let row = 0; row < sureDns.length; row++) if (sureDns[row]) dns.push({ row, weight: 1 });
  dns.sort((a, b) => a.row - b.row);
  return { flows: flows.picks, dns, groups: flows.groups, words: picked, estimate, done };
}

interface FlowPlan {
  picks: FlowPick[];
  groups: Groups | null;
  cost: number;
  full: number;
  aggregated: number;
  sampled: number;
  sampledOut: number;
}

function planFlows({ flows }: Window, chosen: Uint8Array, bytes: number, seed: number): FlowPlan {
  const n = total(chosen);
  const plan: FlowPlan = {
    picks: [],
    groups: null,
    cost: n * COST.flow,
    full: n,
    aggregated: 0,
    sampled: 0,
    sampledOut: 0,
  };
  if (plan.cost <= bytes) {
    for (let row = 0; row < flows.count; row++) if (chosen[row]) plan.picks.push({ row, group: -1, weight: 1 });
    return plan;
  }
  const groups = (plan.groups = groupFlows(flows, chosen, seed));
  // Of something there is always at least one: silence would say that there was nothing.
  const room = Math.max(1, Math.floor(bytes / COST.group));
  const kept = sample(groups.hash.subarray(0, groups.count), room);
  const all = kept.length === groups.count;
  const whole = all ? wholeGroups(groups, bytes - kept.length * COST.group) : new Uint8Array(groups.count);
  let keptFlows = 0;
  for (const group of kept) keptFlows += groups.flows[group]!;
  const weight = all ? 1 : n / keptFlows;
  plan.full = plan.cost = 0;
  for (const group of kept) {
    if (whole[group]) continue;
    const members = groups.flows[group]!;
    plan.picks.push({ row: groups.first[group]!, group: members === 1 ? -1 : group, weight });
    plan.cost += COST.group;
    if (!all) plan.sampled += members;
    else if (members === 1) plan.full++;
    else plan.aggregated += members;
  }
  for (let row = 0; row < flows.count; row++) {
    if (groups.of[row]! < 0 || !whole[groups.of[row]!]) continue;
    plan.picks.push({ row, group: -1, weight: 1 });
    plan.cost += COST.flow;
    plan.full++;
  }
  plan.sampledOut = n - keptFlows;
  return plan;
}

/** Marks groups that go flow by flow after all, for the bytes that the others leave; chosen by hash, not by size. */
function wholeGroups(groups: Groups, bytes: number): Uint8Array {
  const whole = new Uint8Array(groups.count);
  const order = Array.from(whole, (_, group) => group).sort((a, b) => groups.hash[a]! - groups.hash[b]! || a - b);
  for (const group of order) {
    const more = groups.flows[group]! * COST.flow - COST.group;
    if (groups.flows[group] === 1 || more > bytes) continue;
    bytes -= more;
    whole[group] = 1;
  }
  return whole;
}

function planDns({ dns }: Window, chosen: Uint8Array, room: number, seed: number): DnsPick[] {
  const rows = Uint32Array.from(indicesOf(chosen));
  if (rows.length <= room) return Array.from(rows, (row) => ({ row, weight: 1 }));
  const hasher = new WordHash(seed);
  const key = new Uint32Array(7);
  const time = new Float64Array(1);
  const timeWords = new Uint32Array(time.buffer);
  const hash = rows.map((row) => {
    for (let i = 0; i < 4; i++) key[i] = dns.rows.addr[row * 8 + i]!;
    time[0] = startUs(dns.rows, row);
    key[4] = timeWords[0]!;
    key[5] = timeWords[1]!;
    key[6] = ((dns.rows.id[row]! << 16) | dns.rows.cport[row]!) >>> 0;
    return hasher.hash(key, 0, 7);
  });
  const kept = sample(hash, Math.max(1, room));
  return kept.map((i) => ({ row: rows[i]!, weight: rows.length / kept.length }));
}

/** Indices of the `room` smallest hashes, ascending; all of them where there is room. */
function sample(hash: Uint32Array, room: number): number[] {
  const order = Array.from(hash, (_, i) => i);
  if (room >= order.length) return order;
  order.sort((a, b) => hash[a]! - hash[b]! || a - b);
  return order.slice(0, room).sort((a, b) => a - b);
}

/** The words that most was said with; of equals, the first. */
function frequentWords(words: WordRows, room: number): number[] {
  const order = Array.from({ length: words.count }, (_, i) => i);
  if (room >= order.length) return order;
  order.sort((a, b) => words.occurrences[b]! - words.occurrences[a]! || a - b);
  return order.slice(0, room).sort((a, b) => a - b);
}

function timelyFlows({ flows, fromUs, toUs }: Window): Uint8Array {
  const out = new Uint8Array(flows.count);
  for (let i = 0; i < out.length; i++) out[i] = timely(flows.firstUs[i]!, flows.lastUs[i]!, fromUs, toUs);
  return out;
}

function timelyDns({ dns, fromUs, toUs }: Window): Uint8Array {
  const out = new Uint8Array(dns.rows.count);
  for (let i = 0; i < out.length; i++) {
    const at = startUs(dns.rows, i);
    out[i] = timely(at, at, fromUs, toUs);
  }
  return out;
}

function timely(firstUs: number, lastUs: number, fromUs: number, toUs: number): 0 | 1 {
  const ok =
    firstUs >= Math.max(0, fromUs - BEFORE_US) && lastUs >= firstUs && lastUs < Math.min(TIME_END_US, toUs + AFTER_US);
  return ok ? 1 : 0;
}

function total(marks: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < marks.length; i++) sum += marks[i]!;
  return sum;
}

function* indicesOf(marks: Uint8Array): Generator<number> {
  for (let i = 0; i < marks.length; i++) if (marks[i] === 1) yield i;
}
