import type {
  EntityView,
  ModelView,
  ReasonView,
  SensorsView,
  SensorView,
  ShortlistLine,
  ShortlistView,
} from '../../../src/central/api/types.js';

/** A plausible day in a plausible network. Times are fixed, so that pictures of it can be compared. */
export const DAY = '2026-11-20';
export const MIDNIGHT = Date.parse(`${DAY}T00:00:00Z`);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const at = (hours: number, minutes = 0, seconds = 0) => MIDNIGHT + hours * HOUR + minutes * MINUTE + seconds * 1000;

/** xorshift32: the same numbers each run. */
export function prng(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 0x100000000;
  };
}

type Half = Omit<ShortlistLine, 'rank' | 'score'>;

export function ranked(lines: readonly Half[]): ShortlistLine[] {
  return lines
    .map((l) => ({ ...l, score: Math.round(l.reasons.reduce((sum, r) => sum + r.points, 0) * 100) / 100 }))
    .sort((a, b) => b.score - a.score)
    .map((l, i) => ({ ...l, rank: i + 1 }));
}

const r = (name: string, points: number, text: string): ReasonView => ({ name, points, text });

const HAND_MADE: readonly Half[] = [
  {
    kind: 'dns.tunnel',
    src: '10.20.4.117',
    dst: '10.20.0.53',
    dstPort: 53,
    proto: 'udp',
    domain: 'cdn-telemetry.net',
    firstSeen: at(1, 12, 9),
    lastSeen: at(22, 47, 31),
    sensors: ['hq/edge-1', 'hq/core-2'],
    reasons: [
      r(
        'dns.tunnel.names',
        34,
        '4,812 different names below cdn-telemetry.net were asked for in 21 h 35 min; the next busiest domain of this host has 19.',
      ),
      r(
        'dns.tunnel.entropy',
        22.5,
        'The first labels hold 4.3 bits a character over 38 characters on average, as encoded data does.',
      ),
      r('dns.tunnel.txt', 18, '71 % of the answers are TXT, carrying 1.9 MB towards the host.'),
      r('model.rare', 11.2, 'The model expects such a DNS exchange from this host 1 time in 52,000.'),
      r('prevalence', 6, 'No other host of the 1,204 seen asks for this domain.'),
    ],
  },
  {
    kind: 'beacon',
    src: '10.20.7.23',
    dst: '185.220.101.47',
    dstPort: 443,
    proto: 'tcp',
    domain: 'update.office-sync.org',
    firstSeen: at(0, 0, 41),
    lastSeen: at(23, 59, 12),
    sensors: ['hq/edge-1'],
    reasons: [
      r(
        'beacon.interval',
        38,
        '1,438 connections 60.0 s apart, give or take 0.4 s, through the whole day and the night.',
      ),
      r('beacon.size', 21, '96 % of them sent 312 bytes and received 148 bytes.'),
      r('prevalence', 12, 'No other host talks to this address.'),
      r('first.seen', 8.4, 'The address was first seen on 19 Nov, and this name resolves to it since then.'),
    ],
  },
  {
    kind: 'scan.horizontal',
    src: '10.20.9.201',
    dst: null,
    dstPort: 445,
    proto: 'tcp',
    domain: null,
    firstSeen: at(3, 2, 4),
    lastSeen: at(3, 9, 58),
    sensors: ['hq/core-2'],
    reasons: [
      r('scan.targets', 41, 'Tried 508 addresses of 10.20.0.0/23 on 445/tcp within 8 min; 471 did not answer.'),
      r('scan.failed', 19, '93 % of the attempts failed (S0 or REJ).'),
      r('scan.new', 9, 'This host tried 3 addresses on the port in the two weeks before.'),
    ],
  },
  {
    kind: 'upload',
    src: '10.20.4.88',
    dst: '45.83.64.12',
    dstPort: 22,
    proto: 'tcp',
    domain: null,
    firstSeen: at(2, 14),
    lastSeen: at(4, 51),
    sensors: ['hq/edge-1', 'hq/edge-2'],
    reasons: [
      r(
        'upload.volume',
        33,
        'Sent 14.2 GB and received 96.4 MB; the most this host sent to one address before was 310 MB.',
      ),
      r('upload.hours', 14, 'Between 02:14 and 04:51, when this host is otherwise silent.'),
      r('model.rare', 10.8, 'The model expects such a flow from this host 1 time in 18,400.'),
    ],
  },
  {
    kind: 'dns.dga',
    src: '10.20.11.9',
    dst: '10.20.0.53',
    dstPort: 53,
    proto: 'udp',
    domain: null,
    firstSeen: at(9, 31, 12),
    lastSeen: at(11, 4, 2),
    sensors: ['hq/core-2'],
    reasons: [
      r('dga.failed', 29, '214 registered domains were asked for that do not exist, in 93 min.'),
      r('dga.letters', 20.3, '88 % of them look made by a machine, such as xkqwzrvmtp.info and b7hjqpzkwl.biz.'),
      r('prevalence', 5, 'None of them was asked for by any other host.'),
    ],
  },
  {
    kind: 'bruteforce',
    src: '203.0.113.77',
    dst: '10.20.1.15',
    dstPort: 22,
    proto: 'tcp',
    domain: null,
    firstSeen: at(13, 40),
    lastSeen: at(16, 22),
    sensors: ['hq/edge-1'],
    reasons: [
      r('brute.attempts', 31, '2,906 short connections to ssh, each closed by the server within 3 s.'),
      r('brute.success', 17, 'The 2,907th lasted 41 min and moved 3.1 MB.'),
    ],
  },
  {
    kind: 'lateral.movement',
    src: '10.20.4.117',
    dst: '10.20.1.15',
    dstPort: 3389,
    proto: 'tcp',
    domain: null,
    firstSeen: at(14, 1, 7),
    lastSeen: at(14, 48, 55),
    sensors: ['hq/core-2'],
    reasons: [
      r('edge.new', 24, 'These two hosts never talked before.'),
      r('service.new', 12, 'The destination never offered rdp to this network.'),
      r('own.service', -4, 'The destination is on the list of servers with remote access.'),
      r('model.rare', 8.1, 'The model expects such a flow from this host 1 time in 4,100.'),
    ],
  },
  {
    kind: 'scan.vertical',
    src: '10.20.9.201',
    dst: '10.20.1.15',
    dstPort: null,
    proto: 'tcp',
    domain: null,
    firstSeen: at(3, 12, 10),
    lastSeen: at(3, 12, 49),
    sensors: ['hq/core-2'],
    reasons: [
      r('scan.ports', 28, 'Tried 1,000 ports of this host in 39 s; 994 were refused.'),
      r('scan.order', 9, 'The ports came in the order of a common scanner.'),
    ],
  },
  {
    kind: 'long',
    src: '10.20.6.4',
    dst: '2a01:4f8:c17:b8f::2',
    dstPort: 8443,
    proto: 'tcp',
    domain: 'relay.remote-helpdesk.io',
    firstSeen: MIDNIGHT - 9 * HOUR,
    lastSeen: at(23, 58),
    sensors: ['hq/edge-1', 'plant/line-3'],
    reasons: [
      r('long.duration', 21, 'One connection has lasted 33 h and is still open.'),
      r('long.quiet', 10.5, 'It moved 41 bytes a minute, as a held-open door does.'),
    ],
  },
  {
    kind: 'rare',
    src: '10.20.3.30',
    dst: '10.20.0.2',
    dstPort: 161,
    proto: 'udp',
    domain: null,
    firstSeen: at(10, 20),
    lastSeen: at(10, 20),
    sensors: ['plant/line-3'],
    reasons: [
      r('model.rare', 13.6, 'The model expects such a flow from this host 1 time in 31,000.'),
      r('first.seen', 5, 'The host was first seen today.'),
    ],
  },
];

/** The lines written by hand, and a tail of ordinary rarities. */
export function lines(count: number, seed = 7): ShortlistLine[] {
  const random = prng(seed);
  const tail: Half[] = Array.from({ length: Math.max(0, count - HAND_MADE.length) }, (_, i) => {
    const start = at(0) + Math.floor(random() * 23 * HOUR);
    const dns = random() < 0.4;
    const odds = Math.floor(900 + random() * 9000);
    const model = Math.round((3 + random() * 26) * 10) / 10;
    return {
      kind: 'rare',
      src: `10.20.${Math.floor(random() * 12)}.${1 + (i % 254)}`,
      dst: dns ? '10.20.0.53' : `${11 + Math.floor(random() * 180)}.${i % 256}.${Math.floor(random() * 256)}.7`,
      dstPort: dns ? 53 : [443, 80, 8080, 5985, 1883, 123][i % 6]!,
      proto: dns || i % 6 === 5 ? 'udp' : 'tcp',
      domain: dns ? `${['api', 'img', 'sync', 'eu-west'][i % 4]}.vendor-${i}.example` : null,
      firstSeen: start,
      lastSeen: start + Math.floor(random() * HOUR),
      sensors: [['hq/edge-1', 'hq/core-2', 'plant/line-3'][i % 3]!],
      reasons: [
        r('model.rare', model, `The model expects this from the host 1 time in ${odds.toLocaleString('en-US')}.`),
        r('prevalence', Math.round(random() * 80) / 10, `${1 + (i % 9)} other hosts did the like today.`),
      ],
    };
  });
  return ranked([...HAND_MADE, ...tail].slice(0, count));
}

export const coverage: ShortlistView['coverage'] = [
  { site: 'hq', sensor: 'edge-1', frames: 412_884_120, dropped: 11_889_204, coverage: 0.972 },
  { site: 'hq', sensor: 'core-2', frames: 1_204_551_873, dropped: 0, coverage: 1 },
  { site: 'plant', sensor: 'line-3', frames: 8_120_442, dropped: 0, coverage: null },
];

export function shortlist(count = 60): ShortlistView {
  const all = lines(count);
  return {
    day: DAY,
    days: [DAY, '2026-11-19', '2026-11-18', '2026-11-16'],
    lines: all,
    total: all.length,
    coverage,
    model: { generation: 12, trainedAt: Date.now() - 3.2 * HOUR },
  };
}

export const NOTHING: ShortlistView = { day: null, days: [], lines: [], total: 0, coverage: [], model: null };

export function entity(host: string, peerCount = 340): EntityView {
  const random = prng(99);
  const steps = 288;
  const silent = (i: number) => (i >= 70 && i < 82) || i >= 276;
  const hours = (i: number) => 0.25 + Math.max(0, Math.sin(((i - 80) / 288) * Math.PI * 1.6));
  const series = (scale: number) =>
    Array.from({ length: steps }, (_, i) => (silent(i) ? null : Math.floor(scale * hours(i) * (0.3 + random()))));
  const peers = Array.from({ length: peerCount }, (_, i): EntityView['peers'][number] => {
    const first = at(0) + Math.floor(random() * 20 * HOUR);
    return {
      peer:
        i % 11 === 0
          ? `2001:db8:${(i * 7).toString(16)}::${i.toString(16)}`
          : `${20 + (i % 170)}.${i % 256}.${(i * 13) % 256}.${1 + (i % 250)}`,
      direction: i % 7 === 0 ? 'in' : 'out',
      proto: i % 5 === 0 ? 'udp' : 'tcp',
      port: [443, 443, 80, 53, 22, 123, 8443, 445][i % 8]!,
      flows: Math.floor(1 + 400 / (i + 1) + random() * 20),
      bytesOut: Math.floor((random() ** 4 * 4e9) / (1 + i / 8)),
      bytesIn: Math.floor((random() ** 4 * 9e9) / (1 + i / 8)),
      firstSeen: first,
      lastSeen: first + Math.floor(random() * 3 * HOUR),
      strangest: random() ** 7,
    };
  });
  const domains = Array.from({ length: 46 }, (_, i): EntityView['domains'][number] => {
    const first = at(1) + Math.floor(random() * 18 * HOUR);
    const queries = Math.floor(2 + 900 / (i + 1));
    return {
      domain:
        i === 0 ? 'cdn-telemetry.net' : `${['cloudvendor', 'mail', 'updates', 'ads', 'intranet'][i % 5]}-${i}.example`,
      names: i === 0 ? 4812 : 1 + (i % 6),
      queries: i === 0 ? 4915 : queries,
      failures: i % 9 === 3 ? Math.floor(queries * 0.8) : i % 4 === 0 ? Math.floor(queries / 12) : 0,
      firstSeen: first,
      lastSeen: first + Math.floor(random() * 4 * HOUR),
      types: i === 0 ? ['TXT', 'A'] : i % 3 === 0 ? ['A', 'AAAA', 'HTTPS'] : ['A', 'AAAA'],
      examples:
        i === 0
          ? [
              'mzxw6ytboi4dgnrsgq2tqnzzhezdcmzu.x.cdn-telemetry.net',
              'nbswy3dpeb3w64tmmqqhi2dfojssaylc.x.cdn-telemetry.net',
              'orugs4zanfzsa5dimuqho2lmnqqho33s.x.cdn-telemetry.net',
            ]
          : [`www.host-${i}.example`],
    };
  });
  return {
    host,
    day: DAY,
    firstSeen: at(0, 0, 12),
    lastSeen: at(23, 58, 40),
    totals: {
      flows: 18_204,
      bytesOut: 2_412_884_120,
      bytesIn: 9_120_442_118,
      dnsTransactions: 7311,
      peers: peerCount,
      domains: domains.length,
    },
    activity: {
      from: MIDNIGHT,
      stepMs: 5 * MINUTE,
      flows: series(140),
      bytesOut: series(9e6),
      bytesIn: series(4e7),
      dns: series(60),
    },
    peers,
    domains,
    findings: lines(60).filter((l) => l.src === host || l.dst === host),
  };
}

const LEDGER: Record<string, number> = {
  'capture.frames': 412_884_120,
  'capture.wire_bytes': 301_204_118_220,
  'capture.dropped_ring': 11_889_204,
  'capture.dropped_interface': 0,
  'decode.ok': 409_902_118,
  'decode.snapped': 11_004,
  'decode.fragment': 188_216,
  'decode.arp': 2_101_993,
  'decode.llc': 88_120,
  'decode.not_ip': 591_377,
  'decode.cut': 1_204,
  'decode.bad_header': 88,
  'decode.bad_ip_checksums': 12,
  'decode.too_deep': 0,
  'decode.unknown_link': 0,
  'flow.packets': 410_101_338,
  'flow.records': 8_120_414,
  'flow.left_idle': 6_001_220,
  'flow.left_closed': 2_090_118,
  'flow.left_evicted': 412,
  'flow.open': 28_664,
  'flow.lost_records': 0,
  'dns.messages': 14_220_871,
  'dns.matched': 7_002_114,
  'dns.unanswered': 214_030,
  'dns.malformed_cut': 2_613,
  'dns.orphan': 1_992,
  'dns.dropped_full': 17,
  'score.flows': 8_091_750,
  'score.dns': 7_216_144,
  'score.findings': 1_402,
  'score.evicted': 0,
  'summary.flows_full': 6_402_117,
  'summary.flows_aggregated': 1_689_633,
  'summary.untimely': 0,
  'spool.batches': 1_412,
  'spool.dropped_batches': 0,
  'spool.corrupt': 0,
  'uplink.sent': 1_409,
  'uplink.acknowledged': 1_405,
  'uplink.resent': 12,
};

export function sensor(change: Partial<SensorView> & { site: string; sensor: string }): SensorView {
  const now = Date.now();
  return {
    online: true,
    version: '0.1.0',
    lastStatus: now - 21_000,
    lastBatch: now - 48_000,
    modelGeneration: 12,
    batches: 1412,
    missing: 0,
    coverage: { site: change.site, sensor: change.sensor, frames: 1_204_551_873, dropped: 0, coverage: 1 },
    ledger: LEDGER,
    spool: { batches: 0, bytes: 0, oldestSeconds: 0, droppedBatches: 0, corrupt: 0 },
    health: [],
    ...change,
  };
}

export function sensors(): SensorsView {
  const now = Date.now();
  return {
    sensors: [
      sensor({ site: 'hq', sensor: 'core-2' }),
      sensor({
        site: 'hq',
        sensor: 'edge-1',
        coverage: coverage[0]!,
        spool: { batches: 7, bytes: 148_220, oldestSeconds: 412, droppedBatches: 0, corrupt: 0 },
        health: [
          'The ring of eth1 dropped 2.8 % of frames in the last hour: give it more memory (capture.ring) or more shards.',
        ],
      }),
      sensor({ site: 'plant', sensor: 'line-3', coverage: coverage[2]!, modelGeneration: 11, spool: null }),
      sensor({
        site: 'plant',
        sensor: 'line-4',
        online: false,
        lastStatus: now - 5 * HOUR,
        lastBatch: now - 5.1 * HOUR,
        missing: 3,
        version: '0.0.9',
        coverage: { site: 'plant', sensor: 'line-4', frames: 92_118, dropped: 12_004, coverage: 0.8847 },
        spool: { batches: 31, bytes: 1_204_118, oldestSeconds: 18_360, droppedBatches: 2, corrupt: 1 },
        health: ['One spool segment was damaged and has been set aside; 1 batch in it is lost.'],
      }),
    ],
    refused: { batches: 4, byReason: { 'checksum does not match': 3, 'codec 9 is unknown': 1 } },
  };
}

const FLOW_WORDS: readonly (readonly [string, string])[] = [
  [
    'out_tcp_443_done_5_7_2_3',
    'opens tcp/443 (https), completed; sends 256 B-1 kB in 4-15 packets, gets 4 kB-16 kB in 16-63 packets',
  ],
  [
    'out_udp_443_open_6_9_3_4',
    'opens udp/443, not closed; sends 1 kB-4 kB in 16-63 packets, gets 64 kB-256 kB in 64-255 packets',
  ],
  [
    'out_udp_53_open_3_4_1_1',
    'opens udp/53 (dns), not closed; sends 16 B-63 B in 1-3 packets, gets 64 B-255 B in 1-3 packets',
  ],
  [
    'out_tcp_445_done_7_7_3_3',
    'opens tcp/445 (smb), completed; sends 4 kB-16 kB in 16-63 packets, gets 4 kB-16 kB in 16-63 packets',
  ],
  [
    'in_tcp_443_done_5_7_2_3',
    'is asked for tcp/443 (https), completed; the peer sends 256 B-1 kB in 4-15 packets and gets 4 kB-16 kB in 16-63 packets',
  ],
  [
    'out_tcp_88_done_5_5_2_2',
    'opens tcp/88 (kerberos), completed; sends 256 B-1 kB in 4-15 packets, gets 256 B-1 kB in 4-15 packets',
  ],
  [
    'out_udp_123_open_3_3_1_1',
    'opens udp/123 (ntp), not closed; sends 16 B-63 B in 1-3 packets, gets 16 B-63 B in 1-3 packets',
  ],
  [
    'out_tcp_22_reset_4_4_2_2',
    'opens tcp/22 (ssh), cut off by a reset; sends 64 B-255 B in 4-15 packets, gets 64 B-255 B in 4-15 packets',
  ],
];
const DNS_WORDS: readonly (readonly [string, string])[] = [
  ['dns_A_ok_name_3_2_2_4', 'asks dns for A of a public name, answered; 8-15 characters before the domain in 1 label'],
  [
    'dns_AAAA_ok_name_3_2_2_4',
    'asks dns for AAAA of a public name, answered; 8-15 characters before the domain in 1 label',
  ],
  [
    'dns_HTTPS_empty_name_2_2_1_3',
    'asks dns for HTTPS of a public name, answered with nothing; 4-7 characters before the domain',
  ],
  ['dns_PTR_ok_reverse_4_2_4_4', 'asks dns for PTR of a reverse lookup, answered'],
  ['dns_A_nxdomain_name_4_3_1_4', 'asks dns for A of a public name, no such name; 16-31 characters before the domain'],
  ['dns_SRV_ok_local_4_3_5_5', 'asks dns for SRV of a name outside the public suffixes, answered'],
  ['mdns_PTR_ok_local_4_3_3_5', 'asks mdns for PTR of a name outside the public suffixes, answered'],
  [
    'dns_TXT_ok_name_6_4_2_6',
    'asks dns for TXT of a public name, answered; 64 characters or more before the domain, of random letters',
  ],
];

function topics(words: readonly (readonly [string, string])[], count: number): ModelView['sources'][number]['topics'] {
  const weights = Array.from({ length: count }, (_, i) => 1 / (i + 1.6));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w, t) => ({
    weight: w / sum,
    words: Array.from({ length: 8 }, (_, i) => {
      const [word, meaning] = words[(t * 3 + i * (1 + 2 * (t % 2))) % words.length]!;
      return { word, meaning, probability: 0.41 / (1 + i * (0.6 + t / 9)) };
    }),
  }));
}

export function model(): ModelView {
  const now = Date.now();
  return {
    generation: 12,
    trainedAt: now - 3.2 * HOUR,
    training: false,
    lastError: null,
    nextTraining: now + 20.8 * HOUR,
    trainedOn: {
      from: now - 14 * 24 * HOUR,
      to: now - 3.3 * HOUR,
      sensors: ['hq/edge-1', 'hq/core-2', 'plant/line-3'],
      documents: 1204,
      tokens: 18_204_118,
    },
    sources: [
      { source: 'flow', words: 412, hosts: 1204, topics: topics(FLOW_WORDS, 8) },
      { source: 'dns', words: 288, hosts: 611, topics: topics(DNS_WORDS, 6) },
    ],
  };
}
