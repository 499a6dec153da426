import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, encode, foreign, middle, pieces, shortHash, visible } from '../../src/central/web/logic/text.js';
import { PAYLOADS } from './support/hostile.js';

/** Characters that may stay: those that a reader sees, and the plain space. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;

test('control, direction and invisible characters are written out', () => {
  assert.equal(visible('a\u0000b\u001b[31m\r\n\t'), 'a\\x00b\\x1b[31m\\x0d\\x0a\\x09');
  assert.equal(visible('innocent\u202egnp.exe'), 'innocent\\u{202e}gnp.exe');
  assert.equal(visible('zero\u200bwidth\ufeff\u00ad'), 'zero\\u{200b}width\\u{feff}\\xad');
  assert.equal(
    visible('nbsp\u00a0ideographic\u3000hangul\u3164braille\u2800'),
    'nbsp\\xa0ideographic\\u{3000}hangul\\u{3164}braille\\u{2800}',
  );
  assert.equal(visible('tag\u{e0041}'), 'tag\\u{e0041}');
  assert.equal(visible('lone\ud800'), 'lone\\u{d800}');
  assert.equal(visible(' a b  c '), '\\x20a b \\x20c\\x20');
});

test('what can be seen is left as it is', () => {
  for (const text of ['', 'www.example.com', 'a b', 'münchen.example', '例え.テスト', 'шлях.укр', '<script>', '\\x00'])
    assert.equal(visible(text), text);
});

test('a pile of combining marks is cut down to what scripts need', () => {
  assert.equal(visible('e\u0301'), 'e\u0301');
  const piled = visible(`z${'\u0334'.repeat(50)}`);
  assert.ok(piled.startsWith('z\u0334\u0334\\u{334}'));
});

test('nothing unseen survives in any string, and nothing is lost', () => {
  let escaped = 0;
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const parts = pieces(text);
      for (const p of parts) {
        assert.ok(!UNSEEN.test(p.text), JSON.stringify(p.text));
        if (p.escape) escaped++;
      }
      const back = parts
        .map((p) =>
          p.escape ? String.fromCodePoint(Number.parseInt(p.text.replace(/\\x|\\u\{|\}/g, ''), 16)) : p.text,
        )
        .join('');
      assert.equal(back, text);
    }),
    { seed: 11, numRuns: 200 },
  );
  assert.ok(escaped > 100, 'the strings held nothing to escape');
});

test('a name is cut in the middle by whole characters, never longer than asked', () => {
  assert.equal(middle('short.example', 20), 'short.example');
  const cut = middle(`${'a'.repeat(63)}.registered.example`, 30);
  assert.equal(Array.from(cut).length, 30);
  assert.ok(cut.startsWith('aaaaaaaaa…') && cut.endsWith('registered.example'));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 3, max: 60 }), (text, max) => {
      const short = middle(text, max);
      assert.ok(Array.from(short).length <= Math.max(max, 3));
      if (Array.from(text).length <= max) assert.equal(short, text);
    }),
    { seed: 12 },
  );
});

test('any string goes into a path and comes back', () => {
  for (const p of PAYLOADS) {
    const there = encode(p);
    assert.match(there, /^[A-Za-z0-9\-_.!~*'()%]*$/);
    assert.equal(decode(there), p.replace('\ud800', '\ufffd'));
  }
  assert.equal(decode('%zz'), '%zz');
});

test('letters outside ASCII are told', () => {
  assert.equal(foreign('paypal.com'), false);
  assert.equal(foreign('p\u0430ypal.com'), true);
});

test('short names are short, stable and seldom shared', () => {
  const names = new Set<string>();
  for (let i = 0; i < 5000; i++) names.add(shortHash(`line ${i}`));
  assert.ok(names.size > 4990);
  for (const n of names) assert.match(n, /^[0-9a-z]{1,7}$/);
  assert.equal(shortHash(''), (0x811c9dc5).toString(36));
});
