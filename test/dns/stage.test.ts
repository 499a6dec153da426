import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsTable } from '../../src/dns/columns.js';
import { mergeDns } from '../../src/dns/order.js';
import { dnsRow } from '../../src/dns/report.js';
import { DnsStage, isDns } from '../../src/dns/stage.js';
import { Prng } from '../support/prng.js';
import { answer, bytes, message, packet, query, question, type Sent } from './support/messages.js';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.53';
const second = 1e6;
const T0 = 1.7e15;

const asked = (o: Partial<Sent> = {}): Sent => ({
  from: CLIENT, fromPort: 40000, to: SERVER, toPort: 53, timeUs: T0, payload: query(7, 'www.example.com'), ...o,
}); // biome-ignore format: one line
const told = (o: Partial<Sent> = {}): Sent => ({
  from: SERVER, fromPort: 53, to: CLIENT, toPort: 40000, timeUs: T0 + 1500, payload: answer(7, 'www.example.com'), ...o,
}); // biome-ignore format: one line

function feed(stage: DnsStage, ...sent: Sent[]): DnsStage {
  for (const s of sent) {
    const { p, view, arena } = packet(s);
    assert.ok(isDns(p));
    stage.add(p, view, arena);
  }
  return stage;
}

const fresh = (o = {}) => new DnsStage({ memoryBytes: 1 << 20, seed: 99, ...o });

/** The sums of tally.ts, for a stage with nothing pending. */
function assertBooks(t: Record<string, number>, rows: number): void {
  const sum = (...keys: string[]) => keys.reduce((n, k) => n + t[`dns.${k}`]!, 0);
  const malformed = Object.keys(t)
    .filter((k) => k.startsWith('dns.malformed_'))
    .map((k) => k.slice(4));
  assert.equal(sum('messages'), sum('udp_messages', 'tcp_messages'));
  assert.equal(sum('messages'), sum('ok', ...malformed));
  assert.equal(sum('messages'), sum('queries', 'responses', 'malformed_short', 'malformed_not_dns', 'dropped_full'));
  assert.equal(
    sum('queries'),
    sum('matched', 'unanswered', 'unanswered_evicted', 'unanswered_flushed', 'queries_alone'),
  );
  assert.equal(sum('responses'), sum('matched', 'orphan', 'duplicate', 'responses_alone'));
  assert.equal(rows, sum('queries', 'responses') - sum('matched'));
}

/** Everything the stage has, as rows of a report in canonical order; `taken` rows were taken before. */
function all(stage: DnsStage, taken = 0) {
  stage.flush();
  const table = mergeDns([stage.take()]);
  assertBooks(stage.tally, table.rows.count + taken);
  return Array.from({ length: table.rows.count }, (_, row) => dnsRow(table, row));
}

describe('a pair', () => {
  test('is one row with both messages, their times and the latency', () => {
    const rows = all(feed(fresh(), asked({ vlan: 12 }), told()));
    assert.equal(rows.length, 1);
    const { answers, ...r } = rows[0]!;
    assert.deepEqual(answers, [{ name: 'www.example.com', type: 'A', class: 'IN', ttl: 300, data: '192.0.2.1' }]);
    assert.equal(r.latency, 0.0015);
    assert.deepEqual(
      [r.ts, r.client, r.cport, r.server, r.sport, r.proto, r.service, r.vlan, r.id],
      [T0 / 1e6, CLIENT, 40000, SERVER, 53, 'udp', 'dns', 12, 7],
    );
    assert.deepEqual(
      [r.qname, r.qtype, r.qclass, r.opcode, r.rcode, r.ra],
      ['www.example.com', 'A', 'IN', 'QUERY', 'NOERROR', true],
    );
    assert.deepEqual([r.queryBytes, r.responseBytes, r.score], [33, 49, 1]);
  });

  test('needs the same client, server, ports, id and question', () => {
    for (const other of [
      told({ to: '10.0.0.2' }),
      told({ from: '10.0.0.54' }),
      told({ toPort: 40001 }),
      told({ payload: answer(8, 'www.example.com') }),
      told({ payload: answer(7, 'www.example.org') }),
      told({ payload: answer(7, 'www.example.com', 28) }),
    ]) {
      const rows = all(feed(fresh(), asked(), other));
      assert.deepEqual(
        rows.map((r) => r.rcode),
        [null, 'NOERROR'],
      );
      assert.deepEqual(
        rows.map((r) => r.latency),
        [null, null],
      );
    }
  });

  test('does not need the same case: resolvers send random capitals to defend themselves', () => {
    const rows = all(feed(fresh(), asked({ payload: query(7, 'wWw.eXample.COM') }), told()));
    assert.deepEqual(
      rows.map((r) => [r.qname, r.rcode]),
      [['www.example.com', 'NOERROR']],
    );
  });

  test('does not need a question in the answer', () => {
    const rows = all(feed(fresh(), asked(), told({ payload: message({ id: 7, flags: 0x8001 }) })));
    assert.deepEqual(
      rows.map((r) => [r.qname, r.rcode]),
      [['www.example.com', 'FORMERR']],
    );
  });

  test('works over IPv6, and for the root', () => {
    const rows = all(
      feed(
        fresh(),
        asked({ from: '2001:db8::1', to: '2001:db8::53', payload: query(7, '.', 2) }),
        told({ from: '2001:db8::53', to: '2001:db8::1', payload: answer(7, '.', 2) }),
      ),
    );
    assert.deepEqual(
      rows.map((r) => [r.client, r.server, r.qname, r.qtype]),
      [['2001:db8::1', '2001:db8::53', '.', 'NS']],
    );
  });

  test('is a pair when the tap shows the answer a little before its query, with no latency', () => {
    const rows = all(feed(fresh(), asked({ timeUs: T0 + 100 }), told({ timeUs: T0 + 40 })));
    assert.deepEqual(
      rows.map((r) => r.latency),
      [0],
    );
  });
});

describe('several of a kind', () => {
  test('a query sent again is a row of its own, and the answer belongs to the first', () => {
    const stage = feed(fresh(), asked(), asked({ timeUs: T0 + second }), told({ timeUs: T0 + 1.5 * second }));
    assert.equal(stage.tally['dns.queries_repeated'], 1);
    feed(stage, asked({ timeUs: T0 + 30 * second }), told({ timeUs: T0 + 30 * second + 5 }));
    feed(stage, asked({ timeUs: T0 + 31 * second, fromPort: 9 }), told({ timeUs: T0 + 31 * second + 5, toPort: 9 }));
    assert.equal(stage.tally['dns.queries_repeated'], 1, 'neither an old one nor one from another port is repeated');
    const rows = all(stage).slice(0, 2);
    assert.deepEqual(
      rows.map((r) => [r.ts, r.latency]),
      [
        [T0 / 1e6, 1.5],
        [T0 / 1e6 + 1, null],
      ],
    );
  });

  test('a tap that sees everything twice gives everything twice', () => {
    const stage = feed(fresh(), asked(), asked({ timeUs: T0 + 3 }), told(), told({ timeUs: T0 + 1503 }));
    assert.equal(stage.tally['dns.matched'], 2);
    assert.deepEqual(
      all(stage).map((r) => r.latency),
      [0.0015, 0.0015],
    );
  });

  test('a second answer to one query is kept, and counted as a duplicate', () => {
    const forged = answer(7, 'www.example.com');
    forged.set([6, 6, 6, 6], forged.length - 4);
    const stage = feed(fresh(), asked(), told({ payload: forged }), told({ timeUs: T0 + 9000 }));
    assert.equal(stage.tally['dns.duplicate'], 1);
    const rows = all(stage);
    assert.deepEqual(
      rows.map((r) => r.answers[0]!.data),
      ['6.6.6.6', '192.0.2.1'],
    );
    assert.deepEqual(
      rows.map((r) => r.latency),
      [0.0015, null],
    );
  });

  test('an answer nobody asked for is an orphan row', () => {
    const stage = feed(fresh(), told());
    assert.equal(stage.tally['dns.orphan'], 1);
    assert.deepEqual(
      all(stage).map((r) => [r.client, r.qname, r.queryBytes]),
      [[CLIENT, 'www.example.com', 0]],
    );
  });

  test('the oldest is answered first also when one key is used very often, and no answer walks the whole table', () => {
    const stage = fresh({ memoryBytes: 8 << 20, rowsMax: 1 << 17 });
    for (let i = 0; i < 30_000; i++) feed(stage, asked({ timeUs: T0 + i }));
    for (let i = 0; i < 3000; i++) feed(stage, told({ timeUs: T0 + 40_000 + i }));
    assert.equal(stage.tally['dns.matched'], 64, 'the newest 64 are looked at');
    assert.equal(stage.tally['dns.duplicate'], 3000 - 64);
  });
});

describe('time', () => {
  test('an answer within the timeout is a pair, one a microsecond later is not, whoever moved time on before', () => {
    for (const advance of [null, T0 + 10 * second, T0 + 10.9 * second]) {
      for (const [late, pairs] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const stage = feed(fresh(), asked());
        if (advance !== null) stage.advance(advance);
        feed(stage, told({ timeUs: T0 + 10 * second + late }));
        assert.equal(stage.tally['dns.matched'], pairs, `advance ${advance}, ${late} µs late`);
        all(stage);
      }
    }
  });

  test('a query is unanswered once its time is over, and take() then holds it', () => {
    const stage = feed(fresh(), asked());
    stage.advance(T0 + 5 * second);
    assert.equal(stage.take().rows.count, 0);
    stage.advance(T0 + 12 * second);
    assert.equal(stage.tally['dns.unanswered'], 1);
    assert.equal(stage.take().rows.count, 1);
  });

  test('a query that waits is carried from table to table and answered there', () => {
    const stage = feed(fresh(), asked({ payload: query(7, 'WWW.example.com') }));
    feed(
      stage,
      asked({ fromPort: 2, payload: query(9, 'b.example') }),
      told({ toPort: 2, payload: answer(9, 'b.example') }),
    );
    const first = stage.take();
    assert.equal(first.rows.count, 1);
    assert.equal(dnsRow(first, 0).qname, 'b.example');
    for (let i = 0; i < 3; i++) assert.equal(stage.take().rows.count, 0);
    feed(stage, told());
    const rows = all(stage, 1);
    assert.deepEqual(
      rows.map((r) => [r.qname, r.latency, r.queryBytes]),
      [['www.example.com', 0.0015, 33]],
    );
  });

  test('a second answer is known for a duplicate in the next window, too', () => {
    const stage = feed(fresh(), asked(), told());
    assert.equal(stage.take().rows.count, 1);
    feed(stage, told({ timeUs: T0 + second }));
    assert.equal(stage.tally['dns.duplicate'], 1);
  });

  test('a clock that is set back by a year does not keep the old queries for a year', () => {
    const stage = feed(fresh(), asked(), asked({ timeUs: T0 - 3e13, fromPort: 9 }));
    stage.advance(T0 - 3e13);
    assert.equal(stage.tally['dns.unanswered'], 1);
    feed(stage, told({ timeUs: T0 - 3e13 + 10, toPort: 9 }));
    assert.equal(stage.tally['dns.matched'], 1);
  });
});

describe('mDNS and LLMNR', () => {
  const mdns = (o: Partial<Sent>): Sent => ({
    from: CLIENT,
    fromPort: 5353,
    to: '224.0.0.251',
    toPort: 5353,
    timeUs: T0,
    payload: query(0, 'printer.local'),
    ...o,
  });

  test('a multicast query and what is answered stand alone', () => {
    const stage = feed(
      fresh(),
      mdns({}),
      mdns({
        from: '10.0.0.9',
        timeUs: T0 + 5,
        payload: message({
          flags: 0x8400,
          answers: [bytes(4, 'host', 5, 'local', 0, 0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4, 10, 0, 0, 9)],
        }),
      }),
    );
    const t = stage.tally;
    assert.deepEqual(
      [t['dns.queries_alone'], t['dns.responses_alone'], t['dns.orphan'], t['dns.unanswered']],
      [1, 1, 0, 0],
    );
    assert.equal(stage.take().rows.count, 2, 'a multicast query does not wait');
    all(stage, 2);
  });

  test('every answer to an LLMNR query is seen with the address that gave it', () => {
    const ask: Partial<Sent> = { fromPort: 50000, to: '224.0.0.252', toPort: 5355, payload: query(5, 'fileserv') };
    const reply = (from: string): Sent =>
      mdns({ from, fromPort: 5355, to: CLIENT, toPort: 50000, timeUs: T0 + 9, payload: answer(5, 'fileserv') });
    const stage = feed(fresh(), mdns(ask), reply('10.0.0.7'), reply('10.0.0.66'));
    const rows = all(stage);
    assert.deepEqual(
      rows.map((r) => [r.service, r.client, r.server, r.qname, r.rcode]),
      [
        ['llmnr', CLIENT, '224.0.0.252', 'fileserv', null],
        ['llmnr', CLIENT, '10.0.0.7', 'fileserv', 'NOERROR'],
        ['llmnr', CLIENT, '10.0.0.66', 'fileserv', 'NOERROR'],
      ],
    );
  });

  test('a query to one host is matched like any other', () => {
    const stage = feed(
      fresh(),
      mdns({ to: '10.0.0.9', fromPort: 50001 }),
      mdns({ from: '10.0.0.9', to: CLIENT, toPort: 50001, timeUs: T0 + 10, payload: answer(0, 'printer.local') }),
    );
    assert.equal(stage.tally['dns.matched'], 1);
    assert.deepEqual(
      all(stage).map((r) => r.service),
      ['mdns'],
    );
  });

  test('a wish for a unicast answer is not part of the class', () => {
    const rows = all(
      feed(fresh(), mdns({ payload: message({ id: 0, flags: 0, questions: [question('p.local', 12, 0x8001)] }) })),
    );
    assert.deepEqual(
      rows.map((r) => [r.qclass, r.unicastResponse]),
      [['IN', true]],
    );
  });
});

describe('odd bytes', () => {
  test('are counted and make no row when they are no message', () => {
    const stage = feed(
      fresh(),
      asked({ payload: bytes() }),
      asked({ payload: bytes('hello') }),
      asked({ payload: bytes('SSH-2.0-OpenSSH_9.6p1\r\n') }),
    );
    assert.deepEqual([stage.tally['dns.malformed_short'], stage.tally['dns.malformed_not_dns']], [2, 1]);
    assert.deepEqual(all(stage), []);
  });

  test('a broken answer still answers, and says what is broken', () => {
    const stage = feed(fresh(), asked(), told({ payload: answer(7, 'www.example.com').slice(0, -3) }));
    assert.equal(stage.tally['dns.malformed_cut'], 1);
    assert.deepEqual(
      all(stage).map((r) => [r.rcode, r.responseFault, r.latency]),
      [['NOERROR', 'cut', 0.0015]],
    );
  });

  test('a message that the capture cut is told from one that was sent short', () => {
    const stage = feed(fresh(), asked(), told({ captured: 40 }));
    assert.equal(stage.tally['dns.malformed_snapped'], 1);
    assert.equal(all(stage).length, 1);
  });
});

describe('bounds', () => {
  test('more queries than may be remembered give up the oldest, and say so', () => {
    const stage = fresh({ memoryBytes: 64 << 10, rowsMax: 1 << 16 });
    for (let i = 0; i < 20_000; i++) feed(stage, asked({ timeUs: T0 + i, fromPort: 1024 + (i % 60_000) }));
    assert.ok(stage.tally['dns.unanswered_evicted']! > 19_000);
    assert.equal(all(stage).length, 20_000, 'none is lost');
  });

  test('a full table says so before anything is lost, and counts what is lost when nobody listens', () => {
    const careful = fresh({ rowsMax: 1000, bytesMax: 1 << 20 });
    const tables: DnsTable[] = [];
    for (let i = 0; i < 5000; i++) {
      feed(careful, asked({ timeUs: T0 + i * 10, payload: query(i & 0xffff, `n${i}.example`) }));
      if (careful.full) tables.push(careful.take());
    }
    careful.flush();
    tables.push(careful.take());
    assert.equal(careful.tally['dns.dropped_full'], 0);
    assert.equal(
      tables.reduce((n, t) => n + t.rows.count, 0),
      5000,
    );
    assert.ok(tables.every((t) => t.rows.count <= 1000 && t.bytes.length <= 1 << 20));

    const careless = fresh({ rowsMax: 1000, bytesMax: 1 << 20 });
    for (let i = 0; i < 5000; i++) feed(careless, asked({ timeUs: T0 + i * 10, fromPort: 1024 + i }));
    assert.equal(careless.tally['dns.dropped_full'], 4000);
    assert.equal(all(careless).length, 1000);
  });

  test('the largest messages there are fit, and waiting ones never fill a table', () => {
    const stage = fresh({ bytesMax: 1 << 20 });
    let rows = 0;
    for (let i = 0; i < 200; i++) {
      const payload = bytes(query(i, 'big.example'), new Uint8Array(65_400));
      feed(stage, asked({ timeUs: T0 + i, fromPort: 2000 + i, payload }));
      if (stage.full) rows += stage.take().rows.count;
      assert.ok(!stage.full);
    }
    stage.flush();
    assert.equal(rows + stage.take().rows.count, 200);
    assert.equal(stage.tally['dns.dropped_full'], 0);
    assert.equal(stage.tally['dns.malformed_trailing'], 200);
  });
});

/** The table of a window that ends here; null: of the last one. */
function taken(stage: DnsStage, nowUs: number | null): DnsTable {
  if (nowUs === null) stage.flush();
  else stage.advance(nowUs);
  return stage.take();
}

test('however packets are spread over shards and whenever tables are taken, the records are the same', () => {
  const prng = new Prng(53);
  const sent: Sent[] = [];
  for (let i = 0; i < 6000; i++) {
    const from = `10.0.${prng.below(3)}.${prng.below(40)}`;
    const fromPort = 1024 + prng.below(400);
    const id = prng.below(50);
    const what = `h${prng.below(30)}.example`;
    const timeUs = T0 + i * 20_000 + prng.below(900_000);
    const to = prng.chance(0.1) ? '224.0.0.251' : SERVER;
    const service = to === SERVER ? 53 : 5353;
    const copies = prng.chance(0.1) ? 2 : 1;
    for (let c = 0; c < copies; c++)
      sent.push({ from, fromPort, to, toPort: service, timeUs: timeUs + c * 400_000, payload: query(id, what) });
    const answers = prng.chance(0.15) ? 0 : prng.chance(0.1) ? 2 : 1;
    for (let c = 0; c < answers; c++) {
      const delay = prng.chance(0.05) ? prng.between(8e6, 13e6) : prng.between(10, 200_000);
      sent.push({
        from: to,
        fromPort: service,
        to: from,
        toPort: fromPort,
        timeUs: timeUs + delay,
        payload: answer(id, prng.chance(0.03) ? 'else.example' : what, 1, prng.pick([0, 0, 0, 3, 2])),
      });
    }
  }
  // As a tap with several queues gives them: nearly in order.
  sent.sort((a, b) => a.timeUs - b.timeUs);
  for (let i = 0; i + 8 < sent.length; i += prng.between(3, 9)) [sent[i], sent[i + 3]] = [sent[i + 3]!, sent[i]!];

  const host = (s: Sent) => (s.toPort === 53 || s.toPort === 5353 ? s.from : s.to);
  const run = (shards: number, windowUs: number, idle: boolean) => {
    const stages = Array.from({ length: shards }, (_, i) => fresh({ seed: i * 31 + shards }));
    const windows: DnsTable[][] = [[]];
    let nextUs = T0 + windowUs;
    for (const s of sent) {
      if (s.timeUs >= nextUs + 1e6) {
        windows.push(stages.map((stage) => taken(stage, nextUs)));
        nextUs += windowUs;
      }
      feed(stages[Number(host(s).split('.')[3]) % shards]!, s);
      if (idle) for (const stage of stages) stage.advance(s.timeUs - 5e5);
    }
    windows.push(stages.map((stage) => taken(stage, null)));
    const merged = mergeDns(windows.flat());
    const sum: Record<string, number> = {};
    for (const stage of stages) for (const [k, n] of Object.entries(stage.tally)) sum[k] = (sum[k] ?? 0) + n;
    assertBooks(sum, merged.rows.count);
    return { merged, sum };
  };

  const one = run(1, 60e6, false);
  assert.ok(
    one.sum['dns.matched']! > 3000 && one.sum['dns.duplicate']! > 200 && one.sum['dns.unanswered']! > 200,
    JSON.stringify(one.sum),
  );
  for (const [shards, windowUs, idle] of [
    [1, 60e6, false],
    [1, 7e6, true],
    [2, 60e6, false],
    [3, 11e6, true],
  ] as const) {
    const other = run(shards, windowUs, idle);
    assert.deepEqual(other.merged, one.merged, `${shards} shards`);
    for (const key of ['matched', 'orphan', 'duplicate', 'queries_alone'])
      assert.equal(other.sum[`dns.${key}`], one.sum[`dns.${key}`], key);
  }
});
