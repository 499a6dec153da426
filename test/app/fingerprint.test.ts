import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ja3Text, ja4Text, md5 } from '../../src/app/fingerprint.js';
import { Hello } from '../../src/app/hello.js';
import { noShared, unpackedFile } from '../support/shared.js';
import { clientHello } from './support/messages.js';
import { weRead } from './support/read.js';

const CIPHERS = '1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035';
const EXTENSIONS = '001b 0005 0033 4469 0017 002d 0023 0012 000b 000a ff01';
const SIGNATURES = '0403 0804 0401 0503 0805 0501 0806 0601';
const numbers = (text: string) => text.split(' ').map((h) => Number.parseInt(h, 16));

function read(bytes: Uint8Array): Hello {
  const hello = new Hello();
  assert.ok(hello.readClient(bytes, 0, bytes.length));
  return hello;
}

test('JA4 of the hello in its specification is the one told there, with or without GREASE', () => {
  const parts = {
    sni: 'example.com',
    alpn: ['h2', 'http/1.1'],
    versions: [0x304, 0x303],
    signatures: numbers(SIGNATURES),
    padding: 10,
  };
  const plain = clientHello({ ...parts, ciphers: numbers(CIPHERS), more: numbers(EXTENSIONS) });
  assert.equal(ja4Text(read(plain), plain, 't'), 't13d1516h2_8daaf6152771_e5627efa2ab1');
  const greased = clientHello({
    ...parts,
    versions: [0x8a8a, ...parts.versions],
    ciphers: [0x3a3a, ...numbers(CIPHERS).reverse()],
    more: [0xdada, ...numbers(EXTENSIONS).reverse(), 0x1a1a],
  });
  assert.equal(ja4Text(read(greased), greased, 'q'), 'q13d1516h2_8daaf6152771_e5627efa2ab1');
});

test('JA4 of a hello that offers little', () => {
  const bare = clientHello({ ciphers: [0x0a0a], version: 0x301 });
  assert.equal(ja4Text(read(bare), bare, 't'), 't10i000000_000000000000_000000000000');
  // RFC 8446 ciphers' hash is that of "1301,1302"; ALPN of one letter counts twice, one that is no text by its hex.
  for (const [alpn, shown] of [
    ['h', 'hh'],
    ['\xab', 'ab'],
    ['0\xcd', '3d'],
    ['ZZ', '00'],
  ] as const) {
    const hello = clientHello({ alpn: [alpn] });
    assert.match(ja4Text(read(hello), hello, 't'), new RegExp(`^t12i0201${shown}_`), JSON.stringify(alpn));
  }
});

test('JA3 leaves out GREASE and keeps the order', () => {
  const hello = clientHello({ ciphers: [0x1a1a, 49195, 47], more: [0x2a2a, 23, 65281], version: 0x303 });
  assert.equal(ja3Text(read(hello)), '771,49195-47,23-65281,,');
  // The example of JA3's authors.
  assert.equal(
    md5('769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0'),
    'ada70206e40642a3e4461f35503241d5',
  );
});

test('JA4 agrees with what nDPI publishes of the same captures', { skip: noShared }, () => {
  // Facts from nDPI's tests/cfgs/default/result: JA3, JA4 and JA3S of each handshake.
  const TOLD: Record<string, readonly string[]> = {
    tumblr: [
      'b32309a26951912be7dba376398abc3b t13d1515h2_8daaf6152771_de4a06bb82e3',
      '44d502d471cfdb99c59bdfb0f220e5a8 t13d1515h2_8daaf6152771_0ece2fe8a3fb',
    ],
    safari: [
      'ee4ced3f2d15de4b5cb6fb0a894fec9f t12d200800_2a284e3b0c56_6e2cce1a33e5',
      'a69708a64f853c3bcc214c2c5faf84f3 t12d2010h2_2a284e3b0c56_f05fdf8c38a9',
    ],
  };
  for (const [name, told] of Object.entries(TOLD)) {
    const { tls } = weRead(unpackedFile(`benign-apps/tests__cfgs__default__pcap__${name}.pcap.xz`));
    const ours = new Set(tls.map((r) => `${r.ja3} ${r.ja4}`));
    assert.deepEqual([...ours].sort(), [...told].sort(), name);
  }
});
