import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { FaultySource } from '../../src/capture/faults.js';
import { openCapture } from '../../src/capture/file.js';
import { MemorySource } from '../../src/capture/memory.js';
import { type PcapFormat, PcapWriter } from '../../src/capture/write.js';
import { PcapngBuilder } from './pcapng.js';
import { collect, type Row, scratch, someFrames } from './support.js';

const folder = scratch('sources');
const frames = someFrames(2000, 7);
const expected = await collect(new MemorySource(frames));

function pcap(name: string, format: PcapFormat): string {
  const path = join(folder, name);
  const writer = new PcapWriter(path, format);
  for (const f of frames) writer.add(f.bytes, 0, f.bytes.length, f.wireLen!, f.timeUs);
  writer.close();
  return path;
}

function pcapng(name: string, littleEndian: boolean, resolution: number | null, ticksPerUs: bigint): string {
  const b = new PcapngBuilder(littleEndian).section();
  b.interface(1, 0, ...(resolution === null ? [] : [b.option(9, Uint8Array.of(resolution))]));
  for (const f of frames) b.enhanced(0, BigInt(f.timeUs) * ticksPerUs, f.bytes, f.wireLen!);
  return file(name, b.bytes());
}

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const plain = pcap('us-le.pcap', {});
const bytes = readFileSync(plain);
const half = bytes.length >> 1;

function packed(command: string, name: string): string {
  return file(name, execFileSync(command, ['-c', plain], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }));
}
const missing = (command: string) =>
  spawnSync(command, ['--version']).error !== undefined && `${command} is not installed`;

/** Everything that must give the same rows, and how it is made. */
const SOURCES: [string, () => string, (string | false)?][] = [
  ['a microsecond file, little endian', () => plain],
  ['a microsecond file, big endian', () => pcap('us-be.pcap', { bigEndian: true })],
  ['a nanosecond file, little endian', () => pcap('ns-le.pcap', { nanoseconds: true })],
  ['a nanosecond file, big endian', () => pcap('ns-be.pcap', { nanoseconds: true, bigEndian: true })],
  ['a pcapng file, little endian', () => pcapng('le.pcapng', true, null, 1n)],
  ['a pcapng file, big endian', () => pcapng('be.pcapng', false, null, 1n)],
  ['a pcapng file in nanoseconds', () => pcapng('ns.pcapng', true, 9, 1000n)],
  ['a pcapng file in tenths of nanoseconds', () => pcapng('tenths.pcapng', true, 10, 10_000n)],
  ['a gzip file', () => file('one.pcap.gz', gzipSync(bytes))],
  [
    'a gzip file of two members',
    () => file('two.pcap.gz', Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))])),
  ],
  ['a gzip file with a name that says nothing', () => file('nameless', gzipSync(bytes))],
  ['an xz file', () => packed('xz', 'one.pcap.xz'), missing('xz')],
  ['a zstd file', () => packed('zstd', 'one.pcap.zst'), missing('zstd')],
  ['a bzip2 file', () => packed('bzip2', 'one.pcap.bz2'), missing('bzip2')],
  ['an lz4 file', () => packed('lz4', 'one.pcap.lz4'), missing('lz4')],
];

/** Above nanoseconds the stamps go through a double: a microsecond is the best that can be asked. */
function same(got: Row[], name: string): void {
  assert.equal(got.length, expected.length);
  const rounded = name.includes('tenths') ? got.map((r) => ({ ...r, timeUs: Math.round(r.timeUs) })) : got;
  assert.deepEqual(rounded, expected);
}

for (const [name, make, skip] of SOURCES) {
  test(`${name} gives the frames that were put in`, { skip }, async () => {
    const source = openCapture(make());
    same(await collect(source), name);
    assert.equal(source.fault(), null);
    assert.equal(source.read(), 'end', 'the end is final');
    const { frames: count, wireBytes } = source.stats();
    assert.equal(count, expected.length);
    assert.equal(
      wireBytes,
      expected.reduce((n, r) => n + r.wireLen, 0),
    );
    const progress = source.progress();
    assert.ok(progress !== null && progress.done === progress.total && progress.total > 0, JSON.stringify(progress));
    source.close();
    source.close();
  });
}

test('a named pipe gives the frames that are written to it', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const cat = spawn('sh', ['-c', `(head -c 1; sleep 0.05; head -c 9999; sleep 0.05; cat) <'${plain}' >'${pipe}'`]);
  const source = openCapture(pipe);
  same(await collect(source), 'pipe');
  assert.equal(source.progress(), null);
  assert.equal(source.fault(), null);
  source.close();
  cat.kill();
});

const CHILD = fileURLToPath(new URL('./stdin-child.js', import.meta.url));
for (const [name, input, redirect] of [
  ['a pipe', () => bytes, false],
  ['a pipe of gzip', () => gzipSync(bytes), false],
  ['a pipe of xz', () => readFileSync(packed('xz', 'stdin.xz')), false],
  ['a file as standard input', () => bytes, true],
] as const) {
  test(`standard input that is ${name} is read`, { skip: name.includes('xz') && missing('xz') }, () => {
    const path = file('stdin', input());
    const [command, ...args] = redirect
      ? ['sh', '-c', `"${process.execPath}" "${CHILD}" <"${path}"`]
      : ['sh', '-c', `cat "${path}" | "${process.execPath}" "${CHILD}"`];
    const ran = spawnSync(command, args, { encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    const {
      frames: count,
      last,
      fault,
    } = JSON.parse(ran.stdout) as { frames: number; last: Row; fault: string | null };
    assert.equal(fault, null);
    assert.equal(count, expected.length);
    assert.deepEqual(last, expected.at(-1));
  });
}

test('standard input that is no capture ends with a fault that says so', () => {
  const ran = spawnSync(process.execPath, [CHILD], { encoding: 'utf8', input: 'nothing of the kind\n'.repeat(9) });
  assert.match(ran.stdout, /standard input is not a capture file/);
});

test('the faults of a seed are the same each time, and the books say what was done', async () => {
  const spoil = () => new FaultySource(new MemorySource(frames), { seed: 5, drop: 0.1, truncate: 0.2, flip: 0.3 });
  const [one, two] = [spoil(), spoil()];
  const rows = await collect(one);
  assert.deepEqual(await collect(two), rows);
  assert.equal(rows.length + one.dropped, frames.length);
  assert.ok(one.dropped > 100 && one.truncated > 200 && one.flipped > 300);
  assert.equal(one.stats().frames, rows.length);
  const untouched = await collect(new FaultySource(new MemorySource(frames), { seed: 5 }));
  assert.deepEqual(untouched, expected);
});
