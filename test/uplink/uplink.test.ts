import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Aedes } from 'aedes';
import type { Log } from '../../src/base/log.js';
import { encodeAck } from '../../src/record/ack.js';
import { sealBody } from '../../src/record/envelope.js';
import { signDocument } from '../../src/record/signed.js';
import type { SensorStatus } from '../../src/record/status.js';
import { topics } from '../../src/record/topics.js';
import { Spool } from '../../src/spool/spool.js';
import { Uplink, type UplinkOptions } from '../../src/uplink/client.js';
import { Prng } from '../support/prng.js';
import { freePort, Mosquitto, makeCertificates, noMosquitto, sleep, until } from './broker.js';
import { FakeCentral } from './central.js';

const root = mkdtempSync(join(tmpdir(), 'tapspot-uplink-'));
after(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const open: { stop(): unknown }[] = [];
after(async () => {
  for (const thing of open) await thing.stop();
});

interface Bench {
  spool: Spool;
  uplink: Uplink;
  lines: string[];
  say(texts: string[]): Promise<void>;
}

/** A spool and its uplink, with short waits. */
async function bench(url: string, options: Partial<UplinkOptions> = {}): Promise<Bench> {
  const spool = options.spool ?? (await Spool.open(join(root, `spool${made++}`), { limitBytes: 16 * 2 ** 20 }));
  const lines: string[] = [];
  const line = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  const log: Log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const status = (): SensorStatus => ({ online: true, site: 'hq', sensor: 'tap1', version: '0' });
  const uplink = new Uplink({
    url, site: 'hq', sensor: 'tap1', spool, status, log,
    ackTimeoutMs: 300, statusIntervalMs: 60_000, reconnectMs: { first: 20, most: 200 },
    connectTimeoutMs: 500,
    ...options,
  }); // biome-ignore format: as short
  open.push(uplink);
  const say = async (texts: string[]) => {
    await Promise.all(texts.map((t) => spool.append(sealBody(Buffer.from(t)))));
  };
  return { spool, uplink, lines, say };
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `batch ${1000 + from + i}`);

test('what is spooled arrives, is acknowledged and let go; the status tells of coming and going', {
  skip: noMosquitto,
}, async () => {
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const central = new FakeCentral(url, { protocolVersion: 5 });
  await central.ready;
  const { spool, uplink, lines, say } = await bench(url);
  await say(names(0, 100));
  uplink.start();
  await until('the first hundred', () => spool.stats().batches === 0);
  await say(names(100, 200));
  await uplink.stop({ drainMs: 5000 });
  assert.deepEqual(central.bodies(), names(0, 200));
  assert.deepEqual(central.problems, []);
  assert.equal(central.duplicates, 0, 'nothing was sent twice without a reason');
  const stats = uplink.stats();
  assert.deepEqual([stats.protocol, stats.sent, stats.repeated, stats.connections], [5, 200, 0, 1]);
  await until('the last status', () => central.statuses.at(-1)?.online === false);
  assert.deepEqual([central.statuses[0]?.online, central.statuses[0]?.version], [true, '0']);
  assert.equal(central.statuses.at(-1)?.version, '0', 'a farewell, not the will');
  assert.deepEqual(lines, [`info connected to ${url} with MQTT 5`]);
  await spool.close();
  await central.close();
  await broker.close();
});

test('a broker of MQTT 3.1.1 only is spoken to in 3.1.1, and remembered', async () => {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`;
  const central = new FakeCentral(url);
  await central.ready;
  const { spool, uplink, lines, say } = await bench(url);
  uplink.start();
  await say(names(0, 50));
  await until('fifty', () => spool.stats().batches === 0);
  assert.equal(uplink.stats().protocol, 4);
  assert.deepEqual(lines, [`info connected to ${url} with MQTT 3.1.1`]);
  for (const client of Object.values((aedes as unknown as { clients: Record<string, { conn: Socket }> }).clients)) {
    client.conn.destroy();
  }
  await until('a second connection', () => uplink.stats().connections === 2);
  await say(names(50, 60));
  await until('the rest', () => spool.stats().batches === 0);
  assert.deepEqual(central.bodies(), names(0, 60));
  await uplink.stop();
  await spool.close();
  await central.close();
  await new Promise<void>((resolve) => aedes.close(resolve));
  server.close();
});

test('a broker killed at any moment, again and again, loses nothing', { skip: noMosquitto }, async () => {
  const prng = new Prng(11);
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const central = new FakeCentral(url);
  await central.ready;
  const { spool, uplink, say } = await bench(url);
  uplink.start();
  const total = 1200;
  let said = 0;
  for (let kills = 0; kills < 6; kills++) {
    while (said < ((kills + 1) * total) / 6) {
      await say(names(said, said + 20));
      said += 20;
      if (prng.chance(0.3)) await sleep(prng.below(8));
    }
    await broker.kill();
    await sleep(prng.below(60));
    await broker.start();
    await sleep(prng.below(300));
  }
  await until('everything at the central', () => spool.stats().batches === 0, 15_000);
  assert.deepEqual(central.bodies(), names(0, total));
  assert.deepEqual(central.problems, []);
  assert.ok(uplink.stats().connections >= 3, `only ${uplink.stats().connections} connections`);
  await uplink.stop();
  await spool.close();
  await central.close();
  await broker.close();
});

test('acknowledgements may be lost: the oldest is sent again until one comes through', {
  skip: noMosquitto,
}, async () => {
  const prng = new Prng(12);
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const central = new FakeCentral(url);
  await central.ready;
  central.answers = () => prng.chance(0.25);
  const { spool, uplink, say } = await bench(url, { ackTimeoutMs: 40 });
  uplink.start();
  await say(names(0, 300));
  await until('everything acknowledged', () => spool.stats().batches === 0, 15_000);
  assert.deepEqual(central.bodies(), names(0, 300));
  assert.ok(central.duplicates > 0 && uplink.stats().ackTimeouts > 0, 'no acknowledgement was missed at all');
  // A busy machine adds time-outs of its own; what must not be is the whole window again at each of them.
  const { repeated, ackTimeouts } = uplink.stats();
  assert.ok(repeated < 300 + 20 * ackTimeouts, `${repeated} repeats at ${ackTimeouts} time-outs`);
  await uplink.stop();
  await spool.close();
  await central.close();
  await broker.close();
});

test('a central that is away costs one envelope a try, and is said', { skip: noMosquitto }, async () => {
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const { spool, uplink, say } = await bench(url, { ackTimeoutMs: 60 });
  uplink.start();
  await say(names(0, 200));
  await until('a few tries', () => uplink.stats().ackTimeouts >= 3);
  const { sent, repeated } = uplink.stats();
  assert.equal(sent, 64, 'never more than the window');
  // A new connection sends the window once more; a time-out only the oldest.
  const { ackTimeouts, connections } = uplink.stats();
  assert.ok(
    repeated <= ackTimeouts + 64 * connections,
    `${repeated} repeats, ${ackTimeouts} time-outs, ${connections} connections`,
  );
  assert.match(uplink.health().join(), /central does not acknowledge/);
  const central = new FakeCentral(url);
  await until('everything', () => spool.stats().batches === 0);
  assert.deepEqual(central.bodies(), names(0, 200));
  assert.deepEqual(uplink.health(), []);
  await uplink.stop();
  await spool.close();
  await central.close();
  await broker.close();
});

test('what the spool had to drop is not waited for', { skip: noMosquitto }, async () => {
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const spool = await Spool.open(join(root, `spool${made++}`), { limitBytes: 64 * 1024 });
  const { uplink } = await bench(url, { spool });
  for (let n = 0; n < 100; n++) await spool.append(sealBody(Buffer.alloc(2000, `batch ${n} `), 'identity'));
  const { batches, droppedBatches } = spool.stats();
  assert.ok(droppedBatches > 50);
  const central = new FakeCentral(url);
  await central.ready;
  uplink.start();
  await until('what is left', () => spool.stats().batches === 0);
  assert.equal(central.stored.size, batches);
  assert.equal(uplink.stats().ackTimeouts, 0, 'the gap was told with the first envelope');
  await uplink.stop();
  await spool.close();
  await central.close();
  await broker.close();
});

test('models are taken when they are newer and signed by the right key, and no other', {
  skip: noMosquitto,
}, async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const central = new FakeCentral(url);
  await central.ready;
  const topic = topics.control('hq', 'model');
  const publish = (bytes: Uint8Array) =>
    central.client.publishAsync(topic, Buffer.from(bytes), { qos: 1, retain: true });
  const big = Buffer.alloc(3_000_000, '{"phi":"0123456789"}');
  await publish(signDocument('model', 4, big, privateKey));
  const taken: [number, number][] = [];
  const onModel = (payload: Uint8Array, generation: number) => {
    if (generation === 9) throw new Error('this sensor cannot use it');
    taken.push([generation, payload.length]);
  };
  const { spool, uplink, lines } = await bench(url, { publicKey, modelGeneration: 3, onModel });
  uplink.start();
  await until('the retained model', () => taken.length === 1);
  await publish(signDocument('model', 4, Buffer.from('the same generation'), privateKey));
  await publish(signDocument('model', 3, Buffer.from('older'), privateKey));
  await publish(signDocument('model', 5, Buffer.from('forged'), stranger));
  await publish(signDocument('rules', 6, Buffer.from('another kind'), privateKey));
  await publish(Buffer.from('no document at all'));
  await publish(new Uint8Array(0));
  await publish(signDocument('model', 9, Buffer.from('{}'), privateKey));
  await until('the refusals', () => uplink.stats().modelsRefused === 5);
  assert.match(uplink.health().join(), /model was refused \(this sensor cannot use it\)/);
  await publish(signDocument('model', 7, Buffer.from('newer'), privateKey));
  await until('the newer one', () => taken.length === 2);
  assert.deepEqual(taken, [[4, 3_000_000], [7, 5]]); // biome-ignore format: as short
  assert.deepEqual(uplink.health(), []);
  assert.equal(uplink.stats().modelGeneration, 7);
  assert.equal(lines.filter((l) => l.startsWith('warn')).length, 5);
  await uplink.stop();
  await spool.close();
  await central.close();
  await broker.close();
});

test('acknowledgements that cannot be meant are counted and let nothing go', { skip: noMosquitto }, async () => {
  const broker = await Mosquitto.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const central = new FakeCentral(url);
  await central.ready;
  central.answers = () => false;
  const { spool, uplink, say } = await bench(url);
  uplink.start();
  await say(names(0, 5));
  const send = (bytes: Uint8Array) =>
    central.client.publishAsync(topics.ack('hq', 'tap1'), Buffer.from(bytes), { qos: 1 });
  await until('five', () => central.stored.size === 5);
  await send(encodeAck({ epoch: spool.epoch + 1, sequence: 5 }));
  await send(encodeAck({ epoch: spool.epoch, sequence: 6 }));
  await send(Buffer.from('{"epoch":-1}'));
  await send(Buffer.alloc(100_000, 'x'));
  await until('four refusals', () => uplink.stats().refusedAcknowledgements === 4);
  assert.equal(spool.stats().batches, 5);
  await send(encodeAck({ epoch: spool.epoch, sequence: 3 }));
  await until('three', () => spool.stats().batches === 2);
  await uplink.stop();
  await spool.close();
  await central.close();
  await broker.close();
});

test('credentials, certificates and access lists: one line for each change, saying what to do', {
  skip: noMosquitto,
}, async () => {
  const pki = mkdtempSync(join(root, 'pki-'));
  makeCertificates(pki, ['broker', 'tap1']);
  const pem = (name: string) => readFileSync(join(pki, name), 'utf8');
  const broker = new Mosquitto(
    await freePort(),
    [
      `cafile ${pki}/ca.pem`, `certfile ${pki}/broker.pem`, `keyfile ${pki}/broker.key`,
      'require_certificate true', 'use_identity_as_username true', 'acl_file DIR/acl',
    ].join('\n'), // biome-ignore format: as short
  );
  broker.file('acl', 'user tap1\ntopic write tapspot/v1/hq/tap1/status\ntopic read tapspot/v1/hq/tap1/ack\n');
  await broker.start();
  const url = `mqtts://127.0.0.1:${broker.port}`;
  const cases: [string, UplinkOptions['tls'], RegExp][] = [
    [
      'another authority',
      { ca: pem('otherca.pem'), cert: pem('tap1.pem'), key: pem('tap1.key') },
      /prove who it is .*uplink\.tls\.ca/,
    ],
    ['no certificate', { ca: pem('ca.pem') }, /no TLS|closed the connection/],
  ];
  for (const [what, tls, expected] of cases) {
    const { spool, uplink, lines } = await bench(url, { tls });
    uplink.start();
    await until(`failures with ${what}`, () => uplink.stats().failures >= 4);
    assert.equal(lines.length, 1, `${what}: ${lines.join('\n')}`);
    assert.match(lines[0]!, expected);
    assert.match(uplink.health().join(), expected);
    await uplink.stop();
    await spool.close();
  }
  const tls = { ca: pem('ca.pem'), cert: pem('tap1.pem'), key: pem('tap1.key') };
  const { spool, uplink, say } = await bench(url, { tls });
  uplink.start();
  await say(names(0, 3));
  await until('a connection', () => uplink.stats().connected);
  await until('word of the refusal', () =>
    /refuses this sensor's batches: .*Not authorized/.test(uplink.health().join()),
  );
  assert.equal(spool.stats().batches, 3);
  await uplink.stop();
  await spool.close();
  await broker.close();
});

test('a topic that the sensor may not read is named', async () => {
  const aedes = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.includes('control') ? null : subscription),
  });
  const server = createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { publicKey } = generateKeyPairSync('ed25519');
  const { spool, uplink, lines } = await bench(`mqtt://127.0.0.1:${(server.address() as { port: number }).port}`, {
    publicKey,
  });
  uplink.start();
  await until('a connection', () => uplink.stats().connected);
  assert.match(lines.join(), /does not let this sensor read tapspot\/v1\/hq\/control\/model/);
  await uplink.stop();
  await spool.close();
  await new Promise<void>((resolve) => aedes.close(resolve));
  server.close();
});

test('a wrong password, a port with nobody behind it, and a peer that is no broker', {
  skip: noMosquitto,
}, async () => {
  const broker = new Mosquitto(await freePort(), 'allow_anonymous false\npassword_file DIR/passwords');
  broker.file('passwords', '');
  await broker.start();
  const sockets = new Set<Socket>();
  const odd = (answer: (socket: Socket) => void): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((s) => {
        sockets.add(s);
        s.on('error', () => {});
        answer(s);
      }).listen(0, '127.0.0.1', () => resolve(server));
    });
  const prng = new Prng(3);
  const peers = await Promise.all([
    odd((s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    odd((s) => s.write(prng.bytes(500))),
    odd((s) => s.destroy()),
  ]);
  const cases: [number, RegExp][] = [
    [broker.port, /refuses this sensor's credentials/],
    [await freePort(), /cannot reach/],
    ...peers.map((p): [number, RegExp] => [(p.address() as { port: number }).port, /mqtt:\/\/127/]),
  ];
  for (const [port, expected] of cases) {
    const { spool, uplink, lines, say } = await bench(`mqtt://127.0.0.1:${port}`, {
      credentials: { username: 'tap1', password: 'wrong' },
    });
    uplink.start();
    await say(names(0, 1));
    await until('four failures', () => uplink.stats().failures >= 4);
    assert.match(lines[0]!, expected);
    assert.equal(lines.filter((l) => l === lines[0]).length, 1);
    assert.equal(spool.stats().batches, 1);
    await uplink.stop({ drainMs: 30 });
    await spool.close();
  }
  for (const socket of sockets) socket.destroy();
  for (const peer of peers) peer.close();
  await broker.close();
});

test('an operator learns of a name or a URL that is none', async () => {
  const spool = await Spool.open(join(root, `spool${made++}`), { limitBytes: 2 ** 20 });
  await assert.rejects(bench('http://x', { spool }), { code: 'uplink.url' });
  await assert.rejects(bench('mqtt://', { spool }), { code: 'uplink.url' });
  await assert.rejects(bench('mqtt://x', { spool, sensor: 'a/b' }), { code: 'uplink.name' });
  await spool.close();
});
