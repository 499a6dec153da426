/**
 * Running totals of an AppStage under the ledger's keys. They add up:
 *
 *   tls.hellos  = ClientHellos read, over TCP; quic.hellos over QUIC
 *   tls.rows + quic.rows + http.rows = rows taken; *.dropped_full those for which there was no room
 *   http.requests  = rows with a request + (still open) + dropped
 *   http.responses = rows with a response + (still open) + dropped; 1xx are http.interim
 */
export const APP_COUNTS = [
  /** TCP segments with bytes, or that open or end a connection; connections that were followed. */
  'app.segments',
  'app.connections',
  /** Connections forgotten for newer ones, and those whose parser was given to a newer one. */
  'app.evicted_connections',
  'app.evicted_dialogs',
  /** Segments that brought nothing new, holes that were given up, and bytes for which no buffer was free. */
  'app.retransmitted',
  'app.gaps',
  'app.no_buffer',
  /** Connections whose first bytes are neither TLS nor HTTP. */
  'app.foreign',
  'tls.hellos',
  'tls.server_hellos',
  'tls.certificates',
  'tls.alerts',
  'tls.malformed_record',
  'tls.malformed_hello',
  'tls.malformed_certificate',
  'tls.too_long',
  'tls.rows',
  'tls.dropped_full',
  'quic.initials',
  'quic.hellos',
  'quic.server_hellos',
  'quic.retries',
  'quic.version_negotiations',
  'quic.malformed',
  /** Initials that did not authenticate: damaged, forged, or of a connection joined midway. */
  'quic.undecryptable',
  /** Initials left alone because there were too many in one second. */
  'quic.over_budget',
  'quic.rows',
  'quic.dropped_full',
  'http.requests',
  'http.responses',
  'http.interim',
  'http.tunnels',
  /** Heads that are longer than a head may be, or cannot be read. */
  'http.too_long',
  'http.malformed',
  /** Responses to no request that was seen, and requests given up because too many waited for an answer. */
  'http.orphan_responses',
  'http.queue_full',
  'http.odd_both_lengths',
  'http.odd_lengths_differ',
  'http.odd_bad_length',
  'http.odd_transfer',
  'http.odd_folded',
  'http.odd_bad_name',
  'http.odd_bare_lf',
  'http.odd_control',
  'http.odd_hosts_differ',
  'http.odd_bad_chunk',
  'http.rows',
  'http.dropped_full',
] as const;

export type AppCountName = (typeof APP_COUNTS)[number];

/** Where each count lies in the array of counts. */
export const AppCount = Object.fromEntries(APP_COUNTS.map((name, i) => [name, i])) as Record<AppCountName, number>;

export function tallyOf(counts: Float64Array): Record<string, number> {
  const out: Record<string, number> = {};
  for (let i = 0; i < APP_COUNTS.length; i++) out[APP_COUNTS[i]!] = counts[i]!;
  return out;
}
