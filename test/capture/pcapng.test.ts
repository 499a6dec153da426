import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCapture } from '../../src/capture/file.js';
import { PcapngBuilder } from './pcapng.js';
import { collect, scratch } from './support.js';

const folder = scratch('pcapng');
const ABC = Uint8Array.of(0xa, 0xb, 0xc);
const T0 = 1_700_000_000_000_000n;

function open(bytes: Uint8Array) {
  const path = join(folder, 'x.pcapng');
  writeFileSync(path, bytes);
  return openCapture(path);
}

/** Rows as 'hex wire time link'. */
async function rowsOf(bytes: Uint8Array) {
  const source = open(bytes);
  const rows = (await collect(source)).map((r) => `${r.bytes} ${r.wireLen} ${r.timeUs} ${r.linkType}`);
  const stats = source.stats();
  source.close();
  return { rows, fault: source.fault(), stats };
}

test('sections in both byte orders each have their own interfaces', async () => {
  const le = new PcapngBuilder(true).section().interface(1, 0).interface(113, 0);
  le.enhanced(1, T0, ABC, 3).enhanced(0, T0 + 1n, ABC, 9);
  const be = new PcapngBuilder(false)
    .section()
    .interface(276, 0)
    .enhanced(0, T0 + 2n, ABC, 3);
  const { rows, fault } = await rowsOf(Buffer.concat([le.bytes(), be.bytes()]));
  assert.equal(fault, null);
  assert.deepEqual(rows, [
    '0a0b0c 3 1700000000000000 113',
    '0a0b0c 9 1700000000000001 1',
    '0a0b0c 3 1700000000000002 276',
  ]);
});

test('a resolution is a power of ten or of two, and an offset is in seconds', async () => {
  const b = new PcapngBuilder().section();
  b.interface(1, 0, b.option(9, Uint8Array.of(0x80 | 10)));
  b.interface(1, 0, b.option(2, Buffer.from('eth7')), b.option(9, Uint8Array.of(3)), b.option(14, b.u64(-5n)));
  b.interface(1, 0, b.option(9, Uint8Array.of(0)));
  b.interface(1, 0, b.option(9, Uint8Array.of(9)));
  b.enhanced(0, 1_700_000_000n * 1024n + 512n, ABC, 3);
  b.enhanced(1, 1_700_000_000_250n, ABC, 3);
  b.enhanced(2, 1_700_000_000n, ABC, 3);
  b.enhanced(3, 1_700_000_000_123_456_750n, ABC, 3);
  const { rows } = await rowsOf(b.bytes());
  assert.deepEqual(
    rows.map((r) => r.split(' ')[2]),
    ['1700000000500000', '1699999995250000', '1700000000000000', '1700000000123456.8'],
  );
});

test('simple and obsolete packet blocks are read, and a simple one takes the time before it', async () => {
  const b = new PcapngBuilder().section().interface(1, 2);
  b.simple(ABC.subarray(0, 2), 40).obsolete(0, T0, ABC, 3).simple(ABC.subarray(0, 1), 1);
  const { rows, fault } = await rowsOf(b.bytes());
  assert.equal(fault, null);
  assert.deepEqual(rows, ['0a0b 40 0 1', '0a0b0c 3 1700000000000000 1', '0a 1 1700000000000000 1']);
});

test('unknown blocks are passed over, also when they are longer than any buffer', async () => {
  const b = new PcapngBuilder().section().block(0x0bad, new Uint8Array(10)).interface(1, 0);
  b.enhanced(0, T0, ABC, 3);
  b.block(0x4000_0bad, new Uint8Array(5 << 20).fill(6));
  b.enhanced(0, T0 + 1n, ABC, 3)
    .block(4, new Uint8Array(600_000))
    .enhanced(0, T0 + 2n, ABC, 3);
  const { rows, fault } = await rowsOf(b.bytes());
  assert.equal(fault, null);
  assert.equal(rows.length, 3);
  const cut = await rowsOf(b.bytes().subarray(0, 3 << 20));
  assert.equal(cut.rows.length, 1);
  assert.match(cut.fault!, /cut short in a block after frame 1, at byte 3145728/);
});

test('what the recording lost is told by its interface statistics', async () => {
  const b = new PcapngBuilder().section().interface(1, 0).interface(1, 0).enhanced(0, T0, ABC, 3);
  assert.ok(Number.isNaN((await rowsOf(b.bytes())).stats.droppedRing));
  b.statistics(0, 3n, 10n).statistics(1, 0n, 5n).statistics(0, 4n, 12n);
  const { stats } = await rowsOf(b.bytes());
  assert.equal(stats.droppedRing, 17);
  assert.equal(stats.droppedInterface, 4);
});

test('frames of no bytes, and wire lengths below what was captured, are handed on', async () => {
  const b = new PcapngBuilder()
    .section()
    .interface(1, 0)
    .enhanced(0, T0, ABC.subarray(0, 0), 60)
    .enhanced(0, T0, ABC, 1);
  const { rows } = await rowsOf(b.bytes());
  assert.deepEqual(rows, [' 60 1700000000000000 1', '0a0b0c 3 1700000000000000 1']);
});

const start = () => new PcapngBuilder().section().interface(1, 0).enhanced(0, T0, ABC, 3);
for (const [what, bytes, words] of [
  ['two lengths that differ', start().block(6, new Uint8Array(32), 40).bytes(), /two lengths of a block differ/],
  ['an interface that was not described', start().enhanced(7, T0, ABC, 3).bytes(), /interface 7 where there are 1/],
  ['a captured length beyond its block', start().enhanced(0, T0, ABC, 3, 5000).bytes(), /claims 5000 bytes in a block/],
  ['a packet block too long for a frame', start().block(6, new Uint8Array(600_000)).bytes(), /a block claims 600012/],
  [
    'a block of 8 bytes',
    start()
      .raw(Buffer.from('0600000008000000'.padEnd(32, '0'), 'hex'))
      .bytes(),
    /claims 8 bytes/,
  ],
  [
    'a block of 4 GB',
    start()
      .raw(Buffer.from('06000000f8ffffff'.padEnd(32, '0'), 'hex'))
      .bytes(),
    /claims 4294967288/,
  ],
  [
    'an unknown block of 4 GB',
    start()
      .raw(Buffer.from('63000000f8ffffff'.padEnd(32, '0'), 'hex'))
      .bytes(),
    /cut short/,
  ],
  ['a section without byte order', start().block(0x0a0d0d0a, new Uint8Array(16)).bytes(), /no byte order/],
  ['a version of the future', start().raw(new PcapngBuilder().section(9).bytes()).bytes(), /pcapng version 9/],
  [
    'a simple packet of no interface',
    start().raw(new PcapngBuilder().section().simple(ABC, 3).bytes()).bytes(),
    /there are 0/,
  ],
  [
    'a frame cut in two',
    start().enhanced(0, T0, new Uint8Array(100), 100).bytes().subarray(0, -60),
    /middle of frame 2/,
  ],
  ['nine bytes of nothing', start().raw(new Uint8Array(9)).bytes(), /middle of frame 2/],
] as const) {
  test(`${what}: what came before is read, and the fault says where it ends`, async () => {
    const { rows, fault } = await rowsOf(bytes);
    assert.equal(rows.length, 1);
    assert.match(fault!, words);
    assert.match(fault!, /x\.pcapng: .*at byte \d+/);
  });
}

test('a file of interfaces alone does not fill the memory', async () => {
  const one = new PcapngBuilder().interface(1, 0).bytes();
  const many = Buffer.concat([new PcapngBuilder().section().bytes(), Buffer.alloc(one.length * 70_000, one)]);
  const { rows, fault } = await rowsOf(many);
  assert.equal(rows.length, 0);
  assert.match(fault!, /more than 65536 interfaces/);
});
