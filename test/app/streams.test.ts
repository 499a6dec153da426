import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeApp } from '../../src/app/sheet.js';
import { AppStage } from '../../src/app/stage.js';
import { Prng } from '../support/prng.js';
import {
  ACK,
  bytes,
  certificateMessage,
  clientHello,
  Ends,
  FIN,
  message,
  RST,
  record,
  serverHello,
} from './support/messages.js';
import { rowsOf } from './support/read.js';

const stageOf = (memoryBytes = 4 << 20) => new AppStage({ memoryBytes, seed: 5 });
const finish = (stage: AppStage) => {
  assert.ok(stage.flush());
  return rowsOf(mergeApp([stage.take()]));
};
const HELLO = clientHello({ sni: 'Www.Example.COM', alpn: ['h2'], versions: [0x304], padding: 900 });
/** A ClientHello in three records, as the standard allows. */
const whole = message(1, HELLO);
const CLIENT = bytes(record(22, whole.slice(0, 100)), record(22, whole.slice(100, 101)), record(22, whole.slice(101)));
const DER = Uint8Array.of(0x30, 3, 2, 1, 5);
const SERVER = bytes(
  record(22, bytes(message(2, serverHello(0xc02f, false)), certificateMessage(DER, DER), message(14, bytes()))),
  record(20, bytes(1)),
);

/** The parts of a stream: cut anywhere, some sent twice, some overlapping, in any order. */
function pieces(prng: Prng, stream: Uint8Array): [at: number, part: Uint8Array][] {
  const out: [number, Uint8Array][] = [];
  for (let at = 0; at < stream.length; ) {
    const n = prng.chance(0.3) ? prng.between(1, 8) : prng.between(20, 500);
    const back = prng.chance(0.3) ? Math.min(at, prng.below(40)) : 0;
    out.push([at - back, stream.slice(at - back, at + n)]);
    if (prng.chance(0.2)) out.push([at, stream.slice(at, at + n)]);
    at += n;
  }
  for (let i = 0; i + 1 < out.length; i++) {
    const j = Math.min(out.length - 1, i + prng.below(4));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

test('a handshake is the same however its bytes are cut, repeated and mixed up', () => {
  const prng = new Prng(443);
  let many = 0;
  for (let round = 0; round < 300; round++) {
    const stage = stageOf();
    const isn = [prng.chance(0.3) ? 2 ** 32 - prng.below(500) : prng.u32(), prng.u32()] as const;
    const ends = new Ends(stage, 40_000, 8443, isn).greet();
    const [c, s] = ends.seq;
    const parts = pieces(prng, CLIENT);
    many += parts.length;
    for (const [at, part] of parts) ends.raw(0, c + at, ACK, part, s);
    for (const [at, part] of pieces(prng, SERVER)) ends.raw(1, s + at, ACK, part, c);
    ends.raw(0, c + CLIENT.length, ACK, record(20, bytes(1)));
    const { tls } = finish(stage);
    assert.equal(tls.length, 1, `round ${round}: ${JSON.stringify(stage.tally)}`);
    const [row] = tls;
    assert.equal(row!.sni, 'www.example.com');
    assert.equal(row!.cipher, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    assert.equal(row!.certificates, 2);
    assert.equal(row!.established, true);
    assert.equal(row!.client, '10.0.0.1');
  }
  assert.ok(many > 2000);
});

test('a handshake joined without its greeting, after STARTTLS, or through CONNECT is found', () => {
  const stage = stageOf();
  new Ends(stage, 1)
    .send(0, CLIENT)
    .send(1, SERVER)
    .send(0, record(20, bytes(1)));
  new Ends(stage, 2, 25)
    .greet()
    .send(1, bytes('220 hello\r\n'))
    .send(0, bytes('STARTTLS\r\n'))
    .send(0, CLIENT)
    .send(1, SERVER);
  new Ends(stage, 3, 3128)
    .greet()
    .send(0, bytes('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n'))
    .send(1, bytes('HTTP/1.1 200 Connection established\r\n\r\n'))
    .send(0, CLIENT)
    .send(1, SERVER);
  const { tls, http } = finish(stage);
  assert.deepEqual(tls.map((r) => [r.sport, r.sni, r.cipher?.slice(0, 9)]).sort(), [
    [25, 'www.example.com', 'TLS_ECDHE'],
    [3128, 'www.example.com', 'TLS_ECDHE'],
    [443, 'www.example.com', 'TLS_ECDHE'],
  ]);
  assert.deepEqual(
    http.map((r) => [r.method, r.uri, r.fullUri, r.status]),
    [['CONNECT', 'a.example:443', 'a.example:443', 200]],
  );
});

test('an alert in the clear and a reset end a handshake', () => {
  const stage = stageOf();
  new Ends(stage, 1)
    .greet()
    .send(0, CLIENT)
    .send(1, record(21, bytes(2, 40)))
    .send(1, bytes(), RST);
  const { tls } = finish(stage);
  assert.deepEqual([tls.length, tls[0]!.serverAlert, tls[0]!.clientAlert, tls[0]!.established], [1, 40, null, false]);
});

const get = (path: string, more = '') => bytes(`GET ${path} HTTP/1.1\r\nHost: h.example\r\n${more}\r\n`);
const ok = (body: string, more = '') =>
  bytes(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`);

test('pipelined requests meet their responses, however the bytes are cut', () => {
  const prng = new Prng(80);
  const chunked =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1F\r\n0123456789012345678901234567890\r\n0\r\nTrailer: 1\r\n\r\n';
  const asked = bytes(
    get('/a', 'User-Agent: me/1\r\nReferer: http://r.example/\r\n'),
    bytes('POST /b HTTP/1.1\r\nHost: h.example\r\nContent-Length: 7\r\n\r\nGET /no'),
    get('/c'),
    bytes('HEAD /d HTTP/1.0\r\n\r\n'),
    bytes('PUT /e HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'),
    bytes('GET http://p.example/f?q HTTP/1.1\r\n\r\n'),
  );
  const told = bytes(
    ok('HTTP/1.1 404 in a body'),
    bytes('HTTP/1.1 100 Continue\r\n\r\n'),
    chunked,
    bytes('HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n'),
    bytes('HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n'),
    bytes('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n'),
    bytes('HTTP/1.1 500 Oh\r\nContent-Type: a/b; c\r\n\r\nto the end'),
  );
  for (let round = 0; round < 200; round++) {
    const stage = stageOf();
    const ends = new Ends(stage, 40_000, 8080).greet();
    const [c, s] = ends.seq;
    for (const [at, part] of round === 0 ? [[0, asked] as const] : pieces(prng, asked))
      ends.raw(0, c + at, ACK, part, s);
    for (const [at, part] of round === 0 ? [[0, told] as const] : pieces(prng, told)) ends.raw(1, s + at, ACK, part, c);
    ends.raw(1, s + told.length, FIN | ACK, bytes());
    const { http } = finish(stage);
    assert.deepEqual(
      http
        .map((r) => [r.method, r.fullUri, r.status, r.requestBytes, r.responseBytes, r.contentType, r.oddities.join()])
        .sort((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1)),
      [
        ['HEAD', '/d', 200, 0, 0, null, ''],
        ['PUT', '/e', 201, 3, 0, null, ''],
        ['GET', 'h.example/a', 200, 0, 22, 'text/plain', ''],
        ['POST', 'h.example/b', 200, 7, 36, null, ''],
        ['GET', 'h.example/c', 304, 0, 0, null, ''],
        ['GET', 'p.example/f?q', 500, 0, 10, 'a/b; c', ''],
      ],
      `round ${round}: ${JSON.stringify(stage.tally)}`,
    );
    const first = http.find((r) => r.uri === '/a')!;
    assert.deepEqual([first.userAgent, first.referer, first.host], ['me/1', 'http://r.example/', 'h.example']);
  }
});

test('oddities by which requests are smuggled are named and counted', () => {
  const cases: readonly [string, string][] = [
    ['Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'bothLengths'],
    ['Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc', 'lengthsDiffer'],
    ['Content-Length: +3\r\n\r\n', 'badLength'],
    ['Transfer-Encoding: chunked, xchunked\r\n\r\n', 'oddTransfer'],
    ['X: 1\r\n folded\r\n\r\n', 'folded'],
    ['Content-Length : 3\r\n\r\nabc', 'badName'],
    ['X: 1\nY: 2\r\n\r\n', 'bareLf'],
    ['X: a\0b\r\n\r\n', 'control'],
    ['Host: other\r\n\r\n', 'hostsDiffer'],
    ['Transfer-Encoding: chunked\r\n\r\nzz\r\n', 'badChunk,incomplete'],
  ];
  for (const [head, oddity] of cases) {
    const stage = stageOf();
    new Ends(stage, 1, 80)
      .greet()
      .send(0, bytes(`POST / HTTP/1.1\r\nHost: h\r\n${head}`))
      .send(1, ok('x'));
    const { http } = finish(stage);
    assert.deepEqual(
      http.map((r) => r.oddities.join()),
      [oddity],
      JSON.stringify(head),
    );
    const key = Object.entries(stage.tally).filter(([name, n]) => name.startsWith('http.odd_') && n > 0);
    assert.equal(key.length, 1, JSON.stringify(key));
  }
});

test('bytes that the capture lost cost the message at hand and no other', () => {
  const stage = stageOf();
  const ends = new Ends(stage, 1, 80).greet();
  ends.send(0, get('/1')).send(1, ok('one'));
  ends.send(0, get('/2'));
  // The response to /2 is lost; the client acknowledges it with its next request.
  ends.seq[1] += 50;
  ends.send(0, get('/3'));
  ends.send(1, ok('three', `X: ${'y'.repeat(100)}\r\n`));
  ends.send(0, bytes());
  ends.send(0, get('/4')).send(1, ok('four'));
  const { http } = finish(stage);
  assert.deepEqual(
    http.map((r) => [r.uri, r.status, r.responseBytes]),
    [
      ['/1', 200, 3],
      ['/2', null, 0],
      ['/3', 200, 5],
      ['/4', 200, 4],
    ],
  );
  assert.equal(stage.tally['app.gaps'], 1);
});

test('two shards that share the connections agree with one, and memory that runs out is counted', () => {
  const run = (stages: readonly AppStage[]) => {
    const prng = new Prng(9);
    for (let i = 0; i < 200; i++) {
      const ends = new Ends(stages[i % stages.length]!, 1024 + i, 80).greet();
      ends.timeUs += i * 10;
      ends.send(0, get(`/${i}`));
      if (prng.chance(0.8)) ends.send(1, ok('x'.repeat(prng.below(3000))));
    }
    for (const stage of stages) assert.ok(stage.flush());
    return mergeApp(stages.map((s) => s.take()));
  };
  const one = run([stageOf()]);
  const two = run([stageOf(), stageOf()]);
  assert.equal(one.http.rows.count, 200);
  assert.deepEqual(rowsOf(two), rowsOf(one));
  const small = new AppStage({ memoryBytes: 512 << 10, seed: 1 });
  for (let i = 0; i < 20_000; i++) {
    const ends = new Ends(small, 1024 + (i % 60_000), 80).greet();
    ends.send(0, bytes('GET /unfinished HTTP/1.1\r\n'));
    if (small.full) small.take();
  }
  assert.ok(small.tally['app.evicted_dialogs']! + small.tally['app.evicted_connections']! > 10_000);
});
