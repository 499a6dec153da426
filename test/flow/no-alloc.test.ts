import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

// A scavenge in the middle would make the heap's growth meaningless, so the measurement runs in a process of its own
// with a new space that is never filled and an engine that does nothing on the side.
const FLAGS = ['--expose-gc', '--predictable', '--min-semi-space-size=128', '--max-semi-space-size=128'];

test('a packet costs no heap from frame to flow', () => {
  const child = fileURLToPath(new URL('../support/flow-alloc.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [...FLAGS, child], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const measured = JSON.parse(stdout) as { bytesPerPacket: number; packets: number; flows: number; control: number };
  assert.ok(measured.packets >= 20_000 && measured.flows > 500, stdout);
  assert.ok(measured.control > 16, `the measurement does not see an object a packet: ${stdout}`);
  assert.ok(measured.bytesPerPacket < 1, stdout);
});
