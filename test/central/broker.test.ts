import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as tcp } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { silent } from '../../src/base/log.js';
import { type BrokerOptions, EmbeddedBroker } from '../../src/central/broker/broker.js';
import { CONNECT_BYTES_MAX, PacketGuard } from '../../src/central/broker/guard.js';
import { mayListen, mayPublish } from '../../src/central/broker/rights.js';
import { userLine } from '../../src/central/broker/users.js';
import { topics } from '../../src/record/topics.js';
import { Prng } from '../support/prng.js';
import { tempDir } from './support/lakes.js';
import { Pki } from './support/pki.js';

async function brokerFor(t: TestContext, more: Partial<BrokerOptions> = {}): Promise<EmbeddedBroker> {
  const listen = { host: '127.0.0.1', port: 0 };
  const broker = await EmbeddedBroker.start({ listen, maxClients: 20, maxSensors: 5, ...more }, silent);
  t.after(() => broker.close());
  return broker;
}

async function client(t: TestContext, url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const it = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...options }, false);
  it.on('error', () => {});
  t.after(() => it.endAsync(true));
  return it;
}

/** Whether a publication is taken; a broker of MQTT 3.1.1 can only hang up. */
async function taken(by: MqttClient, topic: string, payload: string | Buffer, retain = false): Promise<boolean> {
  const closed = once(by as unknown as EventEmitter, 'close').then(() => false);
  const acknowledged = by.publishAsync(topic, payload, { qos: 1, retain }).then(
    () => true,
    () => false,
  );
  return Promise.race([closed, acknowledged]);
}

test('the packet guard lets through exactly what is within the length, however it is cut up', () => {
  let refused = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Prng(seed);
    const max = random.between(10, 3000);
    const parts: Uint8Array[] = [];
    let fits = true;
    for (let i = random.between(1, 6); i > 0; i--) {
      const length = random.pick([0, 1, 127, 128, random.below(4000)]);
      const header = [0x30];
      for (let n = length; ; n = Math.floor(n / 128)) {
        header.push(n >= 128 ? (n % 128) | 128 : n);
        if (n < 128) break;
      }
      parts.push(Uint8Array.from(header), random.bytes(length));
      fits &&= length <= max;
    }
    const all = Buffer.concat(parts);
    const guard = new PacketGuard(max);
    let admitted = true;
    for (let at = 0; at < all.length && admitted; ) {
      const n = random.between(1, 500);
      admitted = guard.admit(all.subarray(at, at + n));
      at += n;
    }
    if (!fits) refused++;
    assert.equal(admitted, fits, `seed ${seed}`);
  }
  assert.ok(refused > 50 && refused < 280);
  assert.ok(!new PacketGuard(1e9).admit(Uint8Array.of(0x30, 255, 255, 255, 255, 1)), 'a length of five bytes');
  assert.ok(!new PacketGuard(2 ** 27).admit(Uint8Array.of(0x10, 255, 255, 255, 127)), 'a CONNECT of 256 MiB');
  assert.ok(CONNECT_BYTES_MAX < 2 ** 20);
});

test('who has proved a name may speak and listen only as that name', () => {
  const own = topics.batch('berlin', 'tap-1');
  assert.equal(mayPublish('tap-1', own), 'batch');
  assert.equal(mayPublish('berlin/tap-1', topics.status('berlin', 'tap-1')), 'status');
  assert.equal(mayPublish('paris/tap-1', own), null);
  assert.equal(mayPublish('tap-2', own), null);
  for (const topic of [
    topics.ack('berlin', 'tap-1'),
    topics.control('berlin', 'model'),
    `${own}/x`,
    'x',
    '$SYS/x',
    '',
  ]) {
    assert.equal(mayPublish('tap-1', topic), null, topic);
    assert.equal(mayPublish(null, topic), null, topic);
  }
  assert.ok(mayListen('tap-1', topics.ack('berlin', 'tap-1')));
  assert.ok(mayListen('tap-1', topics.control('berlin', 'model')));
  assert.ok(mayListen('berlin/tap-1', 'tapspot/v1/berlin/control/+'));
  for (const topic of [
    '#',
    'tapspot/#',
    'tapspot/v1/+/+/batch',
    topics.batch('berlin', 'tap-2'),
    'tapspot/v1/+/control/model',
  ]) {
    assert.ok(!mayListen('tap-1', topic), topic);
  }
  assert.ok(!mayListen('berlin/tap-1', topics.control('paris', 'model')));
});

test('an open broker on loopback takes batches and statuses, keeps only statuses, and only of so many sensors', async (t) => {
  const broker = await brokerFor(t);
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const one = await client(t, url);
  assert.ok(await taken(one, topics.batch('s', 'a'), 'batch', true));
  assert.ok(await taken(one, topics.status('s', 'a'), 'status', true));
  const late = await client(t, url);
  const heard: string[] = [];
  late.on('message', (topic) => heard.push(topic));
  await late.subscribeAsync('tapspot/#', { qos: 1 });
  await sleep(100);
  assert.deepEqual(heard, [topics.status('s', 'a')]);

  for (const topic of [topics.ack('s', 'a'), topics.control('s', 'model'), 'anything']) {
    assert.ok(!(await taken(await client(t, url), topic, 'x', true)), topic);
  }
  assert.ok(!(await taken(await client(t, url), topics.status('s', 'big'), Buffer.alloc(70_000), true)));
  for (let i = 0; i < 4; i++) assert.ok(await taken(one, topics.status('s', `b${i}`), 'x', true));
  assert.ok(!(await taken(one, topics.status('s', 'one-too-many'), 'x', true)));
  assert.ok(broker.refused >= 5);
});

test('it holds out against connections that say nothing, too much, or nonsense', async (t) => {
  const broker = await brokerFor(t, { maxClients: 5 });
  const random = new Prng(5);
  for (let i = 0; i < 40; i++) {
    const socket = tcp(broker.port, '127.0.0.1');
    socket.on('error', () => {});
    const bytes = random.chance(0.5) ? random.bytes(random.between(1, 2000)) : Buffer.from([0x10, 255, 255, 255, 127]);
    socket.write(bytes);
    await sleep(5);
    socket.destroy();
  }
  const claims = tcp(broker.port, '127.0.0.1');
  claims.on('error', () => {});
  claims.write(Buffer.from([0x10, 255, 255, 255, 127]));
  await Promise.race([
    once(claims, 'close'),
    sleep(5000).then(() => assert.fail('a packet of 256 MiB was waited for')),
  ]);
  await sleep(50);
  const honest = await client(t, `mqtt://127.0.0.1:${broker.port}`);
  assert.ok(await taken(honest, topics.batch('s', 'a'), 'x'));
  await assert.rejects(
    client(t, `mqtt://127.0.0.1:${broker.port}`, { clientId: 'x'.repeat(300), connectTimeout: 1000 }),
  );
});

test('with user names, a sensor needs its password and is held to its name', async (t) => {
  const users = join(tempDir(t), 'users');
  writeFileSync(users, `# sensors\n${await userLine('tap-1', 'right')}\n${await userLine('berlin/tap-2', 'also')}\n`);
  const broker = await brokerFor(t, { users });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const one = await client(t, url, { username: 'tap-1', password: 'right' });
  assert.ok(await taken(one, topics.batch('berlin', 'tap-1'), 'x'));
  await one.subscribeAsync(topics.ack('berlin', 'tap-1'), { qos: 1 });
  await assert.rejects(one.subscribeAsync(topics.ack('berlin', 'tap-2'), { qos: 1 }), /Subscribe error/);
  assert.ok(!(await taken(one, topics.batch('berlin', 'tap-2'), 'x')));
  const two = await client(t, url, { username: 'berlin/tap-2', password: 'also' });
  assert.ok(await taken(two, topics.batch('berlin', 'tap-2'), 'x'));
  assert.ok(!(await taken(two, topics.batch('paris', 'tap-2'), 'x')));
  for (const [username, password] of [
    ['tap-1', 'wrong'],
    ['nobody', 'right'],
  ] as const) {
    await assert.rejects(client(t, url, { username, password }), /not authorized|Not authorized|Bad username/i);
  }
  await assert.rejects(client(t, url), /not authorized/i);
  writeFileSync(users, 'tap-1:plain:text\n');
  await assert.rejects(
    EmbeddedBroker.start({ listen: { host: '127.0.0.1', port: 0 }, users, maxClients: 1, maxSensors: 1 }, silent),
    {
      code: 'BROKER_USERS',
      message: /:1: /,
    },
  );
});

test('with client certificates, the common name is the sensor, and strangers are turned away', async (t) => {
  const dir = tempDir(t);
  const pki = new Pki(dir);
  const server = pki.issue('server', '/CN=localhost');
  const broker = await brokerFor(t, { tls: { ...server, clientCa: pki.ca } });
  const url = `mqtts://127.0.0.1:${broker.port}`;
  const ca = readFileSync(pki.ca);
  const as = (name: string, of = pki) => {
    const { certificate, key } = of.issue(name.replace(/\W/g, '-'), `/CN=${name}`);
    return { ca, cert: readFileSync(certificate), key: readFileSync(key) };
  };
  const one = await client(t, url, as('tap-1'));
  assert.ok(await taken(one, topics.batch('berlin', 'tap-1'), 'x'));
  assert.ok(!(await taken(one, topics.batch('berlin', 'tap-2'), 'x')), 'it must not speak for another sensor');
  await assert.rejects(client(t, url, { ca, connectTimeout: 2000 }), 'without a certificate');
  const stranger = as('tap-1', new Pki(dir, 'other'));
  await assert.rejects(client(t, url, { ...stranger, connectTimeout: 2000 }), 'of another authority');
  const plain = connect(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0, connectTimeout: 1000 });
  plain.on('error', () => {});
  await once(plain as unknown as EventEmitter, 'close');
  await plain.endAsync(true);
});

test('a port that is taken is told with what to do', async (t) => {
  const broker = await brokerFor(t);
  const listen = { host: '127.0.0.1', port: broker.port };
  await assert.rejects(EmbeddedBroker.start({ listen, maxClients: 1, maxSensors: 1 }, silent), {
    code: 'BROKER_LISTEN',
    message: /listens there already.*broker\.url/,
  });
});
