import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { tapspot } from '#proto';
import { type Batch, RECORD_VERSION } from '../../src/record/batch.js';
import { emptyBatch, flowBlock } from '../../src/record/blocks.js';
import {
  decodeBatch,
  encodeBatch,
  type FaultReason,
  openBatch,
  openEnvelope,
  RecordFault,
  readEnvelope,
  sealBody,
  sealEnvelope,
  stampEnvelope,
} from '../../src/record/codec.js';
import { CODECS, codecAvailable } from '../../src/record/compress.js';
import { MAX_BATCH_BYTES, MAX_BODY_BYTES, MAX_ENVELOPE_BYTES, MAX_ROWS } from '../../src/record/limits.js';
import { quantisedScore, scoreOf } from '../../src/record/score.js';
import { Prng } from '../support/prng.js';
import { anyBatch } from './batches.js';

const head = { site: 'hq', sensor: 'tap-1.lab', epoch: 1_763_942_400_000, sequence: 42, gap: 3 };
const refusal = (reason: FaultReason) => (error: unknown) => {
  assert.ok(error instanceof RecordFault, String(error));
  assert.equal(error.reason, reason, error.message);
  return true;
};

test('any batch comes back as it was', () => {
  const prng = new Prng(1);
  let rows = 0;
  for (let round = 0; round < 300; round++) {
    const batch = anyBatch(prng, prng.below(60));
    const bytes = encodeBatch(batch);
    assert.deepStrictEqual(decodeBatch(bytes), batch);
    assert.deepEqual(encodeBatch(batch), bytes, 'the same batch gives the same bytes');
    rows += batch.flows.count + batch.dns.count;
  }
  assert.ok(rows > 5000);
});

test('an envelope comes back in every codec this Node has, and tells of its place', () => {
  const batch = anyBatch(new Prng(2), 500);
  for (const codec of CODECS.filter(codecAvailable)) {
    const bytes = sealEnvelope({ ...head, codec }, encodeBatch(batch));
    const { envelope, batch: opened } = openBatch(bytes);
    assert.deepStrictEqual(opened, batch);
    const { body: _, ...rest } = envelope;
    assert.deepEqual(rest, { ...head, version: RECORD_VERSION, codec });
    assert.deepEqual(stampEnvelope(head, sealBody(encodeBatch(batch), codec)), bytes, 'sealed first, stamped later');
  }
});

test('scores survive to a step of 2.3 percent, zero and one exactly', () => {
  for (const p of [1, 0.5, 0.1, 1e-3, 1e-9, 1e-30]) {
    const q = quantisedScore(p);
    assert.ok(Math.abs(scoreOf(q) / p - 1) < 0.012, `${p} became ${scoreOf(q)}`);
    assert.equal(quantisedScore(scoreOf(q)), q);
  }
  for (let q = 0; q <= 3800; q++) assert.equal(quantisedScore(scoreOf(q)), q);
  assert.deepEqual([scoreOf(quantisedScore(0)), scoreOf(quantisedScore(1))], [0, 1]);
  assert.deepEqual([quantisedScore(Number.NaN), quantisedScore(2), scoreOf(4e9)], [0, 0, 0]);
});

test('what an encoder is given wrongly never becomes bytes', () => {
  const wrong: [FaultReason, (b: Batch) => void][] = [
    ['columns', (b) => (b.flows.dport = new Uint16Array(1))],
    ['columns', (b) => (b.dns.answers = new Uint32Array(1))],
    ['value', (b) => (b.flows.tsUs[0] = Number.NaN)],
    ['value', (b) => (b.flows.origBytes[0] = -1)],
    ['value', (b) => (b.flows.weight[0] = 0.5)],
    ['value', (b) => (b.flows.flows[0] = 0)],
    ['value', (b) => (b.addresses[0] = 'not an address')],
    ['value', (b) => (b.windowFromUs = 2 ** 60)],
    ['name', (b) => (b.ledger['No Such.Key'] = 1)],
    ['oversize', (b) => (b.flows.count = MAX_ROWS + 1)],
  ];
  for (const [reason, break_] of wrong) {
    const batch = emptyBatch('hq', 'tap1', 0, 1);
    batch.addresses = ['10.0.0.1'];
    batch.strings = [''];
    batch.flows = flowBlock(2);
    break_(batch);
    assert.throws(() => encodeBatch(batch), refusal(reason), `${break_}`);
  }
});

test('what cannot be known is absent, and text is cut to what a reader takes', () => {
  const batch = emptyBatch('hq', 'tap1', 0, 1);
  batch.ledger = { 'capture.frames': 3, 'capture.dropped_ring': Number.NaN };
  batch.strings = ['\ud800 alone', 'x'.repeat(100_000)];
  const back = decodeBatch(encodeBatch(batch));
  assert.deepEqual(back.ledger, { 'capture.frames': 3 });
  assert.equal(back.strings[0], '\ufffd alone');
  assert.equal(back.strings[1]!.length, 65_535);
});

/** A batch on the wire with one thing wrong, and why it must be refused. */
test('a batch that breaks the contract is refused, each for its reason', () => {
  const flow = (o: object) => ({ addresses: [Buffer.from([10, 0, 0, 1])], strings: [''], flows: { count: 2, ...o } });
  const dns = (o: object) => ({ addresses: [Buffer.from([10, 0, 0, 1])], strings: [''], dns: { count: 2, ...o } });
  const wrong: [FaultReason, object][] = [
    ['version', { version: RECORD_VERSION + 1 }],
    ['version', { version: 0 }],
    ['name', { site: 'a/b' }],
    ['name', { sensor: '+' }],
    ['name', { ledger: [{ key: '__proto__', value: 1 }] }],
    ['name', { ledger: [{ key: 'a.'.repeat(100) + 'a', value: 1 }] }],
    ['value', { ledger: [{ key: 'a.b', value: Number.NaN }] }],
    ['value', { windowFromUs: 2 ** 62 }],
    ['value', { addresses: [Buffer.alloc(5)] }],
    ['oversize', { strings: ['x'.repeat(70_000)] }],
    ['oversize', { flows: { count: MAX_ROWS + 1 } }],
    ['oversize', { flows: { count: 2 ** 31 } }],
    ['columns', flow({ dport: [1] })],
    ['columns', flow({ dport: [1, 2, 3] })],
    ['columns', flow({ weight: [1] })],
    ['columns', { flows: { count: 0, dport: [1] } }],
    ['index', { flows: { count: 1 } }],
    ['index', flow({ dst: [0, 1] })],
    ['index', flow({ history: [1, 0] })],
    ['value', flow({ sport: [65_536, 0] })],
    ['value', flow({ proto: [256, 0] })],
    ['value', flow({ connState: [13, 0] })],
    ['value', flow({ tsDeltaUs: [-1, 0] })],
    ['value', flow({ tsDeltaUs: [2 ** 61, 2 ** 61] })],
    ['value', flow({ origBytes: [2 ** 63, 0] })],
    ['value', flow({ weight: [1, 0.999] })],
    ['value', flow({ weight: [1, Number.POSITIVE_INFINITY] })],
    ['value', dns({ service: [3, 0] })],
    ['value', dns({ rcodePlus_1: [5000, 0] })],
    ['columns', dns({ answerCount: [1, 1], answers: [0] })],
    ['columns', dns({ answers: [0] })],
    ['index', dns({ answerCount: [1, 0], answers: [1] })],
    ['value', { findings: [{ kind: 'x', src: 'y', dstPort: 70_000 }] }],
    ['value', { findings: [{ kind: 'x', src: 'y', reasons: [{ points: Number.NaN }] }] }],
    ['oversize', { findings: [{ kind: 'x'.repeat(5000), src: 'y' }] }],
  ];
  const base = { version: RECORD_VERSION, site: 'hq', sensor: 'tap1' };
  for (const [reason, part] of wrong) {
    const bytes = tapspot.v1.Batch.encode({ ...base, ...part }).finish();
    assert.throws(() => decodeBatch(bytes), refusal(reason), JSON.stringify(part).slice(0, 200));
  }
  decodeBatch(tapspot.v1.Batch.encode({ ...base, ...flow({ dport: [1, 2] }) }).finish());
});

test('bytes that would grow in memory are refused before they do', () => {
  const bombs: [string, Buffer][] = [
    ['zero varints in a packed column', field(12, field(2, Buffer.alloc(20_000_000)))],
    [
      'the same in many pieces',
      Buffer.concat(Array.from({ length: 40 }, () => field(13, field(2, Buffer.alloc(500_000))))),
    ],
    ['unpacked varints', field(12, Buffer.alloc(40_000_000, Buffer.from([0x10, 0x00])))],
    ['empty strings', Buffer.alloc(4_000_000, field(11, Buffer.alloc(0)))],
    ['empty findings', Buffer.alloc(4_000_000, field(15, Buffer.alloc(0)))],
    ['empty reasons', field(15, Buffer.alloc(4_000_000, field(9, Buffer.alloc(0))))],
    ['ledger entries', Buffer.alloc(4_000_000, field(9, Buffer.alloc(0)))],
    ['unknown fields', Buffer.alloc(4_000_000, field(99, Buffer.alloc(0)))],
  ];
  const head = Buffer.from(tapspot.v1.Batch.encode({ version: 1, site: 'hq', sensor: 'tap1' }).finish());
  for (const [what, bytes] of bombs) {
    const before = process.memoryUsage().heapUsed;
    assert.throws(() => decodeBatch(Buffer.concat([head, bytes])), refusal('oversize'), what);
    const grown = process.memoryUsage().heapUsed - before;
    assert.ok(grown < 60 * 2 ** 20, `${what}: the heap grew by ${grown}`);
  }
  assert.throws(() => decodeBatch(Buffer.alloc(MAX_BATCH_BYTES + 1)), refusal('oversize'));
  const nested = Buffer.alloc(200_000, 0x0b);
  assert.throws(() => decodeBatch(nested), refusal('malformed'));
});

test('an envelope that lies is refused, each for its reason', () => {
  const body = encodeBatch(anyBatch(new Prng(3), 50));
  const good = tapspot.v1.Envelope.decode(sealEnvelope(head, body));
  const seal = (o: object) => tapspot.v1.Envelope.encode({ ...good, ...o }).finish();
  const bomb = brotliCompressSync(Buffer.alloc(40 * 2 ** 20));
  const recrc = (stored: Uint8Array, o: object = {}) => {
    const { checksum } = tapspot.v1.Envelope.decode(sealBody(stored, 'identity'));
    return seal({ body: stored, checksum, ...o });
  };
  const trailing = Buffer.concat([good.body, Buffer.from('more')]);
  const wrong: [FaultReason, Uint8Array][] = [
    ['version', seal({ version: 2 })],
    ['version', seal({ version: 0 })],
    ['name', seal({ site: '' })],
    ['name', seal({ sensor: 'a b' })],
    ['sequence', seal({ epoch: 0 })],
    ['sequence', seal({ sequence: 0 })],
    ['sequence', seal({ sequence: 2 ** 60 })],
    ['sequence', seal({ gap: 42 })],
    ['checksum', seal({ checksum: good.checksum ^ 1 })],
    ['checksum', seal({ body: good.body.subarray(1) })],
    ['codec', seal({ codec: 'lzma' })],
    ['codec', seal({ codec: '__proto__' })],
    ['codec', recrc(good.body.subarray(0, good.body.length - 5))],
    ['codec', recrc(Buffer.from('no brotli at all'))],
    ['length', seal({ length: good.length + 1 })],
    ['length', seal({ length: good.length - 1 })],
    ['length', seal({ length: 0 })],
    ['length', recrc(bomb, { length: 1000 })],
    ['length', recrc(good.body, { codec: 'identity', length: good.body.length + 1 })],
    ['oversize', seal({ length: MAX_BATCH_BYTES + 1 })],
    ['oversize', seal({ body: Buffer.alloc(MAX_BODY_BYTES + 1), checksum: 0 })],
    ['oversize', Buffer.alloc(MAX_ENVELOPE_BYTES + 1)],
    ['malformed', Buffer.from('no envelope at all')],
  ];
  for (const [reason, bytes] of wrong)
    assert.throws(() => openEnvelope(bytes), refusal(reason), `${reason}: ${bytes.length} bytes`);
  const other = sealEnvelope({ ...head, sensor: 'tap2' }, body);
  assert.throws(() => openBatch(other), refusal('name'), 'body and envelope name two sensors');
  // Bytes behind the end of the stream cannot hurt, and node:zlib has them ignored or refused.
  try {
    assert.equal(openEnvelope(recrc(trailing)).body.length, body.length);
  } catch (error) {
    refusal('codec')(error);
  }
});

test('no bytes make a reader do anything but read or refuse', () => {
  const prng = new Prng(4);
  const reasons = new Map<string, number>();
  let read = 0;
  for (let round = 0; round < 6000; round++) {
    const body = Buffer.from(encodeBatch(SEEDS[round % SEEDS.length]!));
    const inside = prng.chance(0.6);
    const bytes = mutated(prng, inside ? body : Buffer.from(sealEnvelope(head, body)));
    try {
      if (inside) decodeBatch(bytes);
      else openBatch(bytes);
      read++;
    } catch (error) {
      assert.ok(error instanceof RecordFault, `${(error as Error).stack}`);
      reasons.set(error.reason, (reasons.get(error.reason) ?? 0) + 1);
    }
  }
  assert.ok(read > 300, `only ${read} were readable: the mutations are too coarse to reach far`);
  for (const reason of ['malformed', 'columns', 'index', 'value', 'checksum', 'codec', 'version', 'name']) {
    assert.ok(reasons.has(reason), `nothing was refused for ${reason}: ${JSON.stringify([...reasons])}`);
  }
});

test('every cut of an envelope is refused', () => {
  const bytes = sealEnvelope(head, encodeBatch(SEEDS[1]!));
  for (let n = 0; n < bytes.length; n++)
    assert.throws(() => openBatch(bytes.subarray(0, n)), RecordFault, `cut at ${n}`);
  assert.ok(readEnvelope(bytes).sequence === head.sequence);
});

const SEEDS = Array.from({ length: 12 }, (_, i) => anyBatch(new Prng(100 + i), i * 3));

function mutated(prng: Prng, bytes: Buffer): Buffer {
  const out = Buffer.from(bytes);
  switch (prng.below(4)) {
    case 0:
      return out.subarray(0, prng.below(out.length + 1));
    case 1: {
      const at = prng.below(out.length);
      return Buffer.concat([out.subarray(0, at), prng.bytes(prng.between(1, 8)), out.subarray(at)]);
    }
    default:
      for (let n = prng.between(1, 3); n > 0; n--)
        out[prng.below(out.length)] = prng.chance(0.5)
          ? prng.u32()
          : out[prng.below(out.length)]! ^ (1 << prng.below(8));
      return out;
  }
}

/** A length-delimited field. */
function field(number: number, content: Buffer): Buffer {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))]);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
}
