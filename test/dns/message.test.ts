import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMessage } from '../../src/dns/message.js';
import { Fault, Scan } from '../../src/dns/scan.js';
import { hex } from '../support/frames.js';
import { bytes, message, name, query, question, record, u16 } from './support/messages.js';

function scanned(msg: Uint8Array): { fault: Fault; scan: Scan } {
  const scan = new Scan();
  const fault = scan.read(new DataView(msg.buffer, msg.byteOffset, msg.length), msg, 0, msg.length);
  return { fault, scan };
}

test('an answer with compression, a CNAME and EDNS reads as its bytes say', () => {
  const msg = hex(`
    1a2b                                      # id
    8583                                      # QR, QUERY, AA, RD, RA, NXDOMAIN
    0001 0002 0001 0002                       # one question, two answers, one authority, two additional
    03 777777 07 6578616d706c65 03 636f6d 00  # www.example.com, at 12
    0001 0001                                 # A IN
    c00c 0005 0001 0000012c 0006              # www.example.com CNAME, 300 s
      03 63646e c010                          #   cdn.example.com, at 45
    c02d 0001 0001 0000003c 0004 c0000201     # cdn.example.com A 192.0.2.1
    c010 0002 0001 00015180 0005              # example.com NS
      02 6e73 c010                            #   ns.example.com
    c05a 001c 0001 00015180 0010              # ns.example.com AAAA, if the pointer is right
      20010db8000000000000000000000053
    00 0029 04d0 01 00 8000 000c              # OPT, 1232 bytes, extended rcode 1, version 0, DO
      000a 0008 0102030405060708              #   a client's cookie
  `);
  // The pointer to ns.example.com: where that name was written.
  const at = Buffer.from(msg).indexOf(Buffer.from('026e73c010', 'hex'));
  msg[Buffer.from(msg).indexOf(Buffer.from('c05a001c', 'hex')) + 1] = at;

  const { fault, scan } = scanned(msg);
  assert.equal(fault, Fault.none);
  assert.deepEqual([scan.id, scan.flags, scan.opcode, scan.rcode], [0x1a2b, 0x8583, 0, 16 + 3]);
  assert.deepEqual([scan.questions, scan.answers, scan.qtype, scan.qclass], [1, 2, 1, 1]);
  assert.deepEqual(scan.name.bytes.slice(0, scan.name.length), name('www.example.com').slice(0, -1));
  assert.equal(scan.name.verbatim, true);

  assert.deepEqual(decodeMessage(msg), {
    id: 0x1a2b,
    response: true,
    opcode: 0,
    rcode: 19,
    aa: true,
    tc: false,
    rd: true,
    ra: true,
    ad: false,
    cd: false,
    counts: [1, 2, 1, 2],
    questions: [{ name: 'www.example.com', type: 'A', class: 'IN' }],
    answers: [
      { name: 'www.example.com', type: 'CNAME', class: 'IN', ttl: 300, data: 'cdn.example.com' },
      { name: 'cdn.example.com', type: 'A', class: 'IN', ttl: 60, data: '192.0.2.1' },
    ],
    authority: [{ name: 'example.com', type: 'NS', class: 'IN', ttl: 86400, data: 'ns.example.com' }],
    additional: [{ name: 'ns.example.com', type: 'AAAA', class: 'IN', ttl: 86400, data: '2001:db8::53' }],
    edns: {
      version: 0,
      udpSize: 1232,
      do: true,
      flags: 0,
      options: [{ code: 10, name: 'COOKIE', text: '0102030405060708', hex: '0102030405060708' }],
    },
    fault: null,
    faultAt: null,
  });
});

describe('EDNS options', () => {
  for (const [code, label, data, text] of [
    [3, 'NSID', bytes('gpdns-fra'), '"gpdns-fra"'],
    [5, 'DAU', bytes(8, 13, 15), '8 13 15'],
    [8, 'ECS', bytes(0, 1, 24, 0, 192, 0, 2), '192.0.2.0/24/0'],
    [8, 'ECS', bytes(0, 2, 56, 48, 0x20, 1, 0x0d, 0xb8, 0, 0, 0), '2001:db8::/56/48'],
    [8, 'ECS', bytes(0, 3, 24, 0, 1, 2, 3), null],
    [8, 'ECS', bytes(0, 1, 33, 0, 1, 2, 3, 4), null],
    [8, 'ECS', bytes(0, 1), null],
    [9, 'EXPIRE', bytes(0, 0, 14, 16), '3600'],
    [10, 'COOKIE', bytes(...Array.from({ length: 16 }, (_, i) => i)), '0001020304050607 08090a0b0c0d0e0f'],
    [10, 'COOKIE', bytes(1, 2, 3), null],
    [11, 'TCP-KEEPALIVE', bytes(0, 100), '10 s'],
    [11, 'TCP-KEEPALIVE', bytes(), ''],
    [12, 'PADDING', new Uint8Array(17), '17 bytes'],
    [13, 'CHAIN', name('example.com'), 'example.com'],
    [13, 'CHAIN', bytes(0xc0, 12), null],
    [14, 'KEY-TAG', bytes(0x4f, 0x66), '20326'],
    [15, 'EDE', bytes(0, 15, 'no'), '15 (Blocked) "no"'],
    [15, 'EDE', bytes(0, 99), '99 (EDE99)'],
    [15, 'EDE', bytes(0), null],
    [18, 'REPORT-CHANNEL', name('agent.example'), 'agent.example'],
    [65001, 'OPT65001', bytes(0xde, 0xad), null],
  ] as const) {
    test(`${label} of ${data.length} bytes is ${text}`, () => {
      const opt = record(bytes(0), 41, bytes(u16(code), u16(data.length), data), 0, 1232);
      const msg = message({ questions: [question('a')], additional: [opt] });
      const { edns, fault } = decodeMessage(msg);
      assert.equal(fault, null);
      const shown = Buffer.from(data).toString('hex');
      assert.deepEqual(edns!.options, [{ code, name: label, text, hex: shown }]);
    });
  }

  test('that run past the record are left out, with those before them kept', () => {
    const opt = record(bytes(0), 41, bytes(u16(3), u16(1), 'x', u16(3), u16(9), 'x'), 0, 512);
    const { edns, fault } = decodeMessage(message({ additional: [opt] }));
    assert.equal(edns!.options.length, 1);
    assert.equal(fault, 'rdata');
  });
});

describe('what is wrong is named, and what comes before it kept:', () => {
  const www = question('www.example.com');
  const a = record(bytes(0xc0, 12), 1, bytes(192, 0, 2, 1));
  for (const [what, msg, scan, decode, answers] of [
    ['eleven bytes', query(1, 'x').slice(0, 11), Fault.short, 'short', 0],
    ['nothing at all', bytes(), Fault.short, 'short', 0],
    ['a header that promises a question', message({ questions: [www] }).slice(0, 12), Fault.cut, 'cut', 0],
    ['a question without its class', query(1, 'www.example.com').slice(0, -2), Fault.cut, 'cut', 0],
    ['a second answer that is cut', message({ questions: [www], answers: [a, a] }).slice(0, -1), Fault.cut, 'cut', 1],
    ['an answer cut within its head', message({ questions: [www], answers: [a, a] }).slice(0, -9), Fault.cut, 'cut', 1],
    [
      'bytes behind the last record',
      bytes(message({ questions: [www], answers: [a] }), 0),
      Fault.trailing,
      'trailing',
      1,
    ],
    [
      'an owner that points at itself',
      message({ questions: [www], answers: [a, record(bytes(0xc0, 49), 1, bytes(1, 2, 3, 4))] }),
      Fault.pointer,
      'pointer',
      1,
    ],
    [
      'an owner with an old label',
      message({ questions: [www], answers: [a, record(bytes(0x41, 0), 1, bytes(1, 2, 3, 4))] }),
      Fault.label,
      'label',
      1,
    ],
    [
      'an address of three bytes',
      message({ questions: [www], answers: [record(bytes(0xc0, 12), 1, bytes(1, 2, 3)), a] }),
      Fault.none,
      'rdata',
      2,
    ],
    [
      'a host name that leaves its record',
      message({ questions: [www], answers: [record(bytes(0xc0, 12), 5, bytes(3, 'ww')), a] }),
      Fault.none,
      'rdata',
      2,
    ],
    [
      'a question that is too long',
      message({ questions: [bytes(...Array.from({ length: 5 }, () => bytes(63, 'x'.repeat(63))), 0, u16(1), u16(1))] }),
      Fault.long,
      'long',
      0,
    ],
  ] as const) {
    test(what, () => {
      assert.equal(scanned(msg).fault, scan);
      const m = decodeMessage(msg);
      assert.equal(m.fault, decode);
      assert.equal(m.answers.length, answers);
    });
  }

  test('an address of three bytes is shown in hex', () => {
    const msg = message({ questions: [www], answers: [record(bytes(0xc0, 12), 1, bytes(1, 2, 3))] });
    assert.equal(decodeMessage(msg).answers[0]!.data, '\\# 3 010203');
  });

  for (const [what, msg] of [
    ['an SSH banner', bytes('SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13\r\n')],
    ['a TLS hello', hex('16030100c8010000c40303aabbccddeeff00112233445566778899')],
    ['a request for a web page', bytes('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n')],
  ] as const) {
    test(`${what} is no DNS`, () => assert.equal(scanned(msg).fault, Fault.notDns));
  }
});

test('64 KiB of pointers to one long name make a megabyte of text and no more', () => {
  const owner = bytes(...Array.from({ length: 4 }, () => bytes(60, '\x00'.repeat(60))), 0);
  const rr = record(bytes(0xc0, 12), 12, bytes(0xc0, 12));
  const answers = Array.from({ length: 4600 }, () => rr);
  const msg = message({ questions: [bytes(owner, u16(1), u16(1))], answers });
  assert.ok(msg.length < 65_536);
  const from = process.hrtime.bigint();
  const m = decodeMessage(msg);
  const text = m.answers.reduce((n, r) => n + r.name.length + r.data.length, 0);
  assert.ok(text > (1 << 20) - 4096 && text < (1 << 20) + 4096, String(text));
  assert.equal(m.fault, 'large');
  assert.ok(Number(process.hrtime.bigint() - from) < 2e9);
});

test('mDNS keeps the top bit of a class out of it', () => {
  const msg = message({
    questions: [question('a.local', 1, 0x8001)],
    answers: [record(bytes(0xc0, 12), 1, bytes(10, 0, 0, 1), 120, 0x8001)],
  });
  assert.equal(decodeMessage(msg, 0, msg.length, true).questions[0]!.class, 'IN');
  assert.equal(decodeMessage(msg, 0, msg.length, true).answers[0]!.class, 'IN');
  assert.equal(decodeMessage(msg).answers[0]!.class, 'CLASS32769');
});

test('codes without a name are written with their number', () => {
  const msg = message({
    flags: 0x8000 | (9 << 11) | 12,
    questions: [question('a', 4711, 77)],
    answers: [record(bytes(0), 4711, bytes(1, 2), 1, 77)],
  });
  const m = decodeMessage(msg);
  assert.deepEqual(
    [m.questions[0]!.type, m.questions[0]!.class, m.answers[0]!.data],
    ['TYPE4711', 'CLASS77', '\\# 2 0102'],
  );
});

test('a TSIG and a TKEY record read by their RFCs', () => {
  const tsig = record(
    name('key.example'),
    250,
    bytes(name('hmac-sha256'), hex('000065a1b2c3'), u16(300), u16(4), hex('deadbeef'), u16(0x1234), u16(16), u16(0)),
    0,
    255,
  );
  const tkey = record(
    name('key.example'),
    249,
    bytes(name('gss-tsig'), hex('65a1b2c3 65a1c0d3'), u16(3), u16(0), u16(2), hex('0102'), u16(0)),
    0,
    255,
  );
  const m = decodeMessage(message({ flags: 0x8180, questions: [question('a')], additional: [tkey, tsig] }));
  assert.equal(m.fault, null);
  assert.equal(m.additional[0]!.data, 'gss-tsig 20240112214435 20240112224435 3 NOERROR AQI=');
  assert.equal(m.additional[1]!.data, 'hmac-sha256 1705095875 300 3q2+7w== 4660 BADSIG');
});
