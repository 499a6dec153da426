import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CAPTURES, type CaptureName, makeCapture } from '../../bench/captures/make.js';
import { zipf } from '../../bench/captures/random.js';
import { hasCompiler, measure, native } from '../../bench/measure.js';
import { shardPass } from '../../bench/shard-path.js';
import { seeded } from '../../src/capture/faults.js';
import { readPcap } from '../support/pcap.js';
import { hasTshark } from '../support/tshark.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-bench-captures-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Small ones: the same generators at a thousandth, mixed at two copies. */
const SCALE: Record<CaptureName, number> = { manyflows: 0.002, mixed: 0.025, dns: 0.002, synflood: 0.01 };
const make = (name: CaptureName, where = 'a', seed?: number) =>
  makeCapture(name, join(folder, where), SCALE[name], seed);
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

for (const name of CAPTURES) {
  test(`${name}: the same seed gives the same bytes, another seed others, and time never goes back`, async () => {
    const path = await make(name);
    assert.equal(digest(await make(name, 'b')), digest(path));
    assert.notEqual(digest(await make(name, 'c', 5)), digest(path));
    const frames = readPcap(path);
    assert.ok(frames.length > 1000, `${frames.length} frames`);
    for (let i = 1; i < frames.length; i++) assert.ok(frames[i]!.timeUs >= frames[i - 1]!.timeUs);
  });

  test(`${name}: tshark finds no wrong checksum and nothing malformed`, {
    skip: !hasTshark && 'no tshark',
  }, async () => {
    const verify = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
    const fields = ['ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status', '_ws.malformed'];
    const args = ['-n', '-r', await make(name), ...verify, '-o', 'tcp.analyze_sequence_numbers:FALSE', '-T', 'fields'];
    const said = execFileSync('tshark', [...args, ...fields.flatMap((f) => ['-e', f])], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = said.split('\n').slice(0, -1);
    let verified = 0;
    let wrong = 0;
    for (const line of lines) {
      const [ip, tcp, udp, malformed] = line.split('\t');
      if (ip === '1') verified++;
      // 0 is a wrong sum. What was cut by the capture is not malformed.
      if ([ip, tcp, udp].includes('0') || malformed !== '') wrong++;
    }
    assert.ok(verified > lines.length / 2, `${verified} of ${lines.length} verified`);
    // The samples are real programs on veths; a copy must not add to what is odd in them.
    assert.ok(name === 'mixed' ? wrong < lines.length / 100 : wrong === 0, `${wrong} of ${lines.length}`);
  });
}

describe('what is in them', () => {
  test('manyflows: as many flows as asked for, ten packets each, some hot and most cold', async () => {
    const seen = shardPass(await make('manyflows'));
    assert.deepEqual([seen.frames, seen.flows], [20_000, 2000]);
    const random = seeded(1);
    const hits = new Float64Array(1000);
    for (let i = 0; i < 100_000; i++) hits[zipf(1000, random())]!++;
    assert.ok(hits.every((n) => n > 0) && hits.length === 1000);
    // Zipf's law with exponent 1: the second comes about half, the tenth about a tenth as often as the first.
    assert.ok(Math.abs(hits[1]! / hits[0]! - Math.log(1.5) / Math.log(2)) < 0.05);
    assert.ok(hits[9]! / hits[0]! < 0.2);
  });

  test('synflood: every source once, answered and never established', async () => {
    const seen = shardPass(await make('synflood'));
    assert.deepEqual([seen.frames, seen.flows], [20_000, 10_000]);
  });

  test('dns: every query finds its answer', async () => {
    const seen = shardPass(await make('dns'));
    assert.deepEqual([seen.frames, seen.dnsTransactions], [8000, 4000]);
  });

  test('mixed: copies are other hosts, so flows multiply as packets do', async () => {
    const one = shardPass(await makeCapture('mixed', folder, 0.0125));
    const two = shardPass(await make('mixed'));
    assert.equal(two.frames, 2 * one.frames);
    assert.ok(two.flows > 1.9 * one.flows && one.flows > 1000, `${one.flows} and ${two.flows} flows`);
    assert.ok(two.dnsTransactions > 1.9 * one.dnsTransactions, `${two.dnsTransactions} of ${one.dnsTransactions}`);
  });

  test('the floor counts the same packets and flows', { skip: !hasCompiler && 'no C compiler' }, async () => {
    for (const name of ['manyflows', 'synflood'] as const) {
      const path = await make(name);
      const seen = shardPass(path);
      const cost = measure([native('floor'), path, '16'], -1);
      assert.equal(cost.stdout.split(' ').slice(0, 2).join(' '), `${seen.frames} ${seen.flows}`);
      assert.equal(cost.code, 0);
      assert.ok(cost.cpuSeconds > 0 && cost.rssBytes > 1 << 20);
    }
    assert.equal(measure(['sh', '-c', 'exit 3'], -1).code, 3);
    assert.equal(measure(['sh', '-c', 'kill -9 $$'], -1).code, 137);
    assert.equal(measure(['/nonexistent'], -1).code, 127);
  });
});
