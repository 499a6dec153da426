import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { listDevices } from '../../src/capture/devices.js';
import { type Addon, addonIfAny, captureVersion, type NativeFilter, type NativeTap } from '../../src/capture/native.js';
import { PcapWriter } from '../../src/capture/write.js';
import { scratch, udp4 } from './support.js';

// A member added to an interface but not here does not compile; a name here that the addon lacks fails below.
const EXPORTS: Record<keyof Addon, true> = {
  Tap: true,
  Filter: true,
  devices: true,
  notify: true,
  libpcapVersion: true,
};
const TAP: Record<keyof NativeTap, true> = {
  start: true,
  drain: true,
  arm: true,
  totals: true,
  dataLink: true,
  frameBytesMax: true,
  nanoseconds: true,
  close: true,
};
const FILTER: Record<keyof NativeFilter, true> = { match: true };

const native = addonIfAny();
const skip = native === null && 'the addon is not built';
const live =
  skip ||
  (native!.libpcapVersion() === null && 'there is no libpcap') ||
  (process.getuid?.() !== 0 && 'live capture needs root');

const members = (prototype: object) => Object.getOwnPropertyNames(prototype).filter((n) => n !== 'constructor');

test('the addon exports what its TypeScript interface says, no more and no less', { skip }, () => {
  assert.deepEqual(Object.keys(native!).sort(), Object.keys(EXPORTS).sort());
  assert.deepEqual(members(native!.Tap.prototype).sort(), Object.keys(TAP).sort());
  assert.deepEqual(members(native!.Filter.prototype).sort(), Object.keys(FILTER).sort());
});

test('arguments of the wrong kind are a TypeError, not a crash', { skip }, () => {
  const n = native as unknown as Record<string, new (...a: unknown[]) => unknown> &
    Record<string, (...a: unknown[]) => unknown>;
  assert.throws(() => new n.Tap!('lo'), TypeError);
  assert.throws(() => new n.Filter!(7), TypeError);
  assert.throws(() => n.notify!('x'), TypeError);
});

test('a filter reads only rows that lie in the arena, and only as many as there is room for', { skip: live }, () => {
  const filter = new native!.Filter('udp', 1, 65_535);
  const arena = udp4(1, 2, 3, 4, 20);
  const keep = new Uint8Array(3).fill(9);
  const start = Uint32Array.of(0, 50, 0xffff_fff0);
  const capLen = Uint32Array.of(arena.length, 4_000_000_000, 64);
  filter.match(arena, start, capLen, capLen, new Float64Array(3), 1000, keep);
  assert.deepEqual([...keep], [1, 0, 0]);
  const loose = filter as unknown as { match(...a: unknown[]): void };
  assert.throws(() => loose.match(arena, start, capLen, capLen, new Float32Array(3), 3, keep), TypeError);
});

test('libpcap tells its version, and the loopback device is found', { skip: live }, () => {
  assert.match(captureVersion()!, /libpcap version/);
  const lo = listDevices().find((d) => d.name === 'lo');
  assert.ok(lo?.loopback && lo.up);
  assert.equal(lo.linkTypeName, 'ethernet');
  assert.ok(lo.addresses.includes('127.0.0.1'));
});

const WORKER = `
const { workerData, parentPort } = require('node:worker_threads');
import(workerData.tap).then(async ({ openTap }) => {
  const tap = openTap({ device: 'lo', snapLen: 256, promiscuous: false, bufferBytes: 1 << 20, filter: null, fanout: null });
  await tap.ready(0);
  parentPort.postMessage('open');
  for (;;) { tap.read(); await tap.ready(60000); }
});
`;

test('worker threads that wait on taps can be ended at any moment, again and again', { skip: live }, async () => {
  const tap = new URL('../../src/capture/tap.js', import.meta.url).href;
  for (let round = 0; round < 3; round++) {
    const workers = Array.from({ length: 3 }, () => new Worker(WORKER, { eval: true, workerData: { tap } }));
    await Promise.all(
      workers.map((w) => new Promise((resolve, reject) => w.once('message', resolve).once('error', reject))),
    );
    await Promise.all(workers.map((w) => w.terminate()));
  }
});

test('a tap that nobody closed does not keep the process, nor crash it at the end', { skip: live }, () => {
  const tap = new URL('../../src/capture/tap.js', import.meta.url).href;
  const script = `import { openTap } from '${tap}';
    let t = openTap({ device: 'lo', snapLen: 256, promiscuous: false, bufferBytes: 1 << 20, filter: null, fanout: null });
    await t.ready(1); t = null; globalThis.gc(); await new Promise((r) => setTimeout(r, 20)); globalThis.gc();`;
  const ran = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    timeout: 10_000,
    encoding: 'utf8',
  });
  assert.equal(ran.status, 0, `${ran.signal} ${ran.stderr}`);
});

test('without libpcap the addon loads and files are read; only live capture and filters name the package', {
  skip: live,
}, (t) => {
  const libraries = execFileSync('sh', ['-c', 'ldconfig -p | sed -n "s/.*libpcap.so.* => //p"'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const hide = [...new Set(libraries.map((l) => realpathSync(l)))]
    .map((l) => `mount --bind /dev/null '${l}'`)
    .join(' && ');
  if (spawnSync('unshare', ['-m', 'sh', '-c', hide]).status !== 0) return t.skip('files cannot be hidden here');
  const path = join(scratch('native'), 'x.pcap');
  const writer = new PcapWriter(path);
  const frame = udp4(1, 2, 3, 4, 5);
  writer.add(frame, 0, frame.length, frame.length, 7);
  writer.close();
  const src = new URL('../../src/capture/', import.meta.url).href;
  const script = `
    import { openTap } from '${src}tap.js'; import { openCapture } from '${src}file.js';
    import { listDevices } from '${src}devices.js'; import { captureVersion, addonIfAny } from '${src}native.js';
    const tried = (f) => { try { f(); return 'fine'; } catch (e) { return e.exit + ' ' + e.message; } };
    const source = openCapture('${path}');
    console.log(JSON.stringify([captureVersion(), addonIfAny() !== null, source.read(), source.batch.count,
      tried(() => openTap({ device: 'lo', snapLen: 256, promiscuous: false, bufferBytes: 1 << 20, filter: null, fanout: null })),
      tried(() => openCapture('${path}', { filter: 'udp' })), tried(listDevices)]));`;
  const ran = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `${hide} && exec "$0" --input-type=module -e "$1"`, process.execPath, script],
    { encoding: 'utf8' },
  );
  assert.equal(ran.status, 0, ran.stderr);
  const [version, loads, read, count, ...refusals] = JSON.parse(ran.stdout) as [
    null,
    boolean,
    string,
    number,
    ...string[],
  ];
  assert.deepEqual([version, loads, read, count], [null, true, 'frames', 1]);
  for (const words of refusals) assert.match(words, /^69 .*needs libpcap.*libpcap0\.8/);
});
