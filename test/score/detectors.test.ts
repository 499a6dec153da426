import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/random.js';
import { LeaveReason } from '../../src/flow/columns.js';
import { findingScore } from '../../src/record/finding.js';
import { looksMadeUp } from '../../src/score/detectors/nxdomain.js';
import { Scorer } from '../../src/score/scorer.js';
import { found, none, one } from './found.js';
import { type DnsRow, type FlowRow, HOUR, MINUTE, SECOND, START, windowOf } from './rows.js';

const MiB = 1 << 20;
const at = (seconds: number) => START + seconds * SECOND;
const failed = { state: 'S0', respPackets: 0, origPackets: 1, origPayload: 0, respPayload: 0 } as const;
const refused = { state: 'REJ', respPackets: 1, origPackets: 1, origPayload: 0, respPayload: 0 } as const;

test('a source that tries one port on many silent hosts is a horizontal scan', () => {
  const rows = Array.from({ length: 120 }, (_, i) => ({
    dst: `10.1.0.${i + 1}`,
    dport: 445,
    firstUs: at(i),
    ...failed,
  }));
  const f = one(found(rows), 'scan.horizontal');
  assert.equal(f.dstPort, 445);
  assert.ok(findingScore(f) >= 60);
  assert.match(f.reasons[0]!.text, /tcp\/445 \(smb\) on 1\d\d hosts in 1(19 s|20 s|.* min)|2 min/);
});

test('a scan of one host a minute is still a scan', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    dst: `10.1.0.${i + 1}`,
    dport: 22,
    firstUs: at(i * 60),
    ...refused,
  }));
  assert.ok(findingScore(one(found(rows), 'scan.horizontal')) >= 50);
});

test('a busy client whose connections now and then fail is no scan', () => {
  const random = new Random(1);
  const rows: FlowRow[] = Array.from({ length: 400 }, (_, i) => ({
    dst: `198.51.100.${random.below(200)}`,
    firstUs: at(i),
    ...(random.below(6) === 0 ? failed : {}),
  }));
  none(found(rows), 'scan');
});

test('retries to one dead host are no scan', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ dst: '10.1.0.7', dport: 8080, firstUs: at(i), ...failed }));
  none(found(rows), 'scan');
});

test('a flood of answers to forged addresses is no scan by its victim', () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({
    dst: `203.0.113.${i + 1}`,
    dport: 50000 + i,
    firstUs: at(i / 10),
    ...failed,
    state: 'OTH' as const,
    origFlags: 18,
  }));
  none(found(rows), 'scan');
});

test('a source that tries many ports of one host is a vertical scan', () => {
  const rows = Array.from({ length: 900 }, (_, i) => ({
    dst: '10.1.0.7',
    dport: 1 + i * 7,
    firstUs: at(i / 50),
    ...refused,
  }));
  const f = one(found(rows), 'scan.vertical');
  assert.equal(f.dst, '10.1.0.7');
  assert.ok(findingScore(f) >= 80);
  assert.match(f.reasons[0]!.text, /tried (8|9)\d\d tcp ports/);
});

test('a traceroute is no port scan', () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    dst: '203.0.113.9',
    proto: 17,
    dport: 33434 + i,
    firstUs: at(i / 10),
    respPackets: 0,
    respPayload: 0,
  }));
  none(found(rows), 'scan');
});

test('a scan of many ports on many hosts is a line or two, not hundreds', () => {
  const rows: FlowRow[] = [];
  for (let h = 1; h <= 40; h++) {
    for (let p = 1; p <= 30; p++)
      rows.push({ dst: `10.1.0.${h}`, dport: p, firstUs: at(rows.length / 100), ...refused });
  }
  const scans = found(rows).filter((f) => f.kind.startsWith('scan'));
  assert.ok(scans.length >= 1 && scans.length <= 2, `${scans.length} lines`);
  assert.ok(findingScore(scans[0]!) >= 60);
});

const guess = (i: number): FlowRow => ({
  dst: '10.1.0.7',
  dport: 22,
  firstUs: at(i * 2),
  origPayload: 1900 + (i % 5) * 16,
  respPayload: 2100 + (i % 3) * 16,
});

test('a hundred short, similar logins in minutes are a brute force', () => {
  const f = one(found(Array.from({ length: 100 }, (_, i) => guess(i))), 'bruteforce');
  assert.equal(f.dstPort, 22);
  assert.ok(findingScore(f) >= 60);
});

test('the same login tried on many hosts is a spray', () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({ ...guess(i), dst: `10.1.0.${1 + i}` }));
  assert.ok(findingScore(one(found(rows), 'bruteforce.spray')) >= 55);
});

test('a person who works over ssh, or a few logins, are no brute force', () => {
  const random = new Random(2);
  const work: FlowRow[] = Array.from({ length: 40 }, (_, i) => ({
    ...guess(i),
    firstUs: at(i * 300),
    origPayload: 3000 * Math.exp(2 * random.normal()),
    respPayload: 9000 * Math.exp(2 * random.normal()),
  }));
  none(found(work), 'bruteforce');
  none(found(Array.from({ length: 6 }, (_, i) => guess(i))), 'bruteforce');
});

test('web browsing is no brute force', () => {
  const random = new Random(4);
  const rows: FlowRow[] = Array.from({ length: 300 }, (_, i) => ({
    dst: '198.51.100.7',
    firstUs: at(i),
    origPayload: 400 + random.below(1500),
    respPayload: 1000 * Math.exp(1.5 * random.normal()),
  }));
  none(found(rows), 'bruteforce');
});

test('guesses at a web form are a brute force; polling of a web server is a beacon', () => {
  const random = new Random(17);
  const rows: FlowRow[] = Array.from({ length: 600 }, (_, i) => ({
    dst: '198.51.100.7',
    dport: 80,
    firstUs: at(i * 0.2),
    lastUs: at(i * 0.2 + 0.1),
    origPayload: 380 + random.below(9),
    respPayload: 612,
  }));
  const guesses = found(rows);
  assert.ok(findingScore(one(guesses, 'bruteforce')) >= 30);
  none(guesses, 'beacon');
  for (const gap of [0.06, 0.8]) {
    const polls = found(
      rows.map((r, i) => ({ ...r, firstUs: at(i * gap), lastUs: at(i * gap + 0.01), origPayload: 384 })),
    );
    const f = one(polls, 'beacon');
    assert.ok(findingScore(f) >= 30 && findingScore(f) < 60, `${findingScore(f)}`);
    assert.match(f.reasons[0]!.text, /600 connections in (36 s|8 min), one after the other; 100 % sent exactly 384 B/);
    none(polls, 'bruteforce');
  }
  // One guess in two seconds, as a person's page that asks again and again.
  none(found(rows.map((r, i) => ({ ...r, firstUs: at(i * 1.4), lastUs: at(i * 1.4 + 0.1) }))), 'b');
});

/** Contacts by intervals in seconds. */
function contacts(intervals: number[], more: FlowRow = {}): FlowRow[] {
  let us = START;
  return intervals.map((s) => ({ dst: '203.0.113.9', origPayload: 310, firstUs: (us += s * SECOND), ...more }));
}

test('a contact a minute is a beacon, with jitter and with gaps', () => {
  const random = new Random(5);
  for (const [what, intervals] of [
    ['exact', Array<number>(60).fill(60)],
    ['jitter of 37 %', Array.from({ length: 60 }, () => 60 * (1 - 0.37 * random.uniform()))],
    ['every fifth missed', Array.from({ length: 60 }, (_, i) => (i % 5 === 4 ? 120 : 60))],
  ] as const) {
    const f = one(found(contacts([...intervals])), 'beacon');
    assert.ok(findingScore(f) >= 35, `${what}: ${findingScore(f)}`);
    assert.equal(f.dst, '203.0.113.9');
  }
  assert.ok(findingScore(one(found(contacts(Array<number>(60).fill(60))), 'beacon')) >= 60);
});

test('a person at a browser is no beacon', () => {
  const random = new Random(6);
  none(found(contacts(Array.from({ length: 80 }, () => 20 * Math.exp(1.3 * random.normal())))), 'beacon');
  none(found(contacts(Array.from({ length: 80 }, () => -30 * Math.log(1 - random.uniform())))), 'beacon');
});

test('one connection cut into pieces by the active timeout is no beacon', () => {
  const rows = contacts(Array<number>(30).fill(300), { sport: 40000, leaveReason: LeaveReason.active, state: 'OTH' });
  none(found(rows.map((r) => ({ ...r, lastUs: r.firstUs! + 299 * SECOND }))), 'beacon');
});

test('time service is no beacon', () => {
  none(found(contacts(Array<number>(60).fill(64), { proto: 17, dport: 123, sport: 123 })), 'beacon');
});

test('nine contacts are too few to call a beacon', () => none(found(contacts(Array<number>(9).fill(60))), 'beacon'));

test('pieces of a connection that lasts hours are told as one long connection', () => {
  const rows: FlowRow[] = Array.from({ length: 48 }, (_, i) => ({
    dst: '203.0.113.9',
    sport: 40000,
    firstUs: at(i * 300),
    lastUs: at(i * 300 + 299),
    leaveReason: LeaveReason.active,
  }));
  const f = one(found(rows), 'long');
  assert.match(f.reasons[0]!.text, /open for 4 h/);
  assert.ok(findingScore(f) <= 35, 'a hint');
  none(found(rows.slice(0, 10)), 'long');
});

const letters = (random: Random, n: number, of = 'abcdefghijklmnopqrstuvwxyz234567') =>
  Array.from({ length: n }, () => of[random.below(of.length)]).join('');

test('names that carry data below one domain are a tunnel, fast or slow', () => {
  for (const [gap, n] of [
    [0.05, 200],
    [90, 80],
  ] as const) {
    const random = new Random(7);
    const dns = Array.from({ length: n }, (_, i) => ({
      name: `${letters(random, 50)}.${letters(random, 20)}.t.evil-domain.com`,
      qtype: 16,
      queryUs: at(i * gap),
      responseLength: 300,
    }));
    const f = one(found([], dns), 'dns.tunnel');
    assert.equal(f.domain, 'evil-domain.com');
    assert.ok(findingScore(f) >= 60, `${findingScore(f)}`);
  }
});

test('a content network, reverse names, block lists and a few hashes are no tunnel', () => {
  const random = new Random(8);
  const dns: DnsRow[] = [];
  for (let i = 0; i < 400; i++) {
    const address = `${random.below(256)}.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
    dns.push({ name: `r${random.below(9)}---sn-4g5e6ne${random.below(9)}.video.example.com`, queryUs: at(i) });
    dns.push({ name: `${address}.in-addr.arpa`, qtype: 12, queryUs: at(i) });
    dns.push({ name: `${address}.zen.blocklist.org`, queryUs: at(i), rcode: 3 });
    dns.push({ name: `d${letters(random, 12)}.cloudfront.net`, queryUs: at(i) });
    dns.push({ name: `www.${letters(random, 10)}.com`, queryUs: at(i) });
    if (i < 6)
      dns.push({ name: `${letters(random, 40, '0123456789abcdef')}.avqs.example.net`, queryUs: at(i), qtype: 16 });
  }
  none(found([], dns), 'dns.tunnel');
});

test('names without any domain are a tunnel too', () => {
  const random = new Random(9);
  const dns = Array.from({ length: 100 }, (_, i) => ({
    name: `dnscat.0${letters(random, 40, '0123456789abcdef')}`,
    qtype: 16,
    queryUs: at(i),
  }));
  assert.equal(one(found([], dns), 'dns.tunnel').domain, '.');
});

test('a client that asks for many domains that do not exist is told of; one with a few dead links is not', () => {
  const random = new Random(10);
  const dns = Array.from({ length: 60 }, (_, i) => ({ name: `${letters(random, 14)}.com`, rcode: 3, queryUs: at(i) }));
  const f = one(found([], dns), 'dns.dga');
  assert.ok(findingScore(f) >= 55, `${findingScore(f)}`);
  none(found([], dns.slice(0, 6)), 'dns.dga');
  const same = Array.from({ length: 60 }, (_, i) => ({
    name: `${letters(random, 9)}.corp-name.com`,
    rcode: 3,
    queryUs: at(i),
  }));
  none(found([], same), 'dns.dga');
  const local = Array.from({ length: 60 }, (_, i) => ({ name: `${letters(random, 9)}.lan`, rcode: 3, queryUs: at(i) }));
  none(found([], local), 'dns.dga');
});

test('what looks made up, and what does not', () => {
  for (const d of ['xkqjzvbw.com', 'a1b2c3d4.net', 'qwrtpsdfg.org']) assert.equal(looksMadeUp(d), true, d);
  for (const d of ['wikipedia.org', 'example.com', 'stackoverflow.com', 'bbc.co.uk', ''])
    assert.equal(looksMadeUp(d), false, d);
});

test('much sent outside and little back is an upload; the other way round is none, nor is it inside', () => {
  const rows = (dst: string, up: number, down: number): FlowRow[] =>
    Array.from({ length: 10 }, (_, i) => ({
      dst,
      firstUs: at(i * 7 + (i % 3)),
      origPayload: up / 10,
      respPayload: down / 10,
    }));
  const f = one(found(rows('203.0.113.9', 500e6, 1e6)), 'upload');
  assert.ok(findingScore(f) >= 40);
  assert.match(f.reasons[0]!.text, /sent 500 MB/);
  none(found(rows('203.0.113.9', 1e6, 500e6)), 'upload');
  none(found(rows('10.7.7.7', 500e6, 1e6)), 'upload');
});

test('data in echo messages is a tunnel, a ping is not', () => {
  const echo = { dst: '203.0.113.9', proto: 1, sport: 8, dport: 0, firstUs: at(0) };
  const tunnel = {
    ...echo,
    origPayload: 9000,
    respPayload: 22000,
    firstSizes: [28, -900, 200, -28, 64, -1400, 90, -64],
  };
  assert.ok(findingScore(one(found([tunnel]), 'icmp.tunnel')) >= 50);
  none(
    found([{ ...echo, origPayload: 56e4, respPayload: 56e4, firstSizes: [56, -56, 56, -56, 56, -56, 56, -56] }]),
    'icmp',
  );
  none(found([{ ...echo, origPayload: 56e4, respPayload: 0, respPackets: 0, firstSizes: [1400, 1400, 1400] }]), 'icmp');
});

test('what a host never did is a hint, with the peers rolled up into one line', () => {
  const random = new Random(12);
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 5, memoryBytes: 24 * MiB });
  const usual = (n: number): FlowRow[] =>
    Array.from({ length: 600 }, (_, i) => ({
      src: `10.0.0.${1 + random.below(20)}`,
      dst: `198.51.100.${random.below(9)}`,
      firstUs: START + n * MINUTE + i,
    }));
  for (let n = 0; n < 6; n++) none(scorer.close(windowOf(usual(n), [], START + n * MINUTE)).findings, 'rare');
  const odd: FlowRow[] = Array.from({ length: 40 }, (_, i) => ({
    src: '10.0.0.3',
    dst: `10.1.0.${i + 1}`,
    dport: 445,
    origPayload: 150_000,
    respPayload: 700,
    firstUs: START + 6 * MINUTE + i * 1e6,
  }));
  const f = one(scorer.close(windowOf([...usual(6), ...odd], [], START + 6 * MINUTE)).findings, 'rare');
  assert.equal(f.src, '10.0.0.3');
  assert.equal(f.dst, null);
  assert.equal(f.dstPort, 445);
  assert.match(f.reasons[0]!.text, /40 hosts/);
  assert.ok(findingScore(f) >= 8 && findingScore(f) <= 30, `${findingScore(f)}`);
});

test('a scan from outside is worth less than one from within', () => {
  const scan = (src: string) =>
    Array.from({ length: 60 }, (_, i) => ({ src, dst: `10.1.0.${i + 1}`, dport: 22, firstUs: at(i), ...failed }));
  const inside = findingScore(one(found(scan('10.0.0.1')), 'scan.horizontal'));
  const outside = findingScore(one(found(scan('203.0.113.1')), 'scan.horizontal'));
  assert.ok(outside <= inside - 10);
});

test('ordinary use of an hour stays quiet', () => {
  const random = new Random(13);
  const flows: FlowRow[] = [];
  const dns: DnsRow[] = [];
  for (let i = 0; i < 3000; i++) {
    const src = `10.0.0.${1 + random.below(12)}`;
    const us = START + random.uniform() * HOUR;
    flows.push({
      src,
      dst: `198.51.100.${random.below(120)}`,
      dport: random.below(9) ? 443 : 80,
      firstUs: us,
      origPayload: 300 + random.below(3000),
      respPayload: 900 * Math.exp(2 * random.normal()),
      ...(random.below(30) === 0 ? failed : {}),
    });
    dns.push({
      client: src,
      name: `www.${['news', 'mail', 'shop', 'maps'][random.below(4)]}${random.below(60)}.com`,
      queryUs: us,
      rcode: random.below(60) === 0 ? 3 : 0,
    });
  }
  flows.sort((a, b) => a.firstUs! - b.firstUs!);
  const loud = found(flows, dns).filter((f) => findingScore(f) > 30);
  assert.deepEqual(loud, []);
});
