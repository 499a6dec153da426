import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('a DNS message costs no heap, from packet to row', () => {
  const bench = fileURLToPath(new URL('../../bench/dns/stage.js', import.meta.url));
  // Without a large young generation a collection in the middle makes the answer meaningless.
  const flags = ['--expose-gc', '--predictable', '--min-semi-space-size=128', '--max-semi-space-size=128'];
  const text = execFileSync(process.execPath, [...flags, bench], { encoding: 'utf8' });
  const heap = /heap (-?[\d.]+) bytes a message/.exec(text);
  assert.ok(heap !== null, text);
  assert.ok(Math.abs(Number(heap[1])) < 1, text);
});
