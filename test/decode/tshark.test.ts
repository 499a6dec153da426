import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, test } from 'node:test';
import { addressText } from '../../src/base/address.js';
import { Decoder } from '../../src/decode/decoder.js';
import { Packet } from '../../src/decode/packet.js';
import { isInFlow, VERDICTS, Verdict } from '../../src/decode/verdict.js';
import { communityId } from '../../src/flow/community-id.js';
import { batchOf } from '../support/frames.js';
import { readPcap, withPcap } from '../support/pcap.js';
import { captures, noTshark, tsharkFields } from '../support/tshark.js';

const FIELDS = [
  'frame.protocols',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'ip.proto',
  'ip.len',
  'ipv6.plen',
  'tcp.srcport',
  'tcp.dstport',
  'udp.srcport',
  'udp.dstport',
  'vlan.id',
  'tcp.flags',
  'tcp.seq_raw',
  'tcp.len',
  'udp.length',
  'communityid',
  'ip.frag_offset',
  'ip.flags.mf',
];

let compared = 0;
let ids = 0;

for (const path of captures(1)) {
  test(`reads every frame of ${basename(path, '.xz')} as tshark does`, { skip: noTshark }, () => {
    withPcap(path, (file) => {
      const batch = batchOf(readPcap(file));
      const lines = tsharkFields(file, FIELDS);
      assert.equal(lines.length, batch.count);
      const decoder = new Decoder();
      const p = new Packet();
      for (let i = 0; i < batch.count; i++) {
        const verdict = decoder.decode(
          batch.view,
          batch.start[i]!,
          batch.capLen[i]!,
          batch.wireLen[i]!,
          batch.linkType[i]!,
          p,
        );
        compare(`frame ${i + 1} (${VERDICTS[verdict]})`, verdict, p, lines[i]!);
      }
    });
  });
}

after(() => {
  if (noTshark) return;
  assert.ok(compared > 20_000, `only ${compared} frames were compared: the test has gone vacuous`);
  assert.ok(ids > 10_000, `only ${ids} community ids were compared`);
});

function compare(where: string, verdict: Verdict, p: Packet, fields: string[]): void {
  const f = Object.fromEntries(FIELDS.map((name, i) => [name, fields[i] ?? '']));
  const layers = f['frame.protocols']!.split(':');
  const ip = layers.find((name) => name === 'ip' || name === 'ipv6' || name === 'arp');
  if (ip === 'arp') {
    assert.equal(verdict, Verdict.arp, where);
    return;
  }
  if (ip === undefined) {
    assert.ok(!isInFlow(verdict), `${where}: ${layers}`);
    return;
  }
  if (!isInFlow(verdict)) {
    // tshark says what it makes of a header that contradicts itself; we say that it does.
    assert.ok(verdict === Verdict.badHeader || verdict === Verdict.cut, `${where}: ${layers}`);
    return;
  }
  compared++;
  assert.equal(p.ipVersion, ip === 'ip' ? 4 : 6, where);
  const src = f[`${ip}.src`];
  const dst = f[`${ip}.dst`];
  assert.deepEqual([addressText(p.addr, 0), addressText(p.addr, 4)], [src, dst], where);
  if (ip === 'ip') {
    assert.equal(p.proto, Number(f['ip.proto']), where);
    if (f['ip.len'] !== '0') assert.equal(p.ipBytes, Number(f['ip.len']), where);
  } else {
    assert.equal(p.ipBytes, 40 + Number(f['ipv6.plen']), where);
  }
  assert.equal(p.vlan, Number(f['vlan.id'] || 0), where);
  // Only what tshark saw as the outermost transport: fields also show in packets that ICMP quotes and tunnels carry.
  const next = layers[layers.indexOf(ip) + 1];
  if (next === 'tcp' && p.proto === 6) {
    assert.deepEqual([p.srcPort, p.dstPort], [Number(f['tcp.srcport']), Number(f['tcp.dstport'])], where);
    assert.equal(p.tcpFlags, Number(f['tcp.flags']) & 0xff, where);
    assert.equal(p.tcpSeq, Number(f['tcp.seq_raw']), where);
    if (!p.fragment && f['tcp.len'] !== '') assert.equal(p.payloadBytes, Number(f['tcp.len']), where);
  } else if (next === 'udp' && p.proto === 17) {
    assert.deepEqual([p.srcPort, p.dstPort], [Number(f['udp.srcport']), Number(f['udp.dstport'])], where);
    if (!p.fragment && verdict === Verdict.ok) assert.equal(p.payloadBytes + 8, Number(f['udp.length']), where);
  }
  const id = f.communityid;
  // In a tunnel tshark names the innermost flow.
  const isTunnel = layers.filter((name) => name === 'ip' || name === 'ipv6').length > 1;
  if (id && !isTunnel && !p.fragment && (next === 'tcp' || next === 'udp' || next === 'icmp' || next === 'icmpv6')) {
    ids++;
    assert.equal(communityId(p.addr, 0, p.srcPort, p.dstPort, p.proto), id, where);
  }
}
