/**
 * Running totals of a DnsStage, by outcome. They add up:
 *
 *   messages  = udp_messages + tcp_messages
 *             = ok + every malformed_*                          what the bytes were
 *             = queries + responses + malformed_short + malformed_not_dns + dropped_full
 *   queries   = matched + unanswered + unanswered_evicted + unanswered_flushed + queries_alone + (still pending)
 *   responses = matched + orphan + duplicate + responses_alone
 *   rows      = queries + responses - matched - (still pending)
 */
export const DnsCount = {
  messages: 0,
  udp_messages: 1,
  tcp_messages: 2,
  queries: 3,
  responses: 4,
  /** The table was full and nobody took it. */
  dropped_full: 5,
  matched: 6,
  /** No answer within the timeout. */
  unanswered: 7,
  /** Given up before the timeout because more queries came than may be remembered. */
  unanswered_evicted: 8,
  /** Still within the timeout when the capture ended. */
  unanswered_flushed: 9,
  /** Multicast queries: many may answer or none, so none is waited for. */
  queries_alone: 10,
  /** mDNS and LLMNR answers that no unicast query asked for. */
  responses_alone: 11,
  /** An answer to no query that was seen. */
  orphan: 12,
  /** An answer to a query that had been answered before: a duplicate, or one of the two was forged. */
  duplicate: 13,
  /** Of the queries: those sent again while the first still waited. */
  queries_repeated: 14,
  tcp_segments: 15,
  tcp_streams: 16,
  /** Segments that brought nothing new. */
  tcp_retransmitted: 17,
  /** Segments passed over while looking for the start of a message, after a gap or in a stream joined midway. */
  tcp_unsynced: 18,
  /** Holes that were given up: the peer had acknowledged what the capture never saw, or too much was waiting. */
  tcp_gaps: 19,
  /** Streams that ended in the middle of a message. */
  tcp_incomplete: 20,
  /** Streams that turned out not to carry DNS, and what they sent after that. */
  tcp_not_dns: 21,
  tcp_ignored: 22,
  /** Streams forgotten for newer ones, and messages lost because no buffer was free. */
  tcp_evicted: 23,
  tcp_no_buffer: 24,
  ok: 25,
  malformed_short: 26,
  malformed_not_dns: 27,
  malformed_cut: 28,
  malformed_snapped: 29,
  malformed_label: 30,
  malformed_pointer: 31,
  malformed_long: 32,
  malformed_trailing: 33,
} as const;

export const DNS_COUNTS = Object.keys(DnsCount) as readonly (keyof typeof DnsCount)[];

/** `dns.matched: 12` and so on: the ledger's keys. */
export function tallyOf(counts: Float64Array): Record<string, number> {
  const out: Record<string, number> = {};
  for (let i = 0; i < DNS_COUNTS.length; i++) out[`dns.${DNS_COUNTS[i]}`] = counts[i]!;
  return out;
}
