import type { Batch } from '../../../src/record/batch.js';
import type { Finding } from '../../../src/record/finding.js';
import { Prng } from '../../support/prng.js';

/** What a made-up sensor of a made-up office would send: the same seed, window and names give the same batch. */
export interface FakeOptions {
  site?: string;
  sensor?: string;
  seed?: number;
  windowFromUs: number;
  windowUs?: number;
  flows?: number;
  dns?: number;
  hosts?: number;
  /** Findings beside the rows; all kinds when absent. */
  findings?: boolean;
}

const NAMES = [
  'www.example.com',
  'cdn.example.net',
  'mail.example.org',
  'update.vendor.example',
  'ntp.pool.example',
  'api.shop.example.co.uk',
];
const HISTORIES = ['ShADadfF', 'ShAdDaFf', 'Dd', 'S', 'ShADaR', 'D'];
const WORDS = {
  flow: ['out_tcp_443_done_5_7_2_3', 'in_tcp_443_done_5_7_2_3', 'out_udp_53_open_3_4_1_1', 'out_tcp_22_reset_4_4_2_2'],
  dns: ['dns_1_ok_name_3_6_3_4', 'dns_28_ok_name_3_6_3_4', 'dns_1_nxdomain_name_5_8_3_4', 'mdns_12_ok_local_4_6_3_3'],
};

export function fakeBatch(o: FakeOptions): Batch {
  const { site = 'berlin', sensor = 'tap-1', windowFromUs, windowUs = 60e6, flows = 200, dns = 80, hosts = 40 } = o;
  const random = new Prng((o.seed ?? 1) ^ Math.floor(windowFromUs / 1e6));
  const windowToUs = windowFromUs + windowUs;
  const inside = Array.from({ length: hosts }, (_, i) => `10.0.${i >> 8}.${(i & 255) + 1}`);
  const outside = Array.from({ length: hosts }, (_, i) =>
    i % 5 === 0 ? `2001:db8::${(i + 1).toString(16)}` : `198.51.100.${i + 1}`,
  );
  const addresses = [...inside, ...outside];
  const strings: string[] = [];
  const string = (text: string) => {
    const at = strings.indexOf(text);
    return at >= 0 ? at : strings.push(text) - 1;
  };
  const far = () => hosts + random.below(hosts);
  const near = () => Math.floor(random.float() ** 2 * hosts);
  const time = () => windowFromUs + Math.floor(random.float() * windowUs);
  const u32 = (n: number, f: (i: number) => number) => Uint32Array.from({ length: n }, (_, i) => f(i));
  const u16 = (n: number, f: (i: number) => number) => Uint16Array.from({ length: n }, (_, i) => f(i));
  const u8 = (n: number, f: (i: number) => number) => Uint8Array.from({ length: n }, (_, i) => f(i));
  const f64 = (n: number, f: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => f(i));
  const f32 = (n: number, f: (i: number) => number) => Float32Array.from({ length: n }, (_, i) => f(i));
  const times = (n: number) => f64(n, time).sort();

  const tcp = u8(flows, () => (random.chance(0.8) ? 6 : 17));
  const answerCount = u16(dns, () => random.below(3));
  const answers = answerCount.reduce((sum, n) => sum + n, 0);
  const service = u8(dns, () => (random.chance(0.9) ? 0 : 1));
  const words = hosts * 4;
  return {
    version: 1,
    site,
    sensor,
    windowFromUs,
    windowToUs,
    modelGeneration: 0,
    wordSet: 'tapspot',
    degrade: 0,
    ledger: {
      'capture.frames': flows * 12 + dns * 2,
      'capture.dropped_ring': random.chance(0.1) ? random.below(50) : 0,
      'capture.dropped_interface': 0,
      'decode.ok': flows * 12 + dns * 2,
      'flow.packets': flows * 12,
      'dns.messages': dns * 2,
      'summary.flows_full': flows,
    },
    addresses,
    strings,
    flows: {
      count: flows,
      src: u32(flows, near),
      dst: u32(flows, far),
      sport: u16(flows, () => random.between(32_768, 60_999)),
      dport: u16(flows, (i) => (tcp[i] === 6 ? random.pick([443, 443, 443, 80, 22, 25]) : random.pick([53, 123, 443]))),
      proto: tcp,
      vlan: u16(flows, () => 0),
      tsUs: times(flows),
      durationUs: f64(flows, () => random.below(20_000_000)),
      origPackets: f64(flows, () => random.between(1, 40)),
      origBytes: f64(flows, () => random.between(40, 20_000)),
      respPackets: f64(flows, () => random.below(60)),
      respBytes: f64(flows, () => random.below(200_000)),
      connState: u8(flows, () => random.pick([5, 5, 5, 1, 7, 0])),
      history: u32(flows, () => string(random.pick(HISTORIES))),
      score: f32(flows, () => random.float() ** 2),
      flows: f64(flows, (i) => (i % 50 === 49 ? random.between(2, 30) : 1)),
      weight: f64(flows, () => 1),
    },
    dns: {
      count: dns,
      client: u32(dns, near),
      server: u32(dns, () => 0),
      cport: u16(dns, () => random.between(32_768, 60_999)),
      sport: u16(dns, (i) => (service[i] === 1 ? 5353 : 53)),
      proto: u8(dns, () => 17),
      service,
      vlan: u16(dns, () => 0),
      tsUs: times(dns),
      latencyUs: f64(dns, () => (random.chance(0.95) ? random.between(300, 60_000) : -1)),
      qname: u32(dns, () =>
        string(random.chance(0.05) ? `${random.u32().toString(36)}.example.com` : random.pick(NAMES)),
      ),
      qtype: u16(dns, () => random.pick([1, 1, 28, 65, 12])),
      qclass: u16(dns, () => 1),
      rcode: Int16Array.from({ length: dns }, () => random.pick([0, 0, 0, 0, 3, 2, -1])),
      queryBytes: u32(dns, () => random.between(60, 120)),
      responseBytes: u32(dns, () => random.between(80, 600)),
      answerCount,
      answers: u32(answers, () => string(`A 198.51.100.${random.between(1, hosts)}`)),
      score: f32(dns, () => random.float() ** 2),
      weight: f64(dns, () => 1),
    },
    words: {
      count: words,
      host: u32(words, (i) => i >> 2),
      source: u8(words, (i) => i & 1),
      word: u32(words, (i) => string(random.pick(i & 1 ? WORDS.dns : WORDS.flow))),
      occurrences: u32(words, () => random.between(1, 20)),
    },
    findings: o.findings === false ? [] : fakeFindings(random, windowFromUs, windowToUs, inside, outside),
  };
}

function fakeFindings(random: Prng, fromUs: number, toUs: number, inside: string[], outside: string[]): Finding[] {
  const span = { firstUs: fromUs, lastUs: toUs - 1 };
  const found: Finding[] = [
    {
      ...span,
      ...{
        kind: 'beacon',
        src: inside[1 % inside.length]!,
        dst: outside[1 % outside.length]!,
        dstPort: 443,
        proto: 'tcp',
        domain: null,
      },
      reasons: [
        {
          name: 'beacon.interval',
          points: 30 + random.below(20),
          text: 'Called every 60 s for an hour, give or take 1 s',
        },
        { name: 'beacon.size', points: 18, text: 'Sent 312 B each time' },
      ],
    },
    {
      ...span,
      ...{
        kind: 'rare',
        src: random.pick(inside.slice(0, 8)),
        dst: random.pick(outside.slice(0, 8)),
        dstPort: 22,
        proto: 'tcp',
        domain: null,
      },
      reasons: [
        { name: 'rare.flow', points: 5 + random.below(30), text: 'One of 10,000 flows is as unusual as this one' },
      ],
    },
  ];
  if (random.chance(0.3)) {
    found.push({
      ...span,
      ...{
        kind: 'scan.horizontal',
        src: inside[7 % inside.length]!,
        dst: null,
        dstPort: 445,
        proto: 'tcp',
        domain: null,
      },
      reasons: [
        { name: 'scan.targets', points: 61, text: `Asked ${random.between(60, 250)} hosts for port 445, 2 answered` },
      ],
    });
  }
  if (random.chance(0.3)) {
    found.push({
      ...span,
      ...{
        kind: 'dns.tunnel',
        src: inside[3 % inside.length]!,
        dst: null,
        dstPort: null,
        proto: null,
        domain: 'tunnel.example',
      },
      reasons: [
        {
          name: 'dns.tunnel.names',
          points: 48,
          text: `Asked ${random.between(100, 900)} names of 1 domain, none twice`,
        },
        { name: 'dns.tunnel.length', points: 22, text: 'The names are 52 characters long on average' },
      ],
    });
  }
  return found;
}
