import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as dnsPacket from 'dns-packet';
import { decodeMessage } from '../../src/dns/message.js';
import { FAULTS, Fault, Scan } from '../../src/dns/scan.js';
import { isDns } from '../../src/dns/stage.js';
import { noShared, sharedCaptures, unpackedFile } from '../support/shared.js';
import { eachPacket } from './support/captures.js';

/** Names that dns-packet, which neither escapes nor validates, shows as we do. */
const plain = (name: string) => /^[A-Za-z0-9._-]*$/.test(name);

/** A record's data as dns-packet has it, in our words; null where it has another idea of the type. */
function theirData(record: dnsPacket.Answer): string | null {
  const r = record as unknown as { type: string; data: never };
  const parts = (...keys: string[]) => keys.map((key) => (r.data as Record<string, unknown>)[key]).join(' ');
  switch (r.type) {
    case 'A':
    case 'AAAA':
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
      return r.data;
    case 'MX':
      return parts('preference', 'exchange');
    case 'SRV':
      return parts('priority', 'weight', 'port', 'target');
    case 'SOA':
      return parts('mname', 'rname', 'serial', 'refresh', 'retry', 'expire', 'minimum');
    case 'TXT':
      return (r.data as Buffer[]).map((b) => `"${b.toString('latin1')}"`).join(' ');
    default:
      return null;
  }
}

const sameAddress = (a: string, b: string) => a === b || (b.includes(':') && expand(a) === expand(b));
/** dns-packet writes IPv6 addresses in a way of its own. */
function expand(a: string): string {
  const [left, right] = a.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const gap = right === undefined ? [] : Array<string>(8 - left!.length - right.length).fill('0');
  return [...left!, ...gap, ...(right ?? [])].map((g) => Number.parseInt(g, 16).toString(16)).join(':');
}

test('dns-packet reads the same from every DNS message of the captures', { skip: noShared }, () => {
  const seen = { messages: 0, threw: 0, records: 0, data: 0, faults: 0 };
  const scan = new Scan();
  for (const capture of sharedCaptures()) {
    eachPacket(unpackedFile(capture), (p, view, bytes, frame) => {
      if (!isDns(p) || p.proto !== 17) return;
      const where = `${capture} frame ${frame}`;
      const fault = scan.read(view, bytes, p.payloadStart, p.payloadEnd);
      const ours = decodeMessage(bytes, p.payloadStart, p.payloadEnd);
      seen.messages++;
      if (fault !== Fault.none && fault !== Fault.notDns) {
        assert.equal(ours.fault, FAULTS[fault], `${where}: scan and decode disagree`);
        seen.faults++;
      }
      let theirs: dnsPacket.Packet;
      try {
        theirs = dnsPacket.decode(Buffer.from(bytes.subarray(p.payloadStart, p.payloadEnd)));
      } catch {
        seen.threw++;
        return;
      }
      if (ours.fault !== null) return; // dns-packet reads past faults; what was read before is compared below
      assert.equal(ours.id, theirs.id, where);
      assert.equal(ours.response, theirs.type === 'response', where);
      assert.equal(scan.answers, theirs.answers?.length ?? 0, where);
      assert.equal(ours.questions.length, theirs.questions?.length ?? 0, where);
      for (const [i, q] of (theirs.questions ?? []).entries()) {
        if (plain(ours.questions[i]!.name)) assert.equal(ours.questions[i]!.name, q.name, where);
      }
      const sections = [
        [ours.answers, theirs.answers ?? []],
        [ours.authority, theirs.authorities ?? []],
        [ours.additional, (theirs.additionals ?? []).filter((r) => r.type !== 'OPT')],
      ] as const;
      for (const [mine, other] of sections) {
        assert.equal(mine.length, other.length, where);
        for (const [i, record] of other.entries()) {
          seen.records++;
          if (plain(mine[i]!.name)) assert.equal(mine[i]!.name, record.name, where);
          const data = theirData(record);
          if (data === null || mine[i]!.data.includes('\\')) continue;
          seen.data++;
          assert.ok(sameAddress(data, mine[i]!.data), `${where}: ${record.type} ${data} against ${mine[i]!.data}`);
        }
      }
      const opt = theirs.additionals?.find((r) => r.type === 'OPT') as { udpPayloadSize: number } | undefined;
      assert.equal(ours.edns?.udpSize, opt?.udpPayloadSize, where);
    });
  }
  assert.ok(seen.messages > 170_000 && seen.records > 100_000 && seen.data > 50_000, JSON.stringify(seen));
});
