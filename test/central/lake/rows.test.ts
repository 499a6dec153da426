import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../src/base/root.js';
import { STAGING, TABLES } from '../../../src/central/lake/tables.js';
import { CONN_STATES, DNS_SERVICES, protocolName } from '../../../src/record/names.js';
import { fakeBatch } from '../support/fake-batches.js';
import { hyparquetRows, openLake, parquetFiles, tempDir } from '../support/lakes.js';

const HOUR_US = 3.6e9;
const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const HOSTILE = [
  "'; DROP TABLE flow; --",
  '<script>alert(1)</script>',
  'a\u0000b',
  '\u202egnp.exe',
  '\\"\n\r\t',
  '',
  '💥',
];

test('what a batch says is what another engine reads in the files, column by column', async (t) => {
  const dir = tempDir(t);
  const lake = await openLake(dir);
  // The window spans an hour's end, so that rows of one batch go to two folders.
  const batch = fakeBatch({ windowFromUs: NOON_US - 30e6, flows: 300, dns: 150, seed: 7 });
  batch.dns.latencyUs[0] = -1;
  await lake.append([{ epoch: 1234, sequence: 1, batch }], []);
  await lake.close();

  const flows = await hyparquetRows(lake.dir, 'flow');
  const f = batch.flows;
  assert.equal(flows.length, f.count);
  assert.ok(parquetFiles(lake.dir, 'flow').length >= 2, 'the batch was meant to span two hours');
  for (const row of flows) {
    const i = Number(row.row);
    assert.equal((row.ts as Date).getTime(), Math.floor(f.tsUs[i]! / 1000));
    assert.equal(row.path, hourOf(row.path as string, 'flow', f.tsUs[i]!));
    assert.ok(Math.abs((row.duration as number) - f.durationUs[i]! / 1e6) < 1e-9);
    assert.equal(row.src, batch.addresses[f.src[i]!]);
    assert.equal(row.dst, batch.addresses[f.dst[i]!]);
    assert.deepEqual([row.sport, row.dport, row.vlan], [f.sport[i], f.dport[i], f.vlan[i]]);
    assert.equal(row.proto, protocolName(f.proto[i]!));
    assert.equal(row.conn_state, CONN_STATES[f.connState[i]!]);
    assert.equal(row.history, batch.strings[f.history[i]!]);
    assert.equal(row.score, f.score[i]);
    assert.equal(row.weight, f.weight[i]);
    const counts = [row.orig_packets, row.orig_bytes, row.resp_packets, row.resp_bytes, row.flows].map(Number);
    assert.deepEqual(counts, [f.origPackets[i], f.origBytes[i], f.respPackets[i], f.respBytes[i], f.flows[i]]);
    assert.deepEqual([row.site, row.sensor, Number(row.epoch), Number(row.seq)], ['berlin', 'tap-1', 1234, 1]);
  }

  const dns = await hyparquetRows(lake.dir, 'dns');
  const d = batch.dns;
  assert.equal(dns.length, d.count);
  const answersAt = [0];
  for (const n of d.answerCount) answersAt.push(answersAt.at(-1)! + n);
  for (const row of dns) {
    const i = Number(row.row);
    const answers = [...d.answers.subarray(answersAt[i]!, answersAt[i + 1]!)].map((at) => batch.strings[at]);
    assert.deepEqual(row.answers, answers);
    assert.equal(row.qname, batch.strings[d.qname[i]!]);
    assert.equal(row.client, batch.addresses[d.client[i]!]);
    assert.equal(row.service, DNS_SERVICES[d.service[i]!]);
    assert.equal(row.qtype, { 1: 'A', 28: 'AAAA', 65: 'HTTPS', 12: 'PTR' }[d.qtype[i]!]);
    assert.equal(row.rcode, { 0: 'NOERROR', 2: 'SERVFAIL', 3: 'NXDOMAIN', [-1]: null }[d.rcode[i]!]);
    if (d.latencyUs[i]! < 0) assert.equal(row.latency, null);
    else assert.ok(Math.abs((row.latency as number) - d.latencyUs[i]! / 1e6) < 1e-9);
  }
  assert.ok(dns.some((row) => (row.answers as unknown[]).length === 0) && dns.some((row) => row.rcode === null));

  const findings = await hyparquetRows(lake.dir, 'finding');
  assert.deepEqual(
    findings.map((row) => [row.kind, row.dst_port, row.domain, row.reasons]).sort(),
    batch.findings.map((x) => [x.kind, x.dstPort, x.domain, x.reasons]).sort(),
  );
  const ledger = await hyparquetRows(lake.dir, 'ledger');
  assert.deepEqual(Object.fromEntries(ledger.map((row) => [row.name, row.value])), batch.ledger);
  const words = await hyparquetRows(lake.dir, 'word');
  const spelled = (row: Record<string, unknown>) => `${row.host} ${row.source} ${row.word} ${Number(row.occurrences)}`;
  const w = batch.words;
  const said = Array.from({ length: w.count }, (_, i) => {
    return `${batch.addresses[w.host[i]!]} ${w.source[i] ? 'dns' : 'flow'} ${batch.strings[w.word[i]!]} ${w.occurrences[i]}`;
  });
  assert.deepEqual(words.map(spelled).sort(), said.sort());
  assert.ok(words.every((row) => row.word_set === 'tapspot'));
});

test('hostile texts are stored and asked for as the texts they are', async (t) => {
  const dir = tempDir(t);
  const lake = await openLake(dir);
  const batch = fakeBatch({ windowFromUs: NOON_US, flows: 0, dns: HOSTILE.length, findings: false });
  const base = batch.strings.length;
  batch.strings.push(...HOSTILE);
  for (let i = 0; i < HOSTILE.length; i++) batch.dns.qname[i] = base + i;
  batch.findings = HOSTILE.map((text, i) => ({
    ...{
      kind: `kind-${i}`,
      src: '10.0.0.1',
      dst: null,
      dstPort: null,
      proto: null,
      domain: text,
      firstUs: NOON_US,
      lastUs: NOON_US,
    },
    reasons: [{ name: text, points: 1, text }],
  }));
  await lake.append([{ epoch: 1, sequence: 1, batch }], []);
  for (const text of HOSTILE) {
    const found = await lake.query<{ qname: string }>(
      (from) => `SELECT qname FROM ${from('dns')} WHERE qname = $1`,
      [text],
    );
    assert.deepEqual(found, [{ qname: text }]);
  }
  const reasons = await lake.query<{ domain: string; reasons: { name: string; text: string }[] }>(
    (from) => `SELECT domain, reasons FROM ${from('finding')} ORDER BY kind`,
  );
  assert.deepEqual(
    reasons.map((r) => r.domain),
    HOSTILE,
  );
  assert.deepEqual(
    reasons.map((r) => r.reasons[0]!.text),
    HOSTILE,
  );
  await lake.close();
});

test('a query of one day reads no other day, and a day without data is empty', async (t) => {
  const lake = await openLake(tempDir(t));
  for (const [i, at] of [NOON_US, NOON_US + 24 * HOUR_US].entries()) {
    await lake.append([{ epoch: 1, sequence: i + 1, batch: fakeBatch({ windowFromUs: at, flows: 10 + i }) }], []);
  }
  const count = (days?: string[]) =>
    lake.query<{ n: number }>((from) => {
      const flow = from('flow', days);
      return flow && `SELECT count(*)::INTEGER AS n FROM ${flow}`;
    });
  assert.deepEqual(await count(['2026-11-20']), [{ n: 10 }]);
  assert.deepEqual(await count(['2026-11-21', '2026-11-19']), [{ n: 11 }]);
  assert.deepEqual(await count(["2026-11-21' OR 1=1"]), []);
  assert.deepEqual(await count(), [{ n: 21 }]);
  assert.deepEqual(lake.files.days('flow'), ['2026-11-21', '2026-11-20']);
  await lake.close();
});

test('docs/lake.md names every column of every table, in order, with its type', async (t) => {
  const lake = await openLake(tempDir(t));
  await lake.append([{ epoch: 1, sequence: 1, batch: fakeBatch({ windowFromUs: NOON_US }) }], []);
  const doc = readFileSync(join(packageRoot(), 'docs/lake.md'), 'utf8');
  for (const table of TABLES) {
    const columns = await lake.query<{ column_name: string; column_type: string }>(
      (from) => `DESCRIBE SELECT * FROM ${from(table)}`,
    );
    const part = doc.split(`## ${table}\n`)[1]?.split('\n## ')[0] ?? '';
    const told = [...part.matchAll(/^\| `([a-z_]+)` \| `([^`]+)` \|/gm)].map((m) => `${m[1]} ${m[2]}`);
    assert.deepEqual(
      told,
      columns.map((c) => `${c.column_name} ${c.column_type}`),
      table,
    );
  }
  assert.ok(Object.keys(STAGING).length > TABLES.length);
  await lake.close();
});

function hourOf(path: string, table: string, us: number): string {
  const iso = new Date(Math.floor(us / 1000)).toISOString();
  return `${table}/dt=${iso.slice(0, 10)}/hr=${iso.slice(11, 13)}/${path.split('/').at(-1)}`;
}
