import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';

// The labels of the samples against what tshark, which is not ours, sees in the captures.
const samples = join(packageRoot(), 'samples');
const skip = spawnSync('tshark', ['--version']).status === 0 ? false : 'tshark is not here';

interface Frame {
  at: number;
  bytes: number;
  kept: number;
  src: string;
  dst: string;
  dport: number;
  /** A TCP segment with SYN and no ACK. */
  opens: boolean;
  query: string;
  response: boolean;
  rcode: number;
}

function frames(file: string): Frame[] {
  const fields = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'ip.src', 'ip.dst', 'tcp.dstport', 'udp.dstport'];
  fields.push('tcp.flags', 'dns.qry.name', 'dns.flags.response', 'dns.flags.rcode');
  const args = [
    '-n',
    '-r',
    join(samples, file),
    '-T',
    'fields',
    '-E',
    'occurrence=f',
    ...fields.flatMap((f) => ['-e', f]),
  ];
  const text = execFileSync('tshark', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [at, bytes, kept, src, dst, tcp, udp, flags, query, response, rcode] = line.split('\t') as string[];
      return {
        at: Number(at),
        bytes: Number(bytes),
        kept: Number(kept),
        src: src!,
        dst: dst!,
        dport: Number(tcp || udp),
        opens: (Number(flags) & 0x12) === 2,
        query: query!.toLowerCase(),
        response: /^(1|True)$/.test(response!),
        rcode: rcode === '' ? -1 : Number(rcode),
      };
    });
}

interface Label {
  file: string;
  start: number;
  end: number;
  kind: string;
  src: string;
  dst: string;
  port: number;
  domain: string;
}

const labels: Label[] = readFileSync(join(samples, 'labels.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [file, start, end, kind, src, dst, port, , domain] = line.split(',') as string[];
    const seconds = (text: string) => Date.parse(text) / 1000;
    return {
      file: file!,
      start: seconds(start!),
      end: seconds(end!),
      kind: kind!,
      src: src!,
      dst: dst!,
      port: Number(port),
      domain: domain!,
    };
  });

const distinct = <T>(values: Iterable<T>) => new Set(values).size;
const below = (query: string, domain: string) => query.endsWith(`.${domain}`);

/** What each kind of act leaves in a capture: of the frames from its source, in its time, to its target. */
const EVIDENCE: Record<string, (sent: Frame[], label: Label, answers: Frame[]) => void> = {
  'scan.horizontal': (sent, { port }) =>
    assert.ok(distinct(sent.filter((f) => f.opens && f.dport === port).map((f) => f.dst)) > 200),
  'scan.vertical': (sent) => assert.ok(distinct(sent.filter((f) => f.opens).map((f) => f.dport)) > 900),
  bruteforce: (sent) => assert.ok(sent.filter((f) => f.opens && f.dport === 22).length >= 25),
  lateral: (sent, { port }) =>
    assert.ok(distinct(sent.filter((f) => f.opens && f.dport === port).map((f) => f.dst)) >= 8),
  beacon: (sent, { port }) => {
    const beats = sent.filter((f) => f.opens && f.dport === port).map((f) => f.at);
    const gaps = beats
      .slice(1)
      .map((at, i) => at - beats[i]!)
      .sort((a, b) => a - b);
    assert.ok(beats.length >= 40, `${beats.length} beats`);
    const middle = gaps[gaps.length >> 1]!;
    assert.ok(middle > 8.5 && middle < 11.5, `${middle} s between beats`);
  },
  'dns.exfiltration': (sent, { domain }) =>
    assert.ok(distinct(sent.map((f) => f.query).filter((q) => below(q, domain))) > 100),
  'dns.tunnel': (sent, { domain }, answers) => {
    assert.ok(sent.filter((f) => below(f.query, domain)).length > 150);
    assert.ok(answers.filter((f) => below(f.query, domain)).reduce((sum, f) => sum + f.bytes, 0) > 80_000);
  },
  'dns.dga': (_, __, answers) => assert.ok(distinct(answers.filter((f) => f.rcode === 3).map((f) => f.query)) >= 150),
  upload: (sent, { port }) =>
    assert.ok(sent.filter((f) => f.dport === port).reduce((sum, f) => sum + f.bytes, 0) > 12e6),
};

const inside = (address: string, network: string) =>
  network.endsWith('.0/24') ? address.startsWith(network.slice(0, -4)) : address === network;
const cache = new Map<string, Frame[]>();
function of(file: string): Frame[] {
  const known = cache.get(file) ?? frames(file);
  cache.set(file, known);
  return known;
}

test('every kind of act has its evidence, and every evidence its act', { skip }, () => {
  assert.deepEqual([...new Set(labels.map((l) => l.kind))].sort(), Object.keys(EVIDENCE).sort());
});

for (const label of labels) {
  test(`${label.file} shows the ${label.kind} by ${label.src} that the label tells of`, { skip }, () => {
    const during = of(label.file).filter((f) => f.at >= label.start - 0.5 && f.at <= label.end + 0.5);
    const sent = during.filter((f) => f.src === label.src && inside(f.dst, label.dst));
    const answers = during.filter((f) => f.dst === label.src && inside(f.src, label.dst) && f.response);
    EVIDENCE[label.kind]!(sent, label, answers);
  });
}

test('the quiet capture has none of it, and none is older than its label', { skip }, () => {
  const domains = labels.map((l) => l.domain).filter((d) => d !== '');
  const outside = labels.map((l) => l.dst).filter((d) => d.startsWith('203.'));
  assert.ok(domains.length >= 4 && outside.length >= 2);
  for (const f of of('quiet.pcap.gz')) {
    assert.ok(!outside.includes(f.dst) && !domains.some((d) => f.query === d || below(f.query, d)), JSON.stringify(f));
  }
});

test('in both captures DNS is whole, and everything else keeps its length on the wire', { skip }, () => {
  for (const file of ['quiet.pcap.gz', 'office.pcapng.gz']) {
    const all = of(file);
    const dns = all.filter((f) => f.query !== '');
    assert.ok(dns.length > 500, file);
    assert.deepEqual(
      dns.filter((f) => f.kept < f.bytes),
      [],
      file,
    );
    assert.ok(all.filter((f) => f.kept < f.bytes).length > 1000, file);
  }
});

test('no capture is too big for a repository', () => {
  for (const file of ['quiet.pcap.gz', 'office.pcapng.gz']) assert.ok(statSync(join(samples, file)).size < 1.5e6, file);
});
