import { DnsService, type DnsTable } from '../dns/columns.js';
import { latencyUs, startUs } from '../dns/order.js';
import { rowMessage, rowName } from '../dns/report.js';
import { type FlowColumns, HISTORY_BYTES } from '../flow/columns.js';
import type { DnsBlock, FlowBlock, WordBlock } from '../record/batch.js';
import { dnsBlock, flowBlock, wordBlock } from '../record/blocks.js';
import type { WordRows } from '../score/scorer.js';
import type { GroupSums, Groups } from './groups.js';
import type { DnsPick, FlowPick } from './plan.js';
import type { Tables } from './tables.js';

/** Answers told of one response, and characters of each: a summary is no copy of the traffic. */
const ANSWERS = 32;
const ANSWER_TEXT = 255;

export function flowRows(
  f: FlowColumns,
  picks: readonly FlowPick[],
  groups: Groups | null,
  sums: GroupSums | null,
  tables: Tables,
): FlowBlock {
  const b = flowBlock(picks.length);
  for (const [i, { row, group, weight }] of picks.entries()) {
    b.src[i] = tables.address(f.addr, row * 8);
    b.dst[i] = tables.address(f.addr, row * 8 + 4);
    b.sport[i] = f.sport[row]!;
    b.dport[i] = f.dport[row]!;
    b.proto[i] = f.proto[row]!;
    b.vlan[i] = f.vlan[row]!;
    b.tsUs[i] = f.firstUs[row]!;
    b.weight[i] = weight;
    if (group < 0) {
      b.durationUs[i] = f.lastUs[row]! - f.firstUs[row]!;
      b.origPackets[i] = f.origPackets[row]!;
      b.origBytes[i] = f.origBytes[row]!;
      b.respPackets[i] = f.respPackets[row]!;
      b.respBytes[i] = f.respBytes[row]!;
      b.connState[i] = f.connState[row]!;
      b.history[i] = tables.string(historyText(f, row));
      b.score[i] = f.score[row]!;
      continue;
    }
    // Flows of one group differ in their source ports (ICMP: its type is part of the key) and in their histories.
    if (f.proto[row] === 6 || f.proto[row] === 17) b.sport[i] = 0;
    b.durationUs[i] = sums!.lastUs[group]! - f.firstUs[row]!;
    b.origPackets[i] = sums!.origPackets[group]!;
    b.origBytes[i] = sums!.origBytes[group]!;
    b.respPackets[i] = sums!.respPackets[group]!;
    b.respBytes[i] = sums!.respBytes[group]!;
    b.connState[i] = sums!.connState[group]!;
    b.history[i] = tables.string('');
    b.score[i] = sums!.score[group]!;
    b.flows[i] = groups!.flows[group]!;
  }
  return b;
}

export function dnsRows(table: DnsTable, picks: readonly DnsPick[], tables: Tables): DnsBlock {
  const { rows } = table;
  const answers = picks.map(({ row }) => answersOf(table, row).map((text) => tables.string(text)));
  const b = dnsBlock(picks.length, answers.reduce((n, a) => n + a.length, 0)); // biome-ignore format: a sum
  let at = 0;
  for (const [i, { row, weight }] of picks.entries()) {
    b.client[i] = tables.address(rows.addr, row * 8);
    b.server[i] = tables.address(rows.addr, row * 8 + 4);
    b.cport[i] = rows.cport[row]!;
    b.sport[i] = rows.sport[row]!;
    b.proto[i] = rows.proto[row]!;
    b.service[i] = rows.service[row]!;
    b.vlan[i] = rows.vlan[row]!;
    b.tsUs[i] = startUs(rows, row);
    const latency = latencyUs(rows, row);
    b.latencyUs[i] = Number.isNaN(latency) ? -1 : latency;
    b.qname[i] = tables.string(rowName(table, row) ?? '');
    b.qtype[i] = rows.qtype[row]!;
    // The top bit of an mDNS question's class asks for a unicast answer (RFC 6762 §5.4).
    b.qclass[i] = rows.qclass[row]! & (rows.service[row] === DnsService.mdns ? 0x7fff : 0xffff);
    b.rcode[i] = rows.rcode[row]!;
    b.queryBytes[i] = rows.queryFrame[row]!;
    b.responseBytes[i] = rows.responseFrame[row]!;
    b.score[i] = rows.score[row]!;
    b.weight[i] = weight;
    b.answerCount[i] = answers[i]!.length;
    for (const answer of answers[i]!) b.answers[at++] = answer;
  }
  return b;
}

export function wordRows(words: WordRows, picks: readonly number[], tables: Tables): WordBlock {
  const b = wordBlock(picks.length);
  for (const [i, row] of picks.entries()) {
    b.host[i] = tables.addressOf(words.hosts[words.host[row]!]!);
    b.source[i] = words.source[row]!;
    b.word[i] = tables.string(words.words[words.word[row]!]!);
    b.occurrences[i] = words.occurrences[row]!;
  }
  return b;
}

function answersOf(table: DnsTable, row: number): string[] {
  if (table.rows.answers[row] === 0) return [];
  const message = rowMessage(table, row, 'response');
  if (message === null) return [];
  return message.answers.slice(0, ANSWERS).map(({ type, data }) => {
    const text = `${type} ${data}`;
    return text.length > ANSWER_TEXT ? `${text.slice(0, ANSWER_TEXT)}…` : text;
  });
}

function historyText(f: FlowColumns, row: number): string {
  let text = '';
  for (let i = row * HISTORY_BYTES; i < (row + 1) * HISTORY_BYTES && f.history[i] !== 0; i++) {
    text += String.fromCharCode(f.history[i]!);
  }
  return text;
}
