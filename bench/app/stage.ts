/**
 * What one TCP packet costs the stage: of connections joined midway, of bodies that are passed over, and of connections
 * that are done; then a whole TLS handshake, an HTTP exchange and a QUIC Initial.
 * Run: node --expose-gc <build>/bench/app/stage.js
 */
import { AppStage } from '../../src/app/stage.js';
import { Packet } from '../../src/decode/packet.js';
import { clientHello, message, record, serverHello } from '../../test/app/support/messages.js';
import { bytes } from '../../test/dns/support/messages.js';

const ACK = 16;
const SYN_ACK = 18;
const TURN = 1 << 18;
const CONNECTIONS = 4096;

const arena = new Uint8Array(65_536);
const view = new DataView(arena.buffer);
const p = new Packet();
p.proto = 6;
p.addr[2] = p.addr[6] = 0xffff;

function put(at: number, payload: Uint8Array): number {
  arena.set(payload, at);
  return at + payload.length;
}
const data = put(0, new Uint8Array(1400).fill(0x41));
const requestEnd = put(data, bytes('GET /a HTTP/1.1\r\nHost: h.example\r\nUser-Agent: bench\r\n\r\n'));
const responseEnd = put(requestEnd, bytes('HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n'));
const hello = message(1, clientHello({ sni: 'www.example.com', alpn: ['h2'], versions: [0x304], padding: 200 }));
const helloEnd = put(responseEnd, record(22, hello));
const answerEnd = put(helloEnd, bytes(record(22, message(2, serverHello(0x1301, true))), record(23, bytes(1))));
const emptyEnd = put(answerEnd, record(23, bytes(1)));

function packet(connection: number, client: boolean, flags: number, seq: number, from: number, to: number): void {
  const source = client ? 0 : 4;
  p.addr[source + 3] = 0x0a000000 + connection;
  p.addr[7 - source] = 0xc0000201;
  p.srcPort = client ? 40_000 : 443;
  p.dstPort = client ? 443 : 40_000;
  p.tcpFlags = flags;
  p.tcpSeq = seq >>> 0;
  p.tcpAck = 1;
  p.payloadStart = from;
  p.payloadEnd = to;
  p.payloadBytes = to - from;
}

/** Least heap and median time of one call in five trials of so many. */
function measure(
  name: string,
  times: number,
  unit: string,
  prepare: (stage: AppStage) => void,
  each: (stage: AppStage, i: number) => void,
): void {
  const ns: number[] = [];
  let heap = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 5; trial++) {
    const stage = new AppStage({ memoryBytes: 32 << 20, rowsMax: 1 << 20, bytesMax: 512 << 20, seed: 1 });
    p.timeUs = 1.7e15;
    prepare(stage);
    for (let i = 0; i < times / 4; i++) each(stage, i);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const began = process.hrtime.bigint();
    for (let i = 0; i < times; i++) each(stage, i);
    ns.push(Number(process.hrtime.bigint() - began) / times);
    heap = Math.min(heap, (process.memoryUsage().heapUsed - before) / times);
    stage.take();
  }
  ns.sort((a, b) => a - b);
  console.log(`${name.padEnd(26)} ${ns[2]!.toFixed(0).padStart(7)} ns, heap ${heap.toFixed(2)} bytes a ${unit}`);
}

measure(
  'joined midway',
  TURN,
  'packet',
  () => {},
  (stage, i) => {
    packet(i % CONNECTIONS, true, ACK, i * 1400, 0, data);
    stage.add(p, view, arena);
  },
);
measure(
  'bodies passed over',
  TURN,
  'packet',
  (stage) => {
    for (let c = 0; c < CONNECTIONS; c++) {
      packet(c, false, SYN_ACK, 0, 0, 0);
      stage.add(p, view, arena);
      packet(c, true, ACK, 1, data, requestEnd);
      stage.add(p, view, arena);
      packet(c, false, ACK, 1, requestEnd, responseEnd);
      stage.add(p, view, arena);
    }
  },
  (stage, i) => {
    packet(i % CONNECTIONS, false, ACK, 1 + responseEnd - requestEnd + Math.floor(i / CONNECTIONS) * 1400, 0, data);
    stage.add(p, view, arena);
  },
);
measure(
  'after a TLS handshake',
  TURN,
  'packet',
  (stage) => {
    for (let c = 0; c < CONNECTIONS; c++) {
      packet(c, false, SYN_ACK, 0, 0, 0);
      stage.add(p, view, arena);
      packet(c, true, ACK, 1, responseEnd, helloEnd);
      stage.add(p, view, arena);
      packet(c, false, ACK, 1, helloEnd, answerEnd);
      stage.add(p, view, arena);
      packet(c, true, ACK, 1 + helloEnd - responseEnd, answerEnd, emptyEnd);
      stage.add(p, view, arena);
    }
  },
  (stage, i) => {
    packet(i % CONNECTIONS, false, ACK, 5000 + i, 0, data);
    stage.add(p, view, arena);
  },
);
measure(
  'pure acknowledgements',
  TURN,
  'packet',
  () => {},
  (stage, i) => {
    packet(i % CONNECTIONS, true, ACK, 1, 0, 0);
    stage.add(p, view, arena);
  },
);
measure(
  'TLS handshakes',
  20_000,
  'handshake',
  () => {},
  (stage, i) => {
    packet(i, false, SYN_ACK, i, 0, 0);
    p.tcpAck = 1;
    stage.add(p, view, arena);
    packet(i, true, ACK, 1, responseEnd, helloEnd);
    stage.add(p, view, arena);
    packet(i, false, ACK, i + 1, helloEnd, answerEnd);
    stage.add(p, view, arena);
    packet(i, true, ACK, 1 + helloEnd - responseEnd, answerEnd, emptyEnd);
    stage.add(p, view, arena);
  },
);
