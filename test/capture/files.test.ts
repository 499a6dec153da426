import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OperatorError } from '../../src/base/errors.js';
import { expand } from '../../src/capture/expand.js';
import { openCapture } from '../../src/capture/file.js';
import { openCaptures } from '../../src/capture/files.js';
import { addonIfAny } from '../../src/capture/native.js';
import { PcapWriter } from '../../src/capture/write.js';
import { PcapngBuilder } from './pcapng.js';
import { collect, scratch, udp4 } from './support.js';

const folder = scratch('files');
const noLibpcap = addonIfAny()?.libpcapVersion() == null && 'there is no addon, or no libpcap';

function capture(name: string, firstUs: number, frames = 10): string {
  const path = join(folder, name);
  const writer = new PcapWriter(path);
  for (let n = 0; n < frames; n++) writer.add(udp4(n, 99, 5, 53, 10), 0, 52, 52, firstUs + n);
  writer.close();
  return path;
}

test('a folder stands for the captures in it, told by content, sorted, at any depth', () => {
  const root = join(folder, 'tree');
  mkdirSync(join(root, 'b', 'deep'), { recursive: true });
  const one = capture('tree/z.pcap', 0);
  writeFileSync(join(root, 'b', 'deep', 'no-extension'), gzipSync(readFileSync(one)));
  writeFileSync(join(root, 'notes.pcap'), 'this only has the name of a capture');
  writeFileSync(join(root, 'packed-notes.gz'), gzipSync('neither has this'));
  writeFileSync(join(root, 'empty'), '');
  symlinkSync('..', join(root, 'b', 'loop'));
  symlinkSync('../z.pcap', join(root, 'b', 'a-link'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  const { files, skipped } = expand(['-', root, one]);
  assert.deepEqual(files, ['-', join(root, 'b/a-link'), join(root, 'b/deep/no-extension'), one, one]);
  assert.deepEqual(
    skipped.map((s) => s.path.slice(root.length + 1)),
    ['b/loop', 'empty', 'notes.pcap', 'packed-notes.gz', 'pipe'],
  );
  assert.match(skipped[1]!.reason, /it is empty/);
  assert.match(skipped[2]!.reason, /does not begin like one/);
  assert.match(skipped[3]!.reason, /does not begin like one/);
  assert.equal(skipped[4]!.reason, 'not a regular file');
  assert.throws(
    () => expand([join(folder, 'nowhere')]),
    (e) => e instanceof OperatorError && e.exit === 66,
  );
});

test('several files are one source: frames in order, totals and progress over all', async () => {
  const paths = [capture('1.pcap', 100), capture('2.pcap', 200), capture('3.pcap', 300)];
  const source = openCaptures(paths);
  assert.equal(source.progress()!.done, 0);
  const rows = await collect(source);
  assert.deepEqual(
    rows.map((r) => r.timeUs),
    [100, 200, 300].flatMap((t) => Array.from({ length: 10 }, (_, i) => t + i)),
  );
  assert.equal(source.stats().frames, 30);
  const { done, total } = source.progress()!;
  assert.ok(done === total && total === paths.reduce((n, p) => n + readFileSync(p).length, 0));
  assert.equal(source.fault(), null);
  source.close();
  assert.equal(source.read(), 'end');
});

test('a later file that is damaged, gone or no capture is a fault, and the rest is read', async () => {
  const paths = ['a', 'b', 'c', 'd'].map((name, i) => capture(`${name}.pcap`, i * 100));
  writeFileSync(paths[1]!, readFileSync(paths[1]!).subarray(0, -5));
  writeFileSync(paths[2]!, 'not a capture any more');
  const gone = capture('e.pcap', 400);
  const source = openCaptures([...paths.slice(0, 3), gone, paths[3]!]);
  rmSync(gone);
  const rows = await collect(source);
  assert.equal(rows.length, 29);
  assert.equal(rows.at(-1)!.timeUs, 309);
  const fault = source.fault()!;
  assert.match(fault, /b\.pcap: it is cut short in the middle of frame 10/);
  assert.match(fault, /c\.pcap is not a capture file/);
  assert.match(fault, /There is no file .*e\.pcap/);
  assert.equal(source.stats().frames, 29);
});

test('the faults of very many files are counted, not all told', async () => {
  const good = capture('good.pcap', 0);
  const bad = Array.from({ length: 50 }, (_, i) => join(folder, `bad${i}`));
  for (const path of bad) writeFileSync(path, 'x'.repeat(40));
  const source = openCaptures([good, ...bad]);
  await collect(source);
  assert.match(source.fault()!, /and 45 more files$/);
});

test('what does not exist, or is no capture, is refused before anything is read', () => {
  const good = capture('fine.pcap', 0);
  for (const [paths, exit] of [
    [[good, join(folder, 'missing')], 66],
    [[good, folder], 66],
    [[join(folder, 'bad1'), good], 65],
  ] as const) {
    assert.throws(
      () => openCaptures(paths),
      (e) => e instanceof OperatorError && e.exit === exit,
    );
  }
});

test('standard input and pipes cannot be read by several shards', () => {
  const pipe = join(folder, 'fifo');
  execFileSync('mkfifo', [pipe]);
  for (const path of ['-', pipe]) {
    assert.throws(
      () => openCapture(path, { shard: 0, shards: 2 }),
      (e) => e instanceof OperatorError && e.exit === 64 && /only once/.test(e.message),
    );
  }
});

test('a filter holds over link types, and frames it does not apply to are left out and named', {
  skip: noLibpcap,
}, async () => {
  const frame = udp4(1, 2, 3, 53, 10);
  const b = new PcapngBuilder().section().interface(1, 0).interface(101, 0).interface(147, 0);
  for (let n = 0; n < 10; n++) {
    b.enhanced(0, BigInt(n), frame, frame.length).enhanced(1, BigInt(n), frame.subarray(14), frame.length - 14);
    b.enhanced(2, BigInt(n), frame, frame.length);
  }
  const path = join(folder, 'mixed.pcapng');
  writeFileSync(path, b.bytes());
  const source = openCapture(path, { filter: 'udp port 53' });
  const rows = await collect(source);
  assert.equal(rows.length, 20);
  assert.deepEqual([...new Set(rows.map((r) => r.linkType))], [1, 101]);
  assert.equal(source.stats().filtered, 10);
  assert.match(source.fault()!, /does not apply to link type 147/);
  const none = openCapture(path, { filter: 'udp port 54' });
  assert.equal((await collect(none)).length, 0);
  assert.equal(none.stats().filtered, 30);
});

test('shards and a filter together: each frame is counted once', { skip: noLibpcap }, async () => {
  const path = capture('both.pcap', 0, 500);
  let kept = 0;
  let filtered = 0;
  for (let shard = 0; shard < 3; shard++) {
    const source = openCapture(path, { shard, shards: 3, filter: 'net 0.0.0.0/25' });
    kept += (await collect(source)).length;
    const stats = source.stats();
    filtered += stats.filtered;
    assert.equal(stats.frames + stats.filtered + stats.otherShard, 500);
  }
  assert.equal(kept + filtered, 500);
});

test('a filter with a mistake is refused with 64', { skip: noLibpcap }, () => {
  assert.throws(
    () => openCaptures([capture('f.pcap', 0)], { filter: 'port of call' }),
    (e) => e instanceof OperatorError && e.exit === 64 && /"port of call" is not understood/.test(e.message),
  );
});
