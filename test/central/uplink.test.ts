import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../../src/base/log.js';
import type { SensorsView } from '../../src/central/api/types.js';
import { startCentral } from '../../src/central/central.js';
import { CentralConfig } from '../../src/central/config.js';
import { encodeBatch } from '../../src/record/encode.js';
import { sealBody } from '../../src/record/envelope.js';
import { decodeModel } from '../../src/record/topic-model.js';
import { Spool } from '../../src/spool/spool.js';
import { Uplink } from '../../src/uplink/client.js';
import { fakeBatch } from './support/fake-batches.js';
import { hyparquetRows, tempDir } from './support/lakes.js';
import { Pki } from './support/pki.js';

const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const FLOWS = 20;

test('a real spool and uplink, over TLS with its own certificate: stored once, gaps told, model received', {
  timeout: 90_000,
}, async (t) => {
  const dir = tempDir(t);
  const pki = new Pki(dir);
  const { certificate, key } = pki.issue('server', '/CN=localhost');
  const mine = pki.issue('tap-1', '/CN=tap-1');
  const central = (listen: string) =>
    startCentral(
      CentralConfig.parse({
        data: join(dir, 'central'),
        broker: { listen, tls: { certificate, key, clientCa: pki.ca } },
        console: { listen: '127.0.0.1:0' },
        lake: { commitInterval: '50ms', threads: 1, memory: '256MiB' },
      }),
      { log: silent, version: '0.0.0-test' },
    );
  let running = await central('127.0.0.1:0');
  const port = running.ports.broker!;
  const spool = await Spool.open(join(dir, 'spool'), { limitBytes: 100_000 });
  let sequence = 0;
  const put = async (count: number) => {
    for (; count > 0; count--) {
      const batch = fakeBatch({
        windowFromUs: NOON_US + ++sequence * 60e6,
        flows: FLOWS,
        dns: 5,
        hosts: 5,
        seed: sequence,
      });
      await spool.append(sealBody(encodeBatch(batch)));
    }
  };
  const models: number[] = [];
  const uplink = new Uplink({
    url: `mqtts://127.0.0.1:${port}`,
    ...{ site: 'berlin', sensor: 'tap-1', spool, log: silent, ackTimeoutMs: 1000, statusIntervalMs: 200 },
    tls: {
      ca: readFileSync(pki.ca, 'utf8'),
      cert: readFileSync(mine.certificate, 'utf8'),
      key: readFileSync(mine.key, 'utf8'),
    },
    reconnectMs: { first: 50, most: 200 },
    publicKey: readFileSync(join(dir, 'central/signing.key.pub'), 'utf8'),
    status: () => ({ online: true, site: 'berlin', sensor: 'tap-1', ledger: { 'capture.frames': 12 } }),
    onModel(payload, generation) {
      assert.equal(decodeModel(payload).generation, generation);
      models.push(generation);
    },
  });
  const drained = async () => {
    for (let i = 0; spool.stats().batches > 0; i++) {
      if (i > 1500) assert.fail(`${spool.stats().batches} batches wait: ${JSON.stringify(uplink.stats())}`);
      await sleep(20);
    }
  };
  await put(10);
  uplink.start();
  await drained();
  running.trainer.start();
  await running.trainer.idle();
  for (let i = 0; models.length === 0 && i < 250; i++) await sleep(20);
  assert.deepEqual(models, [1]);

  // While the central is away the spool overflows, and lets go of the oldest.
  await running.stop();
  await put(120);
  const dropped = spool.stats().droppedBatches;
  assert.ok(dropped > 10 && dropped < 120, `${dropped} batches were dropped`);
  running = await central(`127.0.0.1:${port}`);
  await drained();
  const rows = await hyparquetRows(running.lake.dir, 'flow');
  assert.equal(new Set(rows.map((row) => `${Number(row.seq)} ${row.row}`)).size, rows.length, 'a row is there twice');
  assert.equal(rows.length, (sequence - dropped) * FLOWS);
  // A busy machine takes its time to hear a status.
  const sensorsOnce = async (is: (view: SensorsView) => boolean): Promise<SensorsView> => {
    for (let tries = 0; ; tries++) {
      const view = (await (await fetch(`${running.url}/api/sensors`)).json()) as SensorsView;
      if (is(view) || tries >= 200) return view;
      await sleep(50);
    }
  };
  const { sensors } = await sensorsOnce((v) => v.sensors[0]?.online === true && v.sensors[0].missing === dropped);
  const [one] = sensors;
  assert.deepEqual([one!.online, one!.batches, one!.missing], [true, sequence - dropped, dropped]);
  assert.equal(one!.ledger['capture.frames'], 12);
  await uplink.stop();
  const after = await sensorsOnce((v) => v.sensors[0]?.online === false);
  assert.equal(after.sensors[0]!.online, false);
  await spool.close();
  await running.stop();
});
