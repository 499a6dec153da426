import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Prng } from '../support/prng.js';
import { fakeBatch } from './support/fake-batches.js';
import { FakeSensor } from './support/fake-sensor.js';
import { hyparquetRows, tempDir } from './support/lakes.js';

const CHILD = fileURLToPath(new URL('./support/central-child.js', import.meta.url));
const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const KILLS = 8;
const FLOWS = 30;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function start(config: object): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(config)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(() => assert.fail('the central did not start')),
  ]);
  return child;
}

test('a central killed at random moments stores every batch once: none lost, none twice', {
  timeout: 180_000,
}, async (t) => {
  const data = tempDir(t);
  const seed = Number(process.hrtime.bigint() % 100_000n);
  const random = new Prng(seed);
  t.diagnostic(`seed ${seed}`);
  const port = await freePort();
  const config = {
    data,
    broker: { listen: `127.0.0.1:${port}` },
    console: { listen: '127.0.0.1:0' },
    // Small commits, so that there are many moments to be killed at.
    lake: { commitRows: 200, commitInterval: '50ms', threads: 1, memory: '256MiB' },
  };
  let child = await start(config);
  const sensors = ['tap-1', 'tap-2'].map((name) => new FakeSensor(port, 'berlin', name, 1_700_000_000_000));
  let inTheMiddle = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const acked = sensors[0]!.acked;
    for (const sensor of sensors) {
      for (let i = random.between(20, 40); i > 0; i--) {
        const windowFromUs = NOON_US + sensor.next * 60e6;
        sensor.put(fakeBatch({ sensor: sensor.sensor, windowFromUs, flows: FLOWS, dns: 0, hosts: 3, findings: false }));
      }
    }
    // From the first acknowledgement on there is work going on: batches on their way, commits, renames.
    for (let waited = 0; sensors[0]!.acked === acked && waited < 1000; waited++) await sleep(10);
    await sleep(random.below(60));
    if (sensors.some((sensor) => sensor.held.size > 0)) inTheMiddle++;
    child.kill('SIGKILL');
    await once(child, 'exit');
    child = await start(config);
  }
  await Promise.all(sensors.map((s) => s.drained(60_000)));
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, 'a central that is asked to stop stops well');
  await Promise.all(sensors.map((s) => s.close()));

  const rows = new Map<string, number>();
  for (const row of await hyparquetRows(join(data, 'lake'), 'flow')) {
    const key = `${row.sensor} ${Number(row.seq)} ${row.row}`;
    rows.set(key, (rows.get(key) ?? 0) + 1);
  }
  for (const sensor of sensors) {
    for (let sequence = 1; sequence < sensor.next; sequence++) {
      for (let row = 0; row < FLOWS; row++) {
        assert.equal(
          rows.get(`${sensor.sensor} ${sequence} ${row}`),
          1,
          `${sensor.sensor}, batch ${sequence}, row ${row}`,
        );
      }
    }
  }
  assert.equal(
    rows.size,
    sensors.reduce((sum, s) => sum + (s.next - 1) * FLOWS, 0),
  );
  assert.ok(inTheMiddle > 0, `only ${inTheMiddle} of ${KILLS} kills fell into the middle of the work`);
});
