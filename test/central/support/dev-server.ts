import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCentral } from '../../../src/central/central.js';
import { CentralConfig } from '../../../src/central/config.js';
import { fakeBatch } from './fake-batches.js';
import { FakeSensor } from './fake-sensor.js';

/**
 * A real central with a made-up office of two sensors, for work on the console:
 *
 *   node .build/<you>/test/central/support/dev-server.js [port] [minutes of history]
 *
 * It goes on as if time passed: one window of each sensor every few seconds.
 */
const port = Number(process.argv[2] ?? 8080);
const minutes = Number(process.argv[3] ?? 240);
const data = mkdtempSync(join(tmpdir(), 'tapspot-dev-'));
const say = (details: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(details)}\n`);
const central = await startCentral(
  CentralConfig.parse({ data, broker: { listen: '127.0.0.1:0' }, console: { listen: `127.0.0.1:${port}` } }),
  { log: { debug() {}, info: say, warn: say, error: say }, version: '0.0.0-dev' },
);
process.stdout.write(`console on ${central.url}, broker on ${central.ports.broker}, data in ${data}\n`);

const sensors = ['tap-1', 'tap-2'].map((name) => new FakeSensor(central.ports.broker!, 'berlin', name, Date.now()));
await Promise.all(sensors.map((s) => s.connected));
let windowFromUs = Math.floor(Date.now() / 60_000 - minutes) * 60e6;
const nextWindow = () => {
  for (const [i, sensor] of sensors.entries()) {
    sensor.put(fakeBatch({ site: 'berlin', sensor: sensor.sensor, seed: i, windowFromUs }));
    sensor.sayStatus();
  }
  windowFromUs += 60e6;
};
for (let i = 0; i < minutes; i++) nextWindow();
await Promise.all(sensors.map((s) => s.drained()));
process.stdout.write(`${minutes} minutes are in the lake\n`);
central.trainer.start();

let running = true;
process.on('SIGINT', () => {
  running = false;
});
process.on('SIGTERM', () => {
  running = false;
});
for (let turn = 1; running; turn++) {
  await sleep(500);
  if (turn % 10 === 0) nextWindow();
}
await Promise.all(sensors.map((s) => s.close()));
await central.stop();
rmSync(data, { recursive: true, force: true });
