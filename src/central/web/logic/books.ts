/**
 * Words for the counters that the stages keep, in the order that data passes them, and what became of what they
 * count: `in` came in, `kept` went on (or describes what went on), `odd` is told by its bytes to be no good or of no
 * use, `lost` is missing from every conclusion.
 */
export type Fate = 'in' | 'kept' | 'odd' | 'lost';

type Entry = readonly [words: string, fate: Fate];

const CAPTURE: Readonly<Record<string, Entry>> = {
  frames: ['frames taken', 'in'],
  wire_bytes: ['bytes on the wire', 'in'],
  filtered: ['left out by the filter', 'kept'],
  dropped_ring: ['dropped: ring full', 'lost'],
  dropped_interface: ['dropped by the card or driver', 'lost'],
};

const DECODE: Readonly<Record<string, Entry>> = {
  ok: ['whole IP packets', 'kept'],
  snapped: ['IP packets captured in part', 'kept'],
  fragment: ['IP fragments', 'kept'],
  arp: ['ARP', 'kept'],
  llc: ['IEEE 802.2, such as spanning tree', 'kept'],
  ppp_control: ['PPP control', 'kept'],
  not_ip: ['other network protocols', 'kept'],
  cut: ['captured too short to place', 'lost'],
  bad_header: ['headers that contradict themselves', 'odd'],
  too_deep: ['too many tags or extensions', 'odd'],
  unknown_link: ['unknown link type', 'lost'],
  bad_ip_checksums: ['wrong IP checksums', 'odd'],
  transport_checksums_checked: ['transport checksums checked', 'kept'],
  bad_transport_checksums: ['wrong transport checksums', 'odd'],
};

const FRAGMENT: Readonly<Record<string, Entry>> = {
  seen: ['fragments seen', 'in'],
  completed: ['datagrams completed', 'kept'],
  open: ['waiting for the rest', 'kept'],
  timed_out: ['given up: the rest never came', 'odd'],
  overlaps: ['overlapped', 'odd'],
  bad: ['impossible', 'odd'],
  snapped: ['captured in part', 'odd'],
  without_first: ['without a first fragment', 'odd'],
  evicted: ['given up for want of room', 'lost'],
};

const FLOW: Readonly<Record<string, Entry>> = {
  packets: ['packets', 'in'],
  records: ['records opened', 'kept'],
  open: ['open now', 'kept'],
  left_closed: ['ended: closed', 'kept'],
  left_idle: ['ended: idle', 'kept'],
  left_active: ['cut: active for long', 'kept'],
  left_evicted: ['ended early for want of room', 'kept'],
  left_flushed: ['ended with the capture', 'kept'],
  packets_backwards: ['packets back in time', 'odd'],
  clock_steps: ['steps of the clock', 'odd'],
  lost_records: ['records lost', 'lost'],
  lost_packets: ['packets in lost records', 'lost'],
};

const DNS: Readonly<Record<string, Entry>> = {
  messages: ['messages', 'in'],
  udp_messages: ['over UDP', 'kept'],
  tcp_messages: ['over TCP', 'kept'],
  ok: ['well-formed', 'kept'],
  queries: ['queries', 'kept'],
  responses: ['responses', 'kept'],
  matched: ['query and response matched', 'kept'],
  unanswered: ['queries never answered', 'kept'],
  unanswered_flushed: ['unanswered at the end', 'kept'],
  unanswered_evicted: ['given up early for want of room', 'kept'],
  queries_alone: ['multicast queries', 'kept'],
  responses_alone: ['multicast announcements', 'kept'],
  queries_repeated: ['queries sent again', 'kept'],
  orphan: ['responses to no query seen', 'odd'],
  duplicate: ['second responses', 'odd'],
  tcp_segments: ['TCP segments', 'kept'],
  tcp_streams: ['TCP streams', 'kept'],
  tcp_retransmitted: ['TCP segments sent again', 'kept'],
  tcp_unsynced: ['TCP segments passed over', 'odd'],
  tcp_gaps: ['holes in TCP streams', 'odd'],
  tcp_incomplete: ['TCP streams cut within a message', 'odd'],
  tcp_not_dns: ['TCP streams that were no DNS', 'odd'],
  tcp_ignored: ['TCP segments of those', 'odd'],
  malformed_short: ['malformed: too short', 'odd'],
  malformed_not_dns: ['malformed: no DNS', 'odd'],
  malformed_cut: ['malformed: ends early', 'odd'],
  malformed_snapped: ['captured in part', 'odd'],
  malformed_label: ['malformed: label', 'odd'],
  malformed_pointer: ['malformed: compression pointer', 'odd'],
  malformed_long: ['malformed: name too long', 'odd'],
  malformed_trailing: ['malformed: bytes left over', 'odd'],
  dropped_full: ['dropped: table full', 'lost'],
  tcp_evicted: ['TCP streams forgotten', 'lost'],
  tcp_no_buffer: ['TCP messages without a buffer', 'lost'],
};

const SCORE: Readonly<Record<string, Entry>> = {
  flows: ['flows scored', 'in'],
  dns: ['DNS transactions scored', 'in'],
  findings: ['findings', 'kept'],
  unseen: ['words the model does not know', 'kept'],
  uncounted: ['words without room to be counted', 'lost'],
  evicted: ['detector memories given up', 'lost'],
};

const SUMMARY: Readonly<Record<string, Entry>> = {
  flows_full: ['flows in full', 'kept'],
  flows_aggregated: ['flows summed up', 'kept'],
  flows_sampled: ['flows that stand for others', 'kept'],
  flows_sampled_out: ['flows stood for by those', 'kept'],
  dns_full: ['DNS in full', 'kept'],
  dns_sampled: ['DNS that stands for others', 'kept'],
  dns_sampled_out: ['DNS stood for by those', 'kept'],
  evidence_flows: ['flows kept as evidence', 'kept'],
  evidence_dns: ['DNS kept as evidence', 'kept'],
  evidence_capped: ['evidence beyond the limit', 'kept'],
  findings: ['findings', 'kept'],
  words: ['words for the trainer', 'kept'],
  words_left_out: ['words without room', 'kept'],
  untimely: ['rows out of time', 'lost'],
};

export interface Stage {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

const stage = (name: string, title: string, about: string, entries: Readonly<Record<string, Entry>> = {}): Stage => ({
  name,
  title,
  about,
  entries,
});

export const STAGES: readonly Stage[] = [
  stage('capture', 'Capture', 'frames from the card', CAPTURE),
  stage('decode', 'Decode', 'every frame gets one verdict', DECODE),
  stage('fragment', 'Fragments', 'put together again', FRAGMENT),
  stage('flow', 'Flow', 'packets into flows', FLOW),
  stage('dns', 'DNS', 'questions with their answers', DNS),
  stage('app', 'Application', 'TLS, QUIC and HTTP'),
  stage('score', 'Score', 'model and detectors', SCORE),
  stage('degrade', 'Memory', 'what pressure made it give up'),
  stage('summary', 'Summary', 'windows into batches', SUMMARY),
  stage('spool', 'Spool', 'batches on disk'),
  stage('uplink', 'Uplink', 'batches on their way'),
  stage('collector', 'Collector', 'batches checked'),
  stage('lake', 'Lake', 'rows at rest'),
];

const LOST = /^(dropped|refused|lost|missing|corrupt|overflow|failed|evicted|no_room)/;
const ODD = /^(malformed|bad|cut|truncated|unknown|invalid)/;
const IN = /^(frames|packets|messages|flows|windows|batches|seen|received)$/;

/** Words and fate of a counter; one that joined since this was written is judged by its name. */
export function entryOf(stage: Stage | undefined, outcome: string): Entry {
  if (stage !== undefined && Object.hasOwn(stage.entries, outcome)) return stage.entries[outcome]!;
  const words = outcome.replaceAll('_', ' ').replaceAll('.', ': ');
  return [words, LOST.test(outcome) ? 'lost' : ODD.test(outcome) ? 'odd' : IN.test(outcome) ? 'in' : 'kept'];
}
