import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OperatorError } from '../../src/base/errors.js';
import { seeded } from '../../src/capture/faults.js';
import { openCapture } from '../../src/capture/file.js';
import { PcapWriter } from '../../src/capture/write.js';
import { PcapngBuilder } from './pcapng.js';
import { collect, type Row, scratch, someFrames } from './support.js';

const folder = scratch('damaged');
const frames = someFrames(300, 3);
const path = join(folder, 'hurt');

function originals(): Buffer[] {
  const made: Buffer[] = [{}, { nanoseconds: true, bigEndian: true }].map((format) => {
    const writer = new PcapWriter(path, format);
    for (const f of frames) writer.add(f.bytes, 0, f.bytes.length, f.wireLen!, f.timeUs);
    writer.close();
    return readFileSync(path);
  });
  for (const littleEndian of [true, false]) {
    const b = new PcapngBuilder(littleEndian).section().interface(1, 0).statistics(0, 1n, 2n);
    frames.forEach((f, i) => {
      if (i % 50 === 0) b.block(4, new Uint8Array(40));
      b.enhanced(0, BigInt(f.timeUs), f.bytes, f.wireLen!);
    });
    made.push(b.bytes());
  }
  return made;
}

function hurt(bytes: Buffer, random: () => number): Buffer {
  const out = Buffer.from(bytes);
  const at = Math.floor(random() * out.length);
  switch (Math.floor(random() * 5)) {
    case 0:
      return out.subarray(0, at);
    case 1:
      for (let n = 1 + random() * 40; n > 0; n--) out[Math.floor(random() * out.length)]! ^= 1 << (random() * 8);
      return out;
    case 2: // lengths that lie
      out.fill(random() < 0.5 ? 0xff : 0, at, at + 4);
      return out;
    case 3: // a stretch lost
      return Buffer.concat([out.subarray(0, at), out.subarray(at + random() * 3000)]);
    default: // a stretch doubled
      return Buffer.concat([out.subarray(0, at), out.subarray(Math.max(0, at - random() * 3000))]);
  }
}

test('four hundred damaged files never throw, never hang, and never give a frame outside the arena', async () => {
  const random = seeded(11);
  const seeds = originals();
  const outcome = { refused: 0, whole: 0, faulty: 0, rows: 0 };
  for (let n = 0; n < 400; n++) {
    let bytes = hurt(seeds[n % seeds.length]!, random);
    // Damage to the packing itself, too.
    if (n % 8 === 0) bytes = hurt(gzipSync(bytes, { level: 1 }), random);
    writeFileSync(path, bytes);
    try {
      const source = openCapture(path);
      for (;;) {
        const got = source.read();
        if (got === 'end') break;
        if (got === 'idle') await source.ready(1000);
        const { start, capLen, wireLen, timeUs, arena, count } = source.batch;
        for (let i = 0; i < count; i++) {
          assert.ok(
            start[i]! + capLen[i]! <= arena.length && wireLen[i]! >= capLen[i]! && timeUs[i]! >= 0,
            `file ${n}`,
          );
        }
        outcome.rows += count;
      }
      if (source.fault() === null) outcome.whole++;
      else outcome.faulty++;
      source.close();
    } catch (error) {
      assert.ok(error instanceof OperatorError, (error as Error).stack);
      assert.equal(error.exit, 65);
      outcome.refused++;
    }
  }
  // Guard against a vacuous pass: each outcome must occur, and most frames must still be read.
  const { refused, whole, faulty, rows } = outcome;
  assert.ok(refused >= 1 && whole > 30 && faulty > 150 && rows > 40_000, JSON.stringify(outcome));
});

test('a file cut anywhere gives exactly the frames before the cut', async () => {
  const random = seeded(12);
  for (const bytes of originals()) {
    writeFileSync(path, bytes);
    const all = await rows();
    let faults = 0;
    for (let n = 0; n < 30; n++) {
      writeFileSync(path, bytes.subarray(0, 200 + Math.floor(random() * (bytes.length - 200))));
      const some = await rows();
      assert.deepEqual(some.rows, all.rows.slice(0, some.rows.length));
      if (some.fault !== null) faults++;
    }
    assert.ok(faults > 25, `${faults} of 30 cuts were noticed`);
  }
});

async function rows(): Promise<{ rows: Row[]; fault: string | null }> {
  const source = openCapture(path);
  const all = await collect(source);
  source.close();
  return { rows: all, fault: source.fault() };
}
