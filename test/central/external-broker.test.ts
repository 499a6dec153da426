import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../../src/base/log.js';
import { startCentral } from '../../src/central/central.js';
import { CentralConfig } from '../../src/central/config.js';
import { verifyDocument } from '../../src/record/signed.js';
import { topics } from '../../src/record/topics.js';
import { fakeBatch } from './support/fake-batches.js';
import { FakeSensor } from './support/fake-sensor.js';
import { hyparquetRows, tempDir } from './support/lakes.js';
import { Pki } from './support/pki.js';

const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const skip = !hasMosquitto() && 'mosquitto is not installed';

function hasMosquitto(): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v mosquitto && command -v mosquitto_passwd']);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function mosquitto(t: TestContext, dir: string, lines: string[], port: number): Promise<ChildProcess> {
  const conf = join(dir, 'mosquitto.conf');
  writeFileSync(conf, [`listener ${port} 127.0.0.1`, 'persistence false', 'user root', ...lines, ''].join('\n'));
  const child = spawn('mosquitto', ['-c', conf], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  for (let i = 0; i < 200; i++) {
    const socket = connect(port, '127.0.0.1');
    const up = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (up) return child;
    await sleep(25);
  }
  return assert.fail('mosquitto does not listen');
}

test('with mosquitto over TLS and a password, batches are stored and acknowledged, and the model is published', {
  skip,
  timeout: 60_000,
}, async (t) => {
  const dir = tempDir(t);
  const pki = new Pki(dir);
  const server = pki.issue('server', '/CN=localhost');
  const mine = pki.issue('central', '/CN=central');
  const theirs = pki.issue('tap-1', '/CN=tap-1');
  const passwords = join(dir, 'passwords');
  writeFileSync(passwords, '');
  execFileSync('mosquitto_passwd', ['-b', passwords, 'central', 'secret']);
  execFileSync('mosquitto_passwd', ['-b', passwords, 'tap-1', 'other']);
  const port = await freePort();
  const tls = [
    `cafile ${pki.ca}`,
    `certfile ${server.certificate}`,
    `keyfile ${server.key}`,
    'require_certificate true',
  ];
  const lines = [...tls, `password_file ${passwords}`, 'allow_anonymous false'];
  const first = await mosquitto(t, dir, lines, port);
  writeFileSync(join(dir, 'password'), 'secret\n');
  const central = await startCentral(
    CentralConfig.parse({
      data: join(dir, 'data'),
      broker: {
        ...{ url: `mqtts://127.0.0.1:${port}`, username: 'central', passwordFile: join(dir, 'password') },
        clientTls: { ca: pki.ca, ...mine },
      },
      console: { listen: '127.0.0.1:0' },
      lake: { commitInterval: '50ms' },
    }),
    { log: silent, version: '0.0.0-test' },
  );
  assert.equal(central.ports.broker, null);
  const pem = { ca: readFileSync(pki.ca), cert: readFileSync(theirs.certificate), key: readFileSync(theirs.key) };
  const sensor = new FakeSensor(`mqtts://127.0.0.1:${port}`, 'berlin', 'tap-1', 7, {
    ...pem,
    username: 'tap-1',
    password: 'other',
  });
  const put = (n: number) => {
    for (; n > 0; n--)
      sensor.put(fakeBatch({ windowFromUs: NOON_US + sensor.next * 60e6, flows: 20, dns: 5, hosts: 5 }));
  };
  put(20);
  await sensor.drained();

  // The broker goes and comes back: nothing is lost, since nothing was forgotten.
  first.kill('SIGKILL');
  await once(first, 'exit');
  put(20);
  await mosquitto(t, dir, lines, port);
  await sensor.drained();
  const rows = await hyparquetRows(central.lake.dir, 'flow');
  assert.equal(rows.length, 40 * 20);
  assert.equal(new Set(rows.map((row) => `${Number(row.seq)} ${row.row}`)).size, rows.length);

  assert.ok(central.trainer.start());
  await central.trainer.idle();
  assert.equal(central.trainer.lastError, null);
  const model = await sensor.retained(topics.control('berlin', 'model'));
  const key = readFileSync(join(dir, 'data/signing.key.pub'), 'utf8');
  assert.equal(verifyDocument(model, key, { kind: 'model', newerThan: 0 }).generation, 1);
  await sensor.close();
  await central.stop();
});
