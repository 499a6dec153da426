import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { expand } from '../../src/capture/expand.js';
import { openCapture } from '../../src/capture/file.js';
import { openCaptures } from '../../src/capture/files.js';
import { addonIfAny } from '../../src/capture/native.js';
import { scratch, tally } from './support.js';

const CAPTURES = join(packageRoot(), '..', 'shared', 'data', 'pcap');
const has = (command: string) => spawnSync(command, ['--version']).error === undefined;
const skip =
  (!existsSync(CAPTURES) && 'the labelled captures are not here') ||
  (!has('capinfos') && 'capinfos is not installed') ||
  (!has('xz') && 'xz is not installed');

/** The captures of a kind, unpacked; each is the name of the one it came from without its .xz. */
function unpack(into: string, kinds: readonly string[]): void {
  for (const kind of kinds) {
    const folder = join(CAPTURES, kind);
    execFileSync('sh', [
      '-c',
      `for f in "${folder}"/*.xz; do xz -dc "$f" >"${into}/${kind}__$(basename "$f" .xz)"; done`,
    ]);
  }
}

test('every labelled capture counts as capinfos counts it', { skip }, async () => {
  const folder = scratch('corpus');
  unpack(folder, readdirSync(CAPTURES));
  const { files, skipped } = expand([folder]);
  assert.deepEqual(skipped, []);
  assert.ok(files.length >= 160, `only ${files.length} captures`);
  // Per file: name, packets, bytes on the wire, first and last time.
  const table = execFileSync('capinfos', ['-MTrScdae', ...files], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  const lines = table.trim().split('\n');
  assert.equal(lines.length, files.length);
  for (const line of lines) {
    const [name, packets, bytes, first, last] = line.split('\t');
    const source = openCapture(name!);
    const got = await tally(source);
    assert.equal(source.fault(), null, name);
    assert.equal(got.frames, Number(packets), `${name}: frames`);
    assert.equal(got.wireBytes, Number(bytes), `${name}: bytes`);
    if (got.frames > 0) {
      assert.ok(Math.abs(got.firstUs - Number(first) * 1e6) < 2, `${name}: first ${got.firstUs} is not ${first}`);
      assert.ok(Math.abs(got.lastUs - Number(last) * 1e6) < 2, `${name}: last ${got.lastUs} is not ${last}`);
    }
    source.close();
  }
});

test('a folder of xz files is read in place, as one source', { skip }, async () => {
  const folder = join(CAPTURES, 'dns-exfil');
  const { files, skipped } = expand([folder]);
  assert.deepEqual(skipped, []);
  assert.deepEqual(
    files,
    readdirSync(folder)
      .sort()
      .map((n) => join(folder, n)),
  );
  const all = openCaptures(files);
  const together = await tally(all);
  let frames = 0;
  let digest = 0;
  for (const path of files) {
    const one = openCapture(path);
    const part = await tally(one);
    frames += part.frames;
    digest = (digest + part.digest) >>> 0;
    one.close();
  }
  assert.equal(together.frames, frames);
  assert.equal(together.digest, digest);
  assert.equal(all.fault(), null);
  const { done, total } = all.progress()!;
  assert.equal(done, total);
});

const noFilter =
  skip ||
  (!has('tcpdump') && 'tcpdump is not installed') ||
  (addonIfAny()?.libpcapVersion() == null && 'there is no libpcap');
test('a filter keeps what tcpdump keeps', { skip: noFilter }, async () => {
  const folder = scratch('filter-corpus');
  unpack(folder, ['benign-apps']);
  let kept = 0;
  for (const filter of ['udp port 53', 'tcp[tcpflags] & tcp-syn != 0', 'ip6 or greater 1000', 'not ip']) {
    for (const path of expand([folder]).files.slice(0, 25)) {
      const source = openCapture(path, { filter });
      const got = await tally(source);
      const stats = source.stats();
      source.close();
      const said = execFileSync('tcpdump', ['-r', path, '--count', filter], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      assert.equal(got.frames, Number(/^(\d+) packet/m.exec(said)?.[1]), `${path}: ${filter}`);
      assert.equal(stats.frames, got.frames);
      assert.ok(stats.filtered > 0 || got.frames > 0 || source.fault() === null);
      kept += got.frames;
    }
  }
  assert.ok(kept > 1000, `only ${kept} frames were kept at all`);
});
