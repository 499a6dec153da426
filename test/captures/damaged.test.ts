import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OperatorError } from '../../src/base/errors.js';
import { openCaptures } from '../../src/capture/files.js';
import { VERDICTS } from '../../src/decode/verdict.js';
import { budget } from '../../src/sensor/budget.js';
import { Shard } from '../../src/sensor/shard.js';
import { ndjson, tapspot } from '../support/cli.js';
import { Prng } from '../support/prng.js';
import { noShared, sampleCaptures, sharedCaptures, unpacked } from '../support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-damaged-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MAX_SEED = 256 << 10;

/** One of the ways in which a capture is hurt: cut, bits flipped, bytes replaced, a stretch doubled, lost or blanked. */
function hurt(bytes: Uint8Array, random: Prng): Uint8Array {
  const out = Uint8Array.from(bytes);
  const at = random.below(out.length);
  switch (random.below(6)) {
    case 0:
      return out.subarray(0, at);
    case 1:
      for (let n = random.between(1, 64); n > 0; n--) out[random.below(out.length)]! ^= 1 << random.below(8);
      return out;
    case 2:
      for (let n = random.between(1, 16); n > 0; n--)
        out.set(random.bytes(4).subarray(0, Math.min(4, out.length)), random.below(Math.max(1, out.length - 4)));
      return out;
    case 3: {
      const piece = out.subarray(at, at + random.below(4096));
      return Buffer.concat([out.subarray(0, at), piece, out.subarray(at)]);
    }
    case 4:
      return Buffer.concat([out.subarray(0, at), out.subarray(Math.min(out.length, at + random.below(4096)))]);
    default:
      out.fill(random.pick([0x00, 0xff]), at, at + random.below(512));
      return out;
  }
}

test('a thousand damaged captures each give verdicts that add up, and no exception', { skip: noShared }, async () => {
  const random = new Prng(20_260_901);
  const seeds = sharedCaptures()
    .map(unpacked)
    .filter((bytes) => bytes.length <= MAX_SEED);
  assert.ok(seeds.length > 50, `only ${seeds.length} small captures`);
  const path = join(folder, 'one.pcap');
  const outcome = { read: 0, fault: 0, refused: 0, frames: 0 };
  const before = process.memoryUsage().rss;
  for (let n = 0; n < 1000; n++) {
    writeFileSync(path, hurt(random.pick(seeds), random));
    try {
      const source = await openCaptures([path]);
      const shard = new Shard([source], {
        budget: budget(32 << 20, 1),
        hashSeed: n,
        timeouts: { tcp: 300, udp: 60, icmp: 30, active: 1800, dns: 10 },
      });
      let flowPackets = 0;
      for (;;) {
        const pause = shard.run(Number.POSITIVE_INFINITY, () => true);
        if (pause === 'end') shard.flush();
        const { flows } = shard.take();
        for (let i = 0; i < flows.count; i++) flowPackets += flows.origPackets[i]! + flows.respPackets[i]!;
        if (pause === 'end') break;
      }
      const books = shard.ledger();
      const frames = VERDICTS.reduce((sum, name) => sum + books[`decode.${name}`]!, 0);
      assert.equal(frames, books['capture.frames'], `file ${n}: every frame has one verdict`);
      assert.equal(
        flowPackets,
        books['decode.ok']! + books['decode.snapped']! + books['decode.fragment']!,
        `file ${n}: flows`,
      );
      outcome.frames += frames;
      if (source.fault() === null) outcome.read++;
      else outcome.fault++;
      source.close();
    } catch (error) {
      assert.ok(error instanceof OperatorError, `file ${n}: ${(error as Error).stack}`);
      assert.equal(error.exit, 65, `file ${n}: ${error.message}`);
      outcome.refused++;
    }
  }
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(
    outcome.read > 100 && outcome.fault > 100 && outcome.refused > 0 && outcome.frames > 50_000,
    JSON.stringify(outcome),
  );
  assert.ok(grown < 600, `grew by ${grown} MiB`);
});

test('the command says what is wrong with a damaged file, shows what it could read, and ends with 65', async () => {
  const [sample] = sampleCaptures();
  assert.ok(sample, 'there are no samples');
  const whole = await tapspot(['inspect', '-r', sample, '--json']);
  assert.equal(whole.code, 0, whole.stderr);
  const { readFileSync } = await import('node:fs');
  const { gunzipSync } = await import('node:zlib');
  const packed = readFileSync(sample);
  const bytes = sample.endsWith('.gz') ? gunzipSync(packed) : packed;
  const cut = join(folder, 'cut.pcap');
  writeFileSync(cut, bytes.subarray(0, bytes.length - 7));
  const ran = await tapspot(['inspect', '-r', cut, '--json']);
  assert.equal(ran.code, 65);
  assert.match(ran.stderr, /cut\.pcap/);
  const packets = (text: string) => Number(ndjson(text).at(-1)?.packets);
  assert.equal(packets(ran.stdout), packets(whole.stdout) - 1);
});

for (const [what, bytes] of [
  ['an empty file', new Uint8Array()],
  ['text', Buffer.from('this is no capture at all, only words\n'.repeat(20))],
  ['zeros', new Uint8Array(4096)],
  ['a lone gzip header', Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])],
] as const) {
  test(`the command refuses ${what} with 65 and a sentence`, async () => {
    const path = join(folder, 'not-a-capture');
    writeFileSync(path, bytes);
    const ran = await tapspot(['inspect', '-r', path, '--json']);
    assert.equal(ran.code, 65, ran.stderr);
    assert.match(ran.stderr, /^tapspot: .*not-a-capture/);
    assert.doesNotMatch(ran.stderr, /\n\s+at /);
  });
}
