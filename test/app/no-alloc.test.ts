import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('a packet that is no handshake and no head costs no heap', () => {
  const bench = fileURLToPath(new URL('../../bench/app/stage.js', import.meta.url));
  // Without a large young generation a collection in the middle makes the answer meaningless.
  const flags = ['--expose-gc', '--predictable', '--min-semi-space-size=128', '--max-semi-space-size=128'];
  const text = execFileSync(process.execPath, [...flags, bench], { encoding: 'utf8' });
  const heap = [...text.matchAll(/heap (-?[\d.]+) bytes a packet/g)].map((m) => Number(m[1]));
  assert.equal(heap.length, 4, text);
  for (const bytes of heap) assert.ok(Math.abs(bytes) < 1, text);
});
