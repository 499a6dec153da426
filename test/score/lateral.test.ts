import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/random.js';
import { type Finding, findingScore } from '../../src/record/finding.js';
import { Scorer } from '../../src/score/scorer.js';
import { found, none, one } from './found.js';
import { type FlowRow, HOUR, MINUTE, SECOND, START, windowOf } from './rows.js';

const at = (seconds: number) => START + seconds * SECOND;
const refused = { state: 'REJ', respPackets: 1, origPackets: 1, origPayload: 0, respPayload: 0 } as const;
const silent = { state: 'S0', respPackets: 0, origPackets: 1, origPayload: 0, respPayload: 0 } as const;
const INTRUDER = '10.0.0.66';

/** Ordinary logins for two hours, by which the sensor learns who goes where. */
function past(): FlowRow[] {
  const random = new Random(21);
  return Array.from({ length: 240 }, (_, i) => ({
    src: `10.0.0.${1 + random.below(20)}`,
    dst: `10.0.9.${1 + random.below(2)}`,
    dport: [22, 445, 443][random.below(3)]!,
    firstUs: at(i * 30),
  }));
}

const LATER = 240 * 30;

/** One source that goes from host to host on some services; the last of them lets it in. */
function fan(hosts: number, ports: number[], fromSeconds: number, gap = 2, src = INTRUDER): FlowRow[] {
  const rows: FlowRow[] = [];
  for (let h = 0; h < hosts; h++) {
    ports.forEach((dport, p) => {
      const outcome = p === ports.length - 1 ? {} : refused;
      rows.push({ src, dst: `10.0.5.${h + 1}`, dport, firstUs: at(fromSeconds + h * gap + p * 0.1), ...outcome });
    });
  }
  return rows;
}

test('a host that goes to nine others on four services in seconds moves laterally, known network or not', () => {
  for (const before of [past(), []]) {
    const f = one(found([...before, ...fan(9, [445, 3389, 5985, 22], LATER)]), 'lateral');
    assert.equal(f.src, INTRUDER);
    assert.equal(f.dst, null);
    assert.match(f.reasons[0]!.text, /^reached 9 own hosts on ssh, smb, rdp and winrm in 16 s/);
    assert.equal(/never did so before in 2 h/.test(f.reasons[0]!.text), before.length > 0);
    assert.ok(findingScore(f) >= 55, `${findingScore(f)}`);
    assert.match(f.reasons.map((r) => r.text).join('; '), /27 of 36 first tries failed, and 9 hosts let it in/);
  }
});

test('new logins to five hosts that all succeed count once the sensor knows who goes where, and not before', () => {
  const f = one(found([...past(), ...fan(5, [22], LATER)]), 'lateral');
  assert.ok(findingScore(f) >= 25 && findingScore(f) < 45, `${findingScore(f)}`);
  none(found([...past(), ...fan(4, [22], LATER)]), 'lateral');
  none(found(fan(9, [22], 0)), 'lateral');
});

test('a fan-out that is spread over an hour is not one', () => {
  none(found([...past(), ...fan(12, [22], LATER, 300)]), 'lateral');
});

test('guesses before and a new visitor before make it stronger', () => {
  const plain = findingScore(one(found([...past(), ...fan(6, [3389, 22], LATER)]), 'lateral'));
  const visit: FlowRow = { src: '10.0.0.7', dst: INTRUDER, dport: 3389, firstUs: at(LATER - 300) };
  const visited = one(found([...past(), visit, ...fan(6, [3389, 22], LATER)]), 'lateral');
  assert.match(
    visited.reasons.at(-1)!.text,
    /10\.0\.0\.7 came to 10\.0\.0\.66 on rdp for the first time, 5 min before/,
  );
  const guesses = Array.from({ length: 100 }, (_, i) => ({
    src: INTRUDER,
    dst: '10.0.9.1',
    dport: 22,
    firstUs: at(LATER - 150 + i),
    origPayload: 1900,
    respPayload: 2100,
  }));
  const guessed = one(found([...past(), ...guesses, ...fan(6, [3389, 22], LATER)]), 'lateral');
  assert.ok(guessed.reasons.some((r) => r.name === 'lateral.guessed'));
  assert.ok(findingScore(visited) >= plain + 9 && findingScore(guessed) >= plain + 9);
});

test('an administrator who does this all day is none, even when a few hosts are new or dead', () => {
  const random = new Random(22);
  const rows: FlowRow[] = [];
  for (let minute = 0; minute < 8 * 60; minute++) {
    for (let n = 0; n < 3; n++) {
      // Forty hosts from the beginning; after four hours three more.
      const host = minute === 240 ? 41 + n : 1 + random.below(40);
      rows.push({
        src: '10.0.0.2',
        dst: `10.0.5.${host}`,
        dport: [22, 3389, 5986][host % 3]!,
        firstUs: at(minute * 60 + n * 20 + random.below(20)),
        origPayload: 3000 * Math.exp(2 * random.normal()),
        respPayload: 9000 * Math.exp(2 * random.normal()),
        ...(random.below(25) === 0 ? refused : {}),
      });
    }
  }
  none(found(rows, [], 'lateral'), 'lateral');
});

test('servers that many come to, and clients of a domain that log on, move nowhere', () => {
  const random = new Random(23);
  const rows = past();
  for (let i = 0; i < 200; i++) {
    // Everybody to two controllers and a file server; the file server to nobody.
    const src = `10.0.2.${1 + i}`;
    const us = LATER + random.uniform() * 1200;
    for (const [dst, dport] of [
      ['10.0.9.11', 135],
      ['10.0.9.11', 445],
      ['10.0.9.12', 445],
      ['10.0.9.13', 139],
      ['10.0.9.13', 445],
    ] as const) {
      rows.push({ src, dst, dport, firstUs: at(us) });
    }
  }
  rows.sort((a, b) => a.firstUs! - b.firstUs!);
  none(found(rows), 'lateral');
});

test('a sweep of one port is left to the scan detector, over dead hosts or refusing ones', () => {
  for (const answer of [silent, refused]) {
    const rows = Array.from({ length: 250 }, (_, i) => ({
      src: INTRUDER,
      dst: `10.0.5.${i + 1}`,
      dport: 445,
      firstUs: at(LATER + i * 0.1),
      ...(i % 60 === 0 ? refused : answer),
    }));
    const got = found([...past(), ...rows]);
    one(got, 'scan.horizontal');
    none(got, 'lateral');
  }
});

test('what goes outside, comes from outside, or was under way already is no lateral movement', () => {
  const away = fan(9, [3389, 22], LATER).map((r) => ({ ...r, dst: r.dst!.replace('10.0.5', '203.0.113') }));
  const from = fan(9, [3389, 22], LATER).map((r) => ({ ...r, src: '203.0.113.9' }));
  const middle = fan(9, [3389, 22], LATER).map((r) => ({
    ...r,
    state: 'OTH' as const,
    respPayload: 900,
    respPackets: 9,
  }));
  for (const rows of [away, from, middle]) none(found([...past(), ...rows]), 'lateral');
});

test('an hour later it is still one line, and it grows', () => {
  const f = one(found([...past(), ...fan(6, [3389, 22], LATER), ...fan(30, [3389, 22], LATER + 400, 3)]), 'lateral');
  assert.match(f.reasons[0]!.text, /reached (29|30|31) own hosts/);
});

test('a flood of made-up edges costs bounded memory and hides nobody who follows', () => {
  const random = new Random(24);
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 5, memoryBytes: 8 << 20 });
  const findings: Finding[] = [];
  let evicted = 0;
  for (let n = 0; n < 3; n++) {
    const from = START + n * HOUR;
    const rows: FlowRow[] = Array.from({ length: 9000 }, (_, i) => ({
      src: `10.${random.below(250)}.${random.below(250)}.${1 + random.below(250)}`,
      dst: `10.${random.below(250)}.${random.below(250)}.${1 + random.below(250)}`,
      dport: [22, 445, 3389][random.below(3)]!,
      firstUs: from + i * 1000,
    }));
    const window = windowOf(rows, [], from);
    findings.push(...scorer.close(window).findings.filter((f) => f.kind === 'lateral'));
    evicted += window.ledger['score.evicted']!;
  }
  assert.ok(evicted > 5000, 'the flood did not fill the tables: the test has gone vacuous');
  assert.deepEqual(findings, []);
  const rows = fan(9, [445, 3389, 22], 5 * 3600);
  const told = scorer.close(windowOf(rows, [], START + 5 * HOUR, MINUTE)).findings;
  assert.equal(one(told, 'lateral').src, INTRUDER);
});

test('clocks that jump do not blind it', () => {
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 5, memoryBytes: 8 << 20 });
  for (const hours of [500, 0, -300]) {
    const seconds = hours * 3600;
    const src = `10.0.0.${hours === 0 ? 5 : hours > 0 ? 6 : 7}`;
    for (const who of [src, INTRUDER]) {
      const rows = fan(9, [445, 3389, 22], seconds, 2, who).map((r) => ({
        ...r,
        dst: r.dst!.replace('.5.', `.${50 + (hours + 300) / 100}.`),
      }));
      const told = scorer.close(windowOf(rows, [], at(seconds))).findings.filter((f) => f.kind === 'lateral');
      assert.deepEqual(
        told.map((f) => f.src),
        [who],
        `after a jump to ${hours} h`,
      );
    }
  }
});
