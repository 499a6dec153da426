import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NAME_BYTES_MAX, NameBuf, NameFault, nameText, readName, skipName } from '../../src/dns/name.js';
import { Prng } from '../support/prng.js';
import { bytes, name } from './support/messages.js';

const read = (msg: Uint8Array, at: number, out = new NameBuf()) => readName(msg, 0, msg.length, at, out);
const long = (n: number) => bytes(...Array.from({ length: n }, () => bytes(63, 'x'.repeat(63))));

describe('readName', () => {
  for (const [what, msg, at, fault] of [
    ['nothing', bytes(), 0, NameFault.cut],
    ['a name without an end', bytes(3, 'www'), 0, NameFault.cut],
    ['a label past the end', bytes(9, 'abc'), 0, NameFault.cut],
    ['half a pointer', bytes(3, 'www', 0xc0), 0, NameFault.cut],
    ['a pointer to itself', bytes(0xc0, 0), 0, NameFault.pointer],
    ['two pointers at each other', bytes(0xc0, 2, 0xc0, 0), 2, NameFault.pointer],
    ['a pointer forwards', bytes(0xc0, 2, 0), 0, NameFault.pointer],
    ['a pointer into its own labels', bytes(1, 'a', 0xc0, 0), 0, NameFault.pointer],
    ['a pointer past the end', bytes(0xff, 0xff), 0, NameFault.pointer],
    ['a loop that grows by a label each time', bytes(0, 1, 'a', 1, 'b', 0xc0, 1), 3, NameFault.pointer],
    ['the withdrawn label type 0b01', bytes(0x41, 0), 0, NameFault.label],
    ['the unassigned label type 0b10', bytes(0x80, 0), 0, NameFault.label],
    ['256 bytes', bytes(long(4), 0), 0, NameFault.long],
    ['255 bytes and a root', bytes(long(3), 62, 'x'.repeat(62), 0), 0, NameFault.long],
    ['a name that grows too long by pointing', bytes(long(3), 0, 62, 'x'.repeat(62), 0xc0, 0), 193, NameFault.long],
  ] as const) {
    test(`refuses ${what}`, () => assert.equal(read(msg, at), fault));
  }

  test('refuses more pointers than a name has labels, though each aims lower', () => {
    const pointers = Array.from({ length: 200 }, (_, i) =>
      bytes(0xc0 | ((i * 2 - 1) >> 8), Math.max(0, i * 2 - 1) & 255),
    );
    const msg = bytes(0, ...pointers.slice(1).map((_, i) => bytes(0xc0 | ((i * 2) >> 8), i === 0 ? 0 : i * 2 - 1)));
    assert.ok(read(msg, 1 + 2 * 100) > 0);
    assert.equal(read(msg, 1 + 2 * 140), NameFault.pointer);
  });

  test('reads the longest name there is', () => {
    const msg = bytes(long(3), 61, 'x'.repeat(61), 0);
    const out = new NameBuf();
    assert.equal(msg.length, NAME_BYTES_MAX);
    assert.equal(read(msg, 0, out), 255);
    assert.equal(out.length, 254);
  });

  test('writes capital letters small, and says that the bytes are not the message`s own', () => {
    const out = new NameBuf();
    assert.equal(read(bytes(3, 'wWw', 7, 'EXAMPLE', 0), 0, out), 13);
    assert.deepEqual(out.bytes.slice(0, out.length), bytes(3, 'www', 7, 'example'));
    assert.equal(out.verbatim, false);
    read(bytes(3, 'www', 0), 0, out);
    assert.equal(out.verbatim, true);
    read(bytes(3, 'www', 0, 1, 'a', 0xc0, 0), 5, out);
    assert.equal(out.verbatim, false);
  });

  test('returns where the name ends, not where its pointer leads', () => {
    const msg = bytes(name('example.com'), 3, 'www', 0xc0, 0, 77);
    const out = new NameBuf();
    assert.equal(read(msg, 13, out), msg.length - 1);
    assert.equal(nameText(out.bytes, 0, out.length), 'www.example.com');
  });

  test('counts pointers from the message, wherever in memory it lies', () => {
    const msg = bytes(99, 99, 99, name('com'), 1, 'a', 0xc0, 0);
    const out = new NameBuf();
    assert.equal(readName(msg, 3, msg.length, 8, out), msg.length);
    assert.equal(nameText(out.bytes, 0, out.length), 'a.com');
  });
});

test('skipName ends where readName does, and refuses no name that readName takes', () => {
  const prng = new Prng(1035);
  const out = new NameBuf();
  let good = 0;
  let refused = 0;
  for (let i = 0; i < 200_000; i++) {
    const msg = prng.bytes(prng.between(1, 48));
    // Lengths and pointers as they occur, or hardly any name would be one.
    for (let k = prng.below(8); k > 0; k--) msg[prng.below(msg.length)] = prng.pick([0, 0, 1, 2, 3, 5, 0xc0]);
    const at = prng.below(msg.length);
    const before = msg.slice();
    const end = readName(msg, 0, msg.length, at, out);
    const skipped = skipName(msg, 0, msg.length, at);
    assert.deepEqual(msg, before);
    assert.ok(out.length < NAME_BYTES_MAX);
    if (end < 0) {
      refused++;
      continue;
    }
    good++;
    assert.equal(skipped, end);
    assert.ok(end > at && end <= msg.length);
    assert.ok(wellFormed(out), 'labels add up to the name');
  }
  assert.ok(good > 10_000 && refused > 20_000, `${good} accepted, ${refused} refused: the test has gone vacuous`);
});

function wellFormed(out: NameBuf): boolean {
  let at = 0;
  while (at < out.length) {
    if (out.bytes[at]! === 0 || out.bytes[at]! > 63) return false;
    at += 1 + out.bytes[at]!;
  }
  return at === out.length;
}

describe('nameText', () => {
  for (const [what, wire, text] of [
    ['the root', bytes(), '.'],
    ['a dot within a label', bytes(3, 'a.b', 3, 'com'), 'a\\.b.com'],
    ['a backslash', bytes(3, 'a\\b'), 'a\\\\b'],
    ['the specials of a zone file', bytes(7, '"();@$x'), '\\"\\(\\)\\;\\@\\$x'],
    ['a NUL', bytes(2, 0, 'x'), '\\000x'],
    ['a space and a line feed', bytes(2, ' \n'), '\\032\\010'],
    ['what is not ASCII', bytes(2, 0xc3, 0xbc), '\\195\\188'],
    ['DEL', bytes(1, 0x7f), '\\127'],
    ['a terminal escape', bytes(4, 0x1b, '[2J'), '\\027[2J'],
  ] as const) {
    test(`writes ${what}`, () => assert.equal(nameText(wire, 0, wire.length), text));
  }

  test('of any bytes is printable and can be read back', () => {
    const prng = new Prng(51);
    for (let i = 0; i < 5000; i++) {
      const labels = Array.from({ length: prng.between(1, 3) }, () => prng.bytes(prng.between(1, 63)));
      const wire = bytes(...labels.map((l) => bytes(l.length, l)));
      const text = nameText(wire, 0, wire.length);
      assert.match(text, /^[\x21-\x7e]+$/);
      assert.deepEqual(parsed(text), wire);
    }
  });
});

/** The other direction, by the letter of RFC 1035 §5.1. */
function parsed(text: string): Uint8Array {
  const labels: number[][] = [[]];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '.') labels.push([]);
    else if (text[i] !== '\\') labels.at(-1)!.push(text.charCodeAt(i));
    else if (/\d/.test(text[i + 1]!)) labels.at(-1)!.push(Number(text.slice(i + 1, (i += 3) + 1)));
    else labels.at(-1)!.push(text.charCodeAt(++i));
  }
  return bytes(...labels.map((l) => bytes(l.length, Uint8Array.from(l))));
}
