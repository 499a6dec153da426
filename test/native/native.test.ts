import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';

const SANITISED = [
  '-std=c++20',
  '-g',
  '-O1',
  '-fno-omit-frame-pointer',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover',
];
const skip =
  (spawnSync('g++', ['--version']).error !== undefined && 'g++ is not installed') ||
  (!existsSync('/usr/include/pcap/pcap.h') && 'the headers of libpcap are not installed');

test('the C++ below the addon is clean under AddressSanitizer and UBSan', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tapspot-native-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'native_test');
  const sources = ['libpcap', 'tap', 'filter', 'devices', 'notify'].map((n) =>
    join(packageRoot(), 'native', `${n}.cc`),
  );
  const test = join(packageRoot(), 'test', 'native', 'native_test.cc');
  const built = spawnSync('g++', [...SANITISED, test, ...sources, '-ldl', '-o', program], { encoding: 'utf8' });
  if (/cannot find .*(asan|ubsan)/.test(built.stderr)) return t.skip('the sanitizers are not installed');
  assert.equal(built.status, 0, built.stderr);

  // A network namespace of its own, where nobody else sends; without the right to make one, only what needs none.
  const live = ['-n', 'sh', '-c', `ip link set lo up && exec '${program}' live`];
  const isolated = spawnSync('unshare', ['-n', 'true']).status === 0;
  const ran = isolated
    ? spawnSync('unshare', live, { encoding: 'utf8' })
    : spawnSync(program, [], { encoding: 'utf8' });
  const words = ran.stdout + ran.stderr;
  assert.equal(ran.status, 0, words);
  assert.doesNotMatch(words, /FAILED|ERROR: |runtime error/);
  assert.ok((words.match(/^ok /gm) ?? []).length >= (isolated ? 15 : 6), words);
  if (!isolated) t.diagnostic('without the right to make a network namespace, live capture was left out');
});
