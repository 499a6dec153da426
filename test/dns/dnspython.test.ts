import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { typeName } from '../../src/dns/codes.js';
import { decodeMessage } from '../../src/dns/message.js';
import { isDns } from '../../src/dns/stage.js';
import { Prng } from '../support/prng.js';
import { noShared, sharedCaptures, unpackedFile } from '../support/shared.js';
import { eachPacket } from './support/captures.js';

const PYTHON = ['/usr/bin/python3', 'python3'].find((python) => {
  try {
    execFileSync(python, ['-c', 'import dns.message'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
const skip = PYTHON === undefined && 'python3-dnspython is not installed';

function ask<T>(lines: string[]): T[] {
  const script = join(packageRoot(), 'test', 'dns', 'support', 'dnspython.py');
  const input = `${lines.join('\n')}\n`;
  const text = execFileSync(PYTHON!, [script], { input, maxBuffer: 1 << 30, encoding: 'utf8' });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

type Record = [name: string, type: string, cls: string, ttl: number, data: string];

/** Every record of a message as dnspython lists them. */
function ours(bytes: Uint8Array): Record[] {
  const m = decodeMessage(bytes);
  return [...m.answers, ...m.authority, ...m.additional].map((r) => [r.name, r.type, r.class, r.ttl, r.data]);
}

/** Types that dnspython 2.3 does not know and so shows in hex. */
const UNKNOWN = new Set([
  'KEY',
  'SIG',
  'MD',
  'MF',
  'MB',
  'MG',
  'MR',
  'MINFO',
  'EID',
  'NIMLOC',
  'RKEY',
  'TALINK',
  'TA',
  'DSYNC',
  'RESINFO',
  'WALLET',
]);

const BITMAPS = new Set(['NSEC', 'NSEC3', 'CSYNC', 'RRSIG']);

const unescaped = (text: string) => text.replace(/\\+/g, '\\');

/** Whether two readings of a message say the same, but for known ways of writing. */
function assertSame(mine: Record[], theirs: Record[], what: string): void {
  const named = (text: string) => text.replace(/\bTYPE(\d+)\b/g, (_, n) => typeName(Number(n)));
  const written = theirs.map(([name, type, cls, ttl, data], i): Record => {
    let text = (BITMAPS.has(type) ? named(data) : data).trimEnd();
    if (UNKNOWN.has(named(type)) && data.startsWith('\\#')) text = mine[i]?.[4] ?? '';
    if (type === 'GPOS')
      text = data
        .split(' ')
        .map((s) => `"${s}"`)
        .join(' ');
    if (type === 'URI') text = mine[i]?.[4] ?? ''; // dnspython does not escape
    // RFC 5952 §5 keeps the dotted form for known prefixes; `::a.b.c.d` was withdrawn by RFC 4291 §2.5.5.1.
    if (type === 'AAAA' && /^::[\d.]+$/.test(data)) text = mine[i]?.[4] ?? '';
    // RFC 9460 A.1 escapes commas and backslashes for the list and then the rest once; dnspython escapes all twice.
    if (type === 'SVCB' || type === 'HTTPS') text = unescaped(data);
    // dnspython has mnemonics for kinds of certificates and for algorithms; ours are the numbers.
    if (type === 'CERT') text = [...(mine[i]?.[4].split(' ').slice(0, 3) ?? []), data.split(' ')[3]].join(' ');
    return [name, named(type), cls, ttl, text];
  });
  const read = mine.map(
    (r): Record => (r[1] === 'SVCB' || r[1] === 'HTTPS' ? [r[0], r[1], r[2], r[3], unescaped(r[4])] : r),
  );
  assert.deepEqual(read, written, what);
}

/** One or more records of every type that dnspython can write. */
const RECORDS = String.raw`
A 192.0.2.1
AAAA 2001:db8::1
AAAA ::ffff:192.0.2.1
AAAA ::
NS ns1.example.
CNAME www\.dot.example.
CNAME sp\032ace\255.\@x.example.
SOA ns.example. hostmaster.example. 2024010101 7200 3600 1209600 300
PTR .
MX 10 mail.example.
MX 0 .
TXT "v=spf1 -all" "" "quote \" back \\ byte \000\127\255"
HINFO "PC" "Linux"
RP mbox.example. txt.example.
AFSDB 1 afs.example.
X25 "311061700956"
ISDN "150862028003217" "004"
RT 2 relay.example.
NSAP 0x47000580005a0000000001e133ffffff00016100
NSAP-PTR foo.example.
PX 10 net2.it. PRMD-net2.ADMD-p400.C-it.
GPOS "-32.6882" "116.8652" "10.0"
LOC 42 21 54.000 N 71 06 18.000 W -24.00m 30.00m 10000.00m 10.00m
LOC 0 0 0.001 S 179 59 59.999 E 100000.00m 1.00m 0.00m 90000000.00m
SRV 1 2 443 srv.example.
NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
KX 10 kx.example.
CERT 1 7 5 aGVsbG8=
DNAME target.example.
APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:ff00:0:0:0:0:0:0:0/8
DS 12345 8 2 49FD46E6C4B45C55D4AC49FD46E6C4B45C55D4AC49FD46E6C4B45C55D4AC0011
SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 10 2 2 2001:db8::8 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 10 3 2 gw.example. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
RRSIG A 8 2 3600 20240201000000 20240101000000 12345 example. aGVsbG8gd29ybGQ=
NSEC host.example. A MX RRSIG NSEC TYPE1234 CAA
DNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3
DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
NSEC3 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG
NSEC3 1 0 0 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom
NSEC3PARAM 1 0 12 aabbccdd
TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
SMIMEA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
HIP 2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D rvs.example. rvs2.example.
NINFO "info" "more"
CDS 12345 8 2 49FD46E6C4B45C55D4AC49FD46E6C4B45C55D4AC49FD46E6C4B45C55D4AC0011
CDNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3
OPENPGPKEY aGVsbG8gd29ybGQ=
CSYNC 66 3 A NS AAAA
ZONEMD 2018031900 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c
SVCB 1 svc.example. alpn="h2,h3" port="8443" ipv4hint="192.0.2.1,192.0.2.2" ipv6hint="2001:db8::1"
SVCB 0 alias.example.
HTTPS 1 . mandatory="alpn" alpn="h2,h3-19" no-default-alpn ech="AEX+DQA=" key667="hello\255"
SPF "v=spf1 -all"
NID 10 0014:4fff:ff20:ee64
L32 10 10.1.2.0
L64 10 2001:0DB8:1140:1000
LP 10 l64-subnet1.example.
EUI48 00-00-5e-00-53-2a
EUI64 00-00-5e-ef-10-00-00-2a
URI 10 1 "ftp://ftp1.example.com/public"
CAA 0 issue "letsencrypt.org; validationmethods=dns-01"
AVC "app-name:WOLFGANG" "app-class:OAM"
AMTRELAY 10 0 1 203.0.113.15
AMTRELAY 128 1 3 amtrelays.example.
AMTRELAY 10 1 0 .
DLV 12345 8 2 49FD46E6C4B45C55D4AC49FD46E6C4B45C55D4AC49FD46E6C4B45C55D4AC0011
TYPE65280 \# 5 0102030405
TYPE62347 \# 0
NULL \# 3 abcdef
`.trim().split('\n'); // biome-ignore format: one line

test('every record type reads as dnspython writes it', { skip }, () => {
  const wires = ask<string | { error: string }>(RECORDS.map((line) => `T ${line}`));
  for (const [i, wire] of wires.entries())
    assert.equal(typeof wire, 'string', `${RECORDS[i]}: ${JSON.stringify(wire)}`);
  const read = ask<Record[] | null>(wires.map((wire) => `M ${wire}`));
  for (const [i, theirs] of read.entries()) {
    assert.ok(theirs !== null && theirs.length === 1, RECORDS[i]);
    const bytes = Buffer.from(wires[i] as string, 'hex');
    assert.equal(decodeMessage(bytes).fault, null, RECORDS[i]);
    assertSame(ours(bytes), theirs, RECORDS[i]!);
  }
});

test('a record of any type, bent by a byte or two, reads the same wherever dnspython still reads it', { skip }, () => {
  const prng = new Prng(3597);
  const wires = ask<string>(RECORDS.map((line) => `T ${line}`));
  const bent: Buffer[] = [];
  for (let i = 0; i < 12_000; i++) {
    const bytes = Buffer.from(prng.pick(wires), 'hex');
    // Behind the question and the record's own head, so that it is the data that bends.
    const from = 12 + 19 + 12;
    for (let k = prng.between(1, 2); k > 0; k--) bytes[prng.between(from, bytes.length - 1)] = prng.u32();
    bent.push(bytes);
  }
  const read = ask<Record[] | null>(bent.map((bytes) => `M ${bytes.toString('hex')}`));
  let both = 0;
  const stricter = new Map<string, number>();
  for (const [i, theirs] of read.entries()) {
    if (theirs === null) continue;
    const mine = decodeMessage(bent[i]!);
    if (mine.fault === 'rdata') {
      const type = mine.answers[0]!.type;
      stricter.set(type, (stricter.get(type) ?? 0) + 1);
      continue;
    }
    assertSame(ours(bent[i]!), theirs, bent[i]!.toString('hex'));
    both++;
  }
  assert.ok(both > 9000, `only ${both} were read by both`);
  // We ask for a family that is assigned and an address that fits it.
  assert.deepEqual([...stricter.keys()], ['APL']);
});

test('a sample of the messages of the captures reads the same', { skip: skip || noShared }, () => {
  const lines: string[] = [];
  const wires: Buffer[] = [];
  let n = 0;
  for (const capture of sharedCaptures()) {
    let inThis = 0;
    eachPacket(unpackedFile(capture), (p, _view, bytes) => {
      if (!isDns(p) || p.proto !== 17 || p.srcPort === 5353 || p.payloadEnd - p.payloadStart < 12) return;
      if (inThis++ > 30 && n++ % 300 !== 0) return;
      if ((bytes[p.payloadStart + 2]! & 0x78) === 5 << 3) return; // updates delete by records without data
      const wire = Buffer.from(bytes.subarray(p.payloadStart, p.payloadEnd));
      wires.push(wire);
      lines.push(`M ${wire.toString('hex')}`);
    });
  }
  let both = 0;
  for (const [i, theirs] of ask<Record[] | null>(lines).entries()) {
    if (theirs === null) continue;
    assertSame(ours(wires[i]!), theirs, lines[i]!);
    both++;
  }
  assert.ok(both > lines.length * 0.95, `${both} of ${lines.length}`);
});
