import type { EntityView, ReasonView, ShortlistLine, ShortlistView } from '../../../src/central/api/types.js';

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
