import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { OperatorError } from '../../src/base/errors.js';
import { hasFallback, openFallback } from '../../src/capture/fallback.js';
import { newTally, tallyBatch } from './support.js';

const options = { device: 'lo', snapLen: 65_535, bufferBytes: 4 << 20, filter: 'udp port 40991' };
const skip =
  (process.getuid?.() !== 0 && 'live capture needs root') ||
  (!hasFallback() && 'the optional package cap is absent') ||
  otherNode();

/** cap is compiled for one version of Node.js. */
function otherNode(): string | false {
  try {
    openFallback({ ...options, device: 'nosuch0' }).close();
  } catch (error) {
    if (/different Node\.js version/.test((error as Error).message))
      return 'cap is built for another version of Node.js';
  }
  return false;
}

test('cap gives the frames of a device, and does not pretend to know what was dropped', { skip }, async () => {
  const source = openFallback(options);
  const seen = newTally();
  const socket = createSocket('udp4');
  const beforeUs = Date.now() * 1000;
  try {
    assert.match(source.name, /lo through cap \(drops unknown\)/);
    for (let turn = 0; turn < 200 && seen.frames < 20; turn++) {
      // The child may not be listening yet: send until it does.
      socket.send(Buffer.alloc(100, turn), 40991, '127.0.0.1');
      const got = source.read();
      assert.notEqual(got, 'end', String(source.fault()));
      if (got === 'frames') tallyBatch(seen, source);
      else await source.ready(20);
    }
    assert.ok(seen.frames >= 20, `${seen.frames} frames`);
    assert.equal(seen.wireBytes, seen.frames * 142);
    assert.ok(Math.abs(seen.lastUs - beforeUs) < 30e6);
    const stats = source.stats();
    assert.equal(stats.frames, seen.frames);
    assert.ok(Number.isNaN(stats.droppedRing) && Number.isNaN(stats.droppedInterface));
    assert.equal(source.progress(), null);
  } finally {
    source.close();
    socket.close();
  }
});

test('cap refuses a device that is not there as openTap() does', { skip }, () => {
  assert.throws(
    () => openFallback({ ...options, device: 'nosuch0' }),
    (e) => e instanceof OperatorError && e.exit === 66 && /nosuch0/.test(e.message),
  );
});
