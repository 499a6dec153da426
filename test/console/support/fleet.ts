import type { ModelView, SensorsView, SensorView } from '../../../src/central/api/types.js';
import { coverage } from './fixtures.js';

/** A plausible fleet, and what the central learnt from it. */
const HOUR = 3_600_000;

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
