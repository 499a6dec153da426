import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import { type InitialKeys, initialKeys, quicVersion } from '../../src/app/quic-keys.js';
import { mergeApp } from '../../src/app/sheet.js';
import { AppStage, isApp } from '../../src/app/stage.js';
import { Prng } from '../support/prng.js';
import { bytes, clientHello, message, packet, serverHello, u16 } from './support/messages.js';
import { rowsOf } from './support/read.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const ID = hex('8394c8f03e515708');
const u32 = (n: number) => bytes(u16(n >>> 16), u16(n & 0xffff));
const varint2 = (n: number) => u16(0x4000 | n);

test('the keys are those that RFC 9001 and RFC 9369 tell for their example', () => {
  const shown = (k: InitialKeys) => [
    k.key.export().toString('hex'),
    k.iv.toString('hex'),
    k.headerKey.export().toString('hex'),
  ];
  assert.deepEqual(shown(initialKeys(quicVersion(1)!, ID, true)), [
    '1f369613dd76d5467730efcbe3b1a22d',
    'fa044b2f42a3fd3b46fb255c',
    '9f50449e04a0e810283a1e9933adedd2',
  ]);
  assert.deepEqual(shown(initialKeys(quicVersion(1)!, ID, false)), [
    'cf3a5331653c364c88f0f379b6067e37',
    '0ac1493ca1905853b0bba03e',
    'c206b8d9b9f0f37644430b490eeaa314',
  ]);
  assert.equal(shown(initialKeys(quicVersion(0x6b3343cf)!, ID, true))[0], '8b1a0bc121284290a29e0971b5cd045d');
});

/** An Initial packet, protected as a sender would. */
function initial(
  version: number,
  id: Uint8Array,
  keysId: Uint8Array,
  client: boolean,
  number: number,
  frames: Uint8Array,
): Uint8Array {
  const v = quicVersion(version)!;
  const keys = initialKeys(v, keysId, client);
  const padded = bytes(frames, new Uint8Array(Math.max(0, 1150 - frames.length)));
  const length = 2 + padded.length + 16;
  const head = bytes(
    0xc1 | (v.initial << 4),
    u32(version),
    id.length,
    id,
    4,
    hex('01020304'),
    0,
    varint2(length),
    u16(number),
  );
  const nonce = Buffer.from(keys.iv);
  nonce[11]! ^= number & 255;
  nonce[10]! ^= number >> 8;
  const seal = createCipheriv('aes-128-gcm', keys.key, nonce);
  seal.setAAD(head);
  const body = bytes(seal.update(padded), seal.final(), seal.getAuthTag());
  const out = bytes(head, body);
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(body.subarray(2, 18));
  out[0]! ^= mask[0]! & 0x0f;
  out[head.length - 2]! ^= mask[1]!;
  out[head.length - 1]! ^= mask[2]!;
  return out;
}

const crypto = (stream: Uint8Array, at: number, n: number) =>
  bytes(6, varint2(at), varint2(n), stream.slice(at, at + n));
const HELLO = message(1, clientHello({ sni: 'q.example', alpn: ['h3'], versions: [0x304], padding: 1200 }));
const ANSWER = message(2, serverHello(0x1301, true));

class Datagrams {
  timeUs = 1.7e15;
  readonly stage = new AppStage({ memoryBytes: 4 << 20, seed: 3 });
  taken = 0;

  send(client: boolean, payload: Uint8Array, port = 50_000): void {
    this.timeUs += 1000;
    const [from, to] = client ? ['10.0.0.1', '192.0.2.1'] : ['192.0.2.1', '10.0.0.1'];
    const [fromPort, toPort] = client ? [port, 443] : [443, port];
    const { p, view, arena } = packet({ from: from!, to: to!, fromPort, toPort, timeUs: this.timeUs, payload });
    if (!isApp(p, view)) return;
    this.taken++;
    this.stage.add(p, view, arena);
  }

  rows() {
    assert.ok(this.stage.flush());
    return rowsOf(mergeApp([this.stage.take()])).tls;
  }
}

test('a ClientHello in shuffled frames over two Initials is read in every version', () => {
  const prng = new Prng(9000);
  for (const [version, name] of [
    [1, 'v1'],
    [0x6b3343cf, 'v2'],
    [0xff00001d, 'draft-29'],
  ] as const) {
    for (let round = 0; round < 20; round++) {
      const d = new Datagrams();
      const cut = prng.between(100, 1000);
      const parts: Uint8Array[] = [];
      for (let at = 0; at < HELLO.length; at += 60) parts.push(crypto(HELLO, at, Math.min(60, HELLO.length - at)));
      prng.shuffle(parts);
      const half = Math.floor((parts.length * cut) / 1100);
      const packets = [parts.slice(0, half), parts.slice(half)].map((p, i) =>
        initial(version, ID, ID, true, i, bytes(1, ...p, i === 0 ? bytes() : bytes(2, 0, 0, 0, 0))),
      );
      d.send(true, packets[1]!);
      d.send(true, packets[0]!);
      // The server's Initial shares its datagram with a Handshake packet.
      d.send(false, initial(version, hex('01020304'), ID, false, 0, crypto(ANSWER, 0, ANSWER.length)));
      const [row, ...more] = d.rows();
      assert.equal(more.length, 0);
      assert.deepEqual(
        [row?.sni, row?.quicVersion, row?.version, row?.alpn, row?.established, row?.ja4?.slice(0, 10)],
        ['q.example', name, 'TLS 1.3', ['h3'], true, 'q13d0204h3'],
        `${name} round ${round} ${JSON.stringify(d.stage.tally)}`,
      );
    }
  }
});

test('after a Retry the keys come from the id that the server chose', () => {
  const d = new Datagrams();
  const again = hex('aabbccddeeff0011');
  d.send(true, initial(1, ID, ID, true, 0, crypto(HELLO, 0, 400)));
  d.send(false, bytes(0xf0, u32(1), 4, hex('01020304'), again.length, again, 'token', new Uint8Array(16)));
  d.send(true, initial(1, again, again, true, 1, crypto(HELLO, 0, 700)));
  d.send(true, initial(1, again, again, true, 2, crypto(HELLO, 700, HELLO.length - 700)));
  const [row] = d.rows();
  assert.deepEqual([row?.sni, row?.quicRetry], ['q.example', true], JSON.stringify(d.stage.tally));
});

test('what does not authenticate is counted and makes no row; a flood of it has a limit a second', () => {
  const d = new Datagrams();
  const good = initial(1, ID, ID, true, 0, crypto(HELLO, 0, 1000));
  for (let i = 0; i < good.length; i += 7) {
    const bad = Uint8Array.from(good);
    bad[i]! ^= 0x20;
    d.send(true, bad, 50_000 + i);
  }
  assert.equal(d.rows().length, 0);
  assert.ok(d.stage.tally['quic.undecryptable']! > 100 && d.taken > 150, JSON.stringify(d.stage.tally));
  const flood = new Datagrams();
  const bad = Uint8Array.from(good);
  bad[100]! ^= 1;
  for (let i = 0; i < 6000; i++) {
    flood.timeUs = 1.7e15;
    flood.send(true, bad, 1024 + i);
  }
  assert.ok(flood.stage.tally['quic.over_budget']! >= 2000);
});

test('hellos that nobody answers wait in bounded memory and become rows all the same', () => {
  const d = new Datagrams();
  const big = message(1, clientHello({ sni: 'big.example', versions: [0x304], padding: 900 }));
  const one = initial(1, ID, ID, true, 0, crypto(big, 0, big.length));
  for (let i = 0; i < 3000; i++) d.send(true, one, 1024 + i);
  const rows = d.rows();
  assert.equal(rows.length, 3000);
  assert.ok(rows.every((r) => r.sni === 'big.example' && !r.established));
  assert.ok(d.stage.tally['app.evicted_dialogs']! > 1000);
});
