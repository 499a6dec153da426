import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../src/base/address.js';
import { Random } from '../../src/base/random.js';
import { AssocTable } from '../../src/score/assoc-table.js';
import { Counts } from '../../src/score/counts.js';
import { Distinct } from '../../src/score/distinct.js';
import { HostTable } from '../../src/score/host-table.js';
import { NameCache } from '../../src/score/names.js';
import { isGroup, Networks, PRIVATE_NETWORKS } from '../../src/score/networks.js';
import { bytesText, countText, numberText, spanText } from '../../src/score/text.js';
import { log4Bin } from '../../src/score/words/tapspot.js';

const address = (text: string) => {
  const words = new Uint32Array(4);
  assert.ok(parseAddress(text, words, 0), text);
  return words;
};

test('networks hold their own addresses and no others', () => {
  const home = new Networks(PRIVATE_NETWORKS);
  for (const a of ['10.0.0.1', '172.31.255.255', '192.168.1.1', '127.0.0.1', 'fe80::1', 'fd00::1', '::1']) {
    assert.equal(home.has(address(a), 0), true, a);
  }
  for (const a of ['11.0.0.1', '172.32.0.0', '8.8.8.8', '2001:db8::1', '::2', '::ffff:8.8.8.8']) {
    assert.equal(home.has(address(a), 0), false, a);
  }
  const odd = new Networks(['203.0.113.128/25', '2001:db8:0:8000::/49', '198.51.100.7', '0.0.0.0/32']);
  assert.equal(odd.has(address('203.0.113.127'), 0), false);
  assert.equal(odd.has(address('203.0.113.128'), 0), true);
  assert.equal(odd.has(address('2001:db8:0:8001::1'), 0), true);
  assert.equal(odd.has(address('2001:db8:0:7fff::1'), 0), false);
  assert.equal(odd.has(address('198.51.100.7'), 0), true);
  assert.equal(new Networks(['0.0.0.0/0']).has(address('2001:db8::1'), 0), false);
  for (const bad of ['10.0.0.0/33', '10.0.0/8', 'x', '10.0.0.0/', '10.0.0.0/8/9', '::/129', '10.0.0.0/-1']) {
    assert.throws(() => new Networks([bad]), RangeError, bad);
  }
});

test('groups are told from hosts', () => {
  for (const a of ['224.0.0.251', '255.255.255.255', '10.0.0.255', 'ff02::1', '0.0.0.0', '::']) {
    assert.equal(isGroup(address(a), 0), true, a);
  }
  for (const a of ['223.255.255.1', '10.0.0.254', 'fe80::1', '2001:db8::ff'])
    assert.equal(isGroup(address(a), 0), false, a);
});

test('a table of rows keeps what is used through a flood of what is not', () => {
  const table = new AssocTable(2, 64 << 10, 20);
  const random = new Random(1);
  const key = new Uint32Array(2);
  const used = Array.from({ length: table.capacity >> 4 }, (_, i) => i);
  for (const i of used) {
    key.set([i, 7]);
    for (let n = 0; n < 200; n++) table.row(key);
  }
  for (let n = 0; n < 100_000; n++) {
    key.set([random.uint32(), 9]);
    assert.ok(table.row(key) < table.capacity);
  }
  const kept = used.filter((i) => {
    key.set([i, 7]);
    return table.find(key) >= 0;
  });
  assert.ok(table.evicted > 50_000, 'the flood did not fill the table');
  assert.ok(kept.length > used.length * 0.6, `${kept.length} of ${used.length} were kept`);
});

test('different things are counted within some percent', () => {
  const random = new Random(2);
  for (const n of [1, 10, 100, 400, 900]) {
    const d = new Distinct(2, 512);
    const things = Array.from({ length: n }, () => random.uint32());
    for (let round = 0; round < 3; round++) for (const t of things) d.add(1, t);
    assert.ok(Math.abs(d.estimate(1) - n) <= Math.max(1, n * 0.12), `${d.estimate(1)} for ${n}`);
    assert.equal(d.estimate(0), 0);
  }
});

test('hosts keep their numbers until room is made, and then the kept ones are found again', () => {
  const table = new HostTable(1000);
  const random = new Random(3);
  const hosts = Array.from({ length: 1000 }, () => Uint32Array.from({ length: 4 }, () => random.uint32()));
  hosts.forEach((h, i) => {
    assert.equal(table.add(h, 0), i);
  });
  assert.equal(table.add(Uint32Array.of(1, 2, 3, 4), 0), -1);
  hosts.forEach((h, i) => {
    assert.equal(table.add(h, 0), i);
  });
  const moved = table.retain(Uint8Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? 1 : 0)));
  assert.equal(table.count, 334);
  assert.equal(table.add(hosts[999]!, 0), moved[999]);
  assert.equal(moved[1], -1);
});

test('counts add up, fade, and renumber', () => {
  const counts = new Counts(3);
  counts.add(1, 1, 2);
  counts.add(1, 1, 3);
  counts.add(2, 1, 1);
  counts.add(3, 1, 1);
  assert.equal(counts.add(4, 1, 1), -1);
  assert.equal(counts.overflow, 1);
  assert.equal(counts.mass, 7);
  assert.equal(counts.rebuild(0.5, 1, Int32Array.of(-1, 0, 0, -1), null), 2);
  assert.deepEqual([counts.count, counts.host[0], counts.times[0], counts.mass], [1, 0, 2.5, 2.5]);
});

test('names are cut at their registered domain, whatever the bytes', () => {
  const cache = new NameCache(100);
  const get = (...labels: string[]) => {
    const bytes = Buffer.concat(labels.map((l) => Buffer.concat([Buffer.of(l.length), Buffer.from(l, 'latin1')])));
    return cache.get(bytes, 0, bytes.length);
  };
  for (const [labels, domain, sub] of [
    [['www', 'bbc', 'co', 'uk'], 'bbc.co.uk', 'www'],
    [['d1', 'x9', 'cloudfront', 'net'], 'x9.cloudfront.net', 'd1'],
    [['a', 'b', 'example', 'com'], 'example.com', 'a.b'],
    [['pirate', 'sea'], 'pirate.sea', ''],
    [['x', 'corp', 'local'], 'corp.local', 'x'],
    [['localhost'], 'localhost', ''],
    [['com'], 'com', ''],
    [['dnscat', '0a1b2c3d'], '.', 'dnscat.0a1b2c3d'],
    [[], '.', ''],
  ] as const) {
    const facts = get(...labels);
    assert.deepEqual([facts.domain, facts.sub], [domain, sub], labels.join('.'));
  }
  assert.equal(get('4', '3', '2', '1', 'in-addr', 'arpa').reverse, true);
  const random = new Random(5);
  for (let n = 0; n < 5000; n++) {
    const bytes = Uint8Array.from({ length: random.below(255) }, () => random.below(256));
    const facts = cache.get(bytes, 0, bytes.length);
    assert.ok(facts.text.length <= 1100 && facts.domain.length + facts.sub.length <= facts.text.length + 1);
    assert.ok(Number.isFinite(facts.subEntropy));
  }
  assert.ok(cache.cleared > 10, 'the cache was never full');
});

test('bins of powers of four', () => {
  for (const [x, bin] of [
    [0, 0],
    [1, 1],
    [3, 1],
    [4, 2],
    [15, 2],
    [16, 3],
    [2 ** 32 - 1, 16],
    [2 ** 32, 17],
    [2 ** 40, 21],
  ] as const) {
    assert.equal(log4Bin(x), bin, `${x}`);
  }
  assert.ok(log4Bin(1e300) <= 31);
});

test('numbers are written for people', () => {
  assert.equal(numberText(1234567.4), '1,234,567');
  assert.equal(countText(1, 'host'), '1 host');
  assert.equal(countText(2, 'host'), '2 hosts');
  assert.equal(bytesText(999), '999 B');
  assert.equal(bytesText(1234), '1.2 kB');
  assert.equal(bytesText(45.6e9), '46 GB');
  assert.equal(spanText(0.5e6), '500 ms');
  assert.equal(spanText(90e6), '90 s');
  assert.equal(spanText(3600e6 * 5), '5 h');
  assert.equal(spanText(86400e6 * 3), '3 days');
});
