import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { readCertificate } from '../../src/app/certificate.js';
import { mergeApp } from '../../src/app/sheet.js';
import { AppStage, isApp } from '../../src/app/stage.js';
import { eachPacket } from '../dns/support/captures.js';
import { Prng } from '../support/prng.js';
import { noShared, unpackedFile } from '../support/shared.js';
import { rowsOf, weRead } from './support/read.js';

const CAPTURES = [
  'benign-apps/tests__cfgs__default__pcap__tumblr.pcap.xz',
  'benign-apps/tests__cfgs__default__pcap__facebook.pcap.xz',
  'benign-apps/tests__cfgs__default__pcap__webdav.pcap.xz',
  'benign-apps/tests__cfgs__default__pcap__quic-mvfst-exp.pcap.xz',
  'benign-apps/tests__cfgs__default__pcap__tls_long_cert.pcap.xz',
  'benign-apps/tests__cfgs__default__pcap__starcraft_battle.pcap.xz',
];

test('damaged, lost, repeated and misplaced packets make counts and rows, never an exception', {
  skip: noShared,
}, () => {
  const prng = new Prng(1);
  let rows = 0;
  let odd = 0;
  for (let round = 0; round < 12; round++) {
    const stage = new AppStage({ memoryBytes: round % 2 === 0 ? 512 << 10 : 8 << 20, seed: round });
    for (const capture of CAPTURES) {
      eachPacket(unpackedFile(capture), (p, view, arena) => {
        if (prng.chance(0.05)) return;
        const n = p.payloadEnd - p.payloadStart;
        if (n > 0 && prng.chance(0.1)) {
          for (let k = prng.below(4); k >= 0; k--) arena[p.payloadStart + prng.below(Math.min(n, 80))] = prng.u32();
        }
        if (prng.chance(0.02)) p.payloadEnd = p.payloadStart + prng.below(n + 1);
        if (prng.chance(0.02)) p.tcpSeq = (p.tcpSeq + prng.between(-3000, 70_000)) >>> 0;
        if (prng.chance(0.01)) p.tcpSeq = prng.u32();
        if (prng.chance(0.02)) p.tcpFlags ^= 1 << prng.below(5);
        if (!isApp(p, view)) return;
        stage.add(p, view, arena);
        if (prng.chance(0.05)) stage.add(p, view, arena);
        stage.advance(p.timeUs);
      });
    }
    while (!stage.flush()) stage.take();
    const table = mergeApp([stage.take()]);
    const read = rowsOf(table);
    const t = stage.tally;
    assert.equal(read.tls.length, t['tls.rows']! + t['quic.rows']!);
    assert.equal(read.http.length, t['http.rows']!);
    assert.doesNotThrow(() => JSON.stringify(read));
    rows += read.tls.length + read.http.length;
    odd += t['app.gaps']! + t['tls.malformed_hello']! + t['tls.malformed_record']! + t['http.malformed']!;
  }
  assert.ok(rows > 500 && odd > 100, `${rows} rows, ${odd} oddities: hardly anything was read`);
});

test('OpenSSL reads the same from the certificates in captures, and broken ones are refused', {
  skip: noShared,
}, () => {
  const prng = new Prng(2);
  let compared = 0;
  let refused = 0;
  const more = ['safari.pcap', 'viber.pcap', 'waze.pcap', 'zoom.pcap', 'anydesk.pcapng', 'ultrasurf.pcap'];
  for (const capture of [...CAPTURES, ...more.map((n) => `benign-apps/tests__cfgs__default__pcap__${n}.xz`)]) {
    const { table } = weRead(unpackedFile(capture));
    const { rows, bytes } = table.tls;
    for (let row = 0; row < rows.count; row++) {
      if (rows.certificateLength[row] === 0) continue;
      const at = rows.at[row]! + rows.clientLength[row]! + rows.serverLength[row]!;
      const der = Buffer.from(bytes.subarray(at, at + rows.certificateLength[row]!));
      const ours = readCertificate(der, 0, der.length);
      const theirs = new X509Certificate(der);
      assert.ok(ours !== null);
      const cn = (name: string) => /^CN=(.*)$/m.exec(name)?.[1] ?? null;
      assert.equal(ours.subjectCn, cn(theirs.subject));
      assert.equal(ours.issuerCn, cn(theirs.issuer));
      assert.equal(ours.serial.replace(/^00/, ''), theirs.serialNumber.toLowerCase().replace(/^00/, ''));
      assert.equal(ours.notBefore, Date.parse(theirs.validFrom) / 1000);
      assert.equal(ours.notAfter, Date.parse(theirs.validTo) / 1000);
      const names = (theirs.subjectAltName ?? '').split(', ').filter((n) => n.startsWith('DNS:'));
      assert.deepEqual(ours.names.slice(0, names.length), names.map((n) => n.slice(4)).slice(0, ours.names.length));
      compared++;
      for (let cut = 0; cut < der.length; cut += 13) if (readCertificate(der, 0, cut) === null) refused++;
      for (let i = 0; i < 200; i++) {
        const bad = Buffer.from(der);
        bad[prng.below(bad.length)]! ^= 1 << prng.below(8);
        if (readCertificate(bad, 0, bad.length) === null) refused++;
      }
    }
  }
  assert.ok(compared >= 20 && refused > 500, `${compared} compared, ${refused} refused`);
});
