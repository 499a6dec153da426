import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OperatorError } from '../../src/base/errors.js';
import { openCapture } from '../../src/capture/file.js';
import { pcapFileHeader } from '../../src/capture/write.js';
import { collect, scratch } from './support.js';

const folder = scratch('pcap');

function file(bytes: Uint8Array): string {
  const path = join(folder, 'x.pcap');
  writeFileSync(path, bytes);
  return path;
}

function record(capLen: number, wireLen: number, bytes: number, seconds = 1, fraction = 0): Buffer {
  const head = Buffer.alloc(16 + bytes, 0xee);
  for (const [i, n] of [seconds, fraction, capLen, wireLen].entries()) head.writeUInt32LE(n, 4 * i);
  return head;
}

const whole = [pcapFileHeader(), record(60, 60, 60), record(10, 90, 10)];

test('frames of no bytes, absurd fractions and wire lengths below the captured are handed on', async () => {
  const source = openCapture(file(Buffer.concat([pcapFileHeader(), record(0, 70, 0), record(5, 0, 5, 4e9, 4e9)])));
  const rows = await collect(source);
  assert.deepEqual(
    rows.map((r) => [r.bytes.length / 2, r.wireLen, r.timeUs]),
    [
      [0, 70, 1e6],
      [5, 5, 4e15 + 4e9],
    ],
  );
  assert.equal(source.fault(), null);
  source.close();
});

test('the old numbers of raw IP are folded into LINKTYPE_RAW', async () => {
  for (const linkType of [12, 14, 101]) {
    const source = openCapture(file(Buffer.concat([pcapFileHeader({ linkType }), record(1, 1, 1)])));
    assert.equal((await collect(source))[0]!.linkType, 101);
    source.close();
  }
});

for (const [what, bytes, frames, words] of [
  [
    'cut in a frame',
    Buffer.concat(whole).subarray(0, -3),
    1,
    /x\.pcap: it is cut short in the middle of frame 2, at byte 123/,
  ],
  ['cut in a record header', Buffer.concat(whole).subarray(0, 24 + 76 + 7), 1, /middle of frame 2, at byte 107/],
  [
    'a frame of 2 GB',
    Buffer.concat([...whole, record(2 ** 31, 60, 9)]),
    2,
    /frame 3, at byte 126, claims 2147483648 bytes/,
  ],
] as const) {
  test(`a file with ${what} is read up to there, and the fault names the place`, async () => {
    for (const packed of [bytes, gzipSync(bytes)]) {
      const source = openCapture(file(packed));
      assert.equal((await collect(source)).length, frames);
      assert.match(source.fault()!, words);
      source.close();
    }
  });
}

test('a gzip file that is cut gives every frame before the cut, and says so', async () => {
  const frames = Array.from({ length: 3000 }, (_, i) => {
    const r = record(500, 500, 500, i);
    for (let at = 16; at < r.length; at++) r[at] = (at * 7919 * (i + 1)) >> 5;
    return r;
  });
  const bytes = Buffer.concat([pcapFileHeader(), ...frames]);
  const packed = gzipSync(bytes, { level: 1 });
  for (const keep of [0.3, 0.7, 1 - 4 / packed.length]) {
    const source = openCapture(file(packed.subarray(0, Math.floor(packed.length * keep))));
    const rows = await collect(source);
    assert.ok(rows.length > 3000 * keep * 0.9 - 10, `${rows.length} frames of ${3000 * keep}`);
    assert.match(source.fault()!, /gzip data is damaged/);
    for (const [i, r] of rows.entries()) assert.equal(r.timeUs, i * 1e6);
    source.close();
  }
  const flipped = Buffer.from(packed);
  flipped[packed.length >> 1]! ^= 0x40;
  const source = openCapture(file(flipped));
  assert.ok((await collect(source)).length > 1000);
  assert.notEqual(source.fault(), null);
  source.close();
});

const header = (at: number, ...bytes: number[]) => {
  const h = Buffer.from(pcapFileHeader());
  h.set(bytes, at);
  return h;
};
mkdirSync(join(folder, 'folder'));
for (const [what, path, exit, words] of [
  ['an empty file', () => file(new Uint8Array()), 65, /x\.pcap is not a capture file.*it is empty/],
  ['text', () => file(Buffer.from('#!/bin/sh\necho hello, this is no capture\n')), 65, /does not begin like one/],
  ['half a header', () => file(pcapFileHeader().subarray(0, 20)), 65, /ends within its own header/],
  ['compressed text', () => file(gzipSync('not a capture')), 65, /does not begin like one/],
  ['broken gzip', () => file(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff)), 65, /not a capture/],
  ['a patched pcap', () => file(header(0, 0x34, 0xcd, 0xb2, 0xa1)), 65, /'modified' pcap.*editcap/],
  ['pcap version 3', () => file(header(4, 3, 0)), 65, /pcap version 3/],
  ['no file', () => join(folder, 'nothing'), 66, /There is no file .*nothing/],
  ['a folder', () => join(folder, 'folder'), 66, /is a folder/],
] as const) {
  test(`${what} is refused with ${exit} and a sentence`, () => {
    assert.throws(
      () => openCapture(path()),
      (e) => e instanceof OperatorError && e.exit === exit && words.test(e.message),
    );
  });
}
