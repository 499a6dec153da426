import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silent } from '../../src/base/log.js';
import { Spool } from '../../src/spool/spool.js';
import { Uplink } from '../../src/uplink/client.js';
import { Prng } from '../support/prng.js';
import { Mosquitto, noMosquitto, sleep, until } from './broker.js';
import { FakeCentral } from './central.js';

test('a sensor killed at any moment loses nothing that it promised, and uses no sequence twice', {
  skip: noMosquitto,
  timeout: 60_000,
}, async () => {
  const prng = new Prng(41);
  const dir = mkdtempSync(join(tmpdir(), 'tapspot-uplink-kill-'));
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const central = new FakeCentral(url);
  await central.ready;
  const promised = new Map<string, string>();
  for (let run = 0; run < 8; run++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'child.js'), dir, url, `run ${run}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const gone = new Promise((resolve) => child.once('close', resolve));
    await until('the child at work', () => out !== '', 20_000);
    await sleep(prng.below(250));
    child.kill('SIGKILL');
    await gone;
    for (const line of out.split('\n').slice(0, -1)) {
      const [sequence, text] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
      assert.equal(promised.get(sequence), undefined, `sequence ${sequence} was promised twice`);
      promised.set(sequence, text);
    }
  }
  // What the last run left behind goes out with the next start.
  const spool = await Spool.open(dir, { limitBytes: 16 * 2 ** 20 });
  const status = () => ({ online: true, site: 'hq', sensor: 'tap1' });
  const uplink = new Uplink({ url, site: 'hq', sensor: 'tap1', spool, status, log: silent, ackTimeoutMs: 300 });
  uplink.start();
  await until('everything at the central', () => spool.stats().batches === 0, 20_000);
  assert.deepEqual(central.problems, []);
  for (const [sequence, text] of promised) {
    assert.equal(central.stored.get(`${spool.epoch}/${sequence}`), text, `sequence ${sequence}`);
  }
  assert.ok(promised.size > 300, `only ${promised.size} batches were promised`);
  await uplink.stop();
  await spool.close();
  await central.close();
  await broker.close();
  rmSync(dir, { recursive: true, force: true });
});
