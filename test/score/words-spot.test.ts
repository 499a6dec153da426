import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFacts } from '../../src/score/names.js';
import { splitName, topDomain } from '../../src/score/words/domain.js';
import { bin, ceilLog2, ENTROPY_CUTS, entropy, floorLog2 } from '../../src/score/words/helpers.js';
import { POPULAR } from '../../src/score/words/popular.js';
import { proxyWord, SpotWords } from '../../src/score/words/spot.js';
import { dnsTable, flowTable, HOUR } from './rows.js';

test('the helper functions give the documented numbers', () => {
  for (const [x, want] of [
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
    [213, 7],
  ] as const)
    assert.equal(floorLog2(x), want);
  for (const [x, want] of [
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [222, 8],
    [1026, 11],
    [10, 4],
  ] as const) {
    assert.equal(ceilLog2(x + 1), want);
  }
  for (let i = 0; i <= 45; i++) assert.equal(ceilLog2(2 ** i), i, `2^${i}`);
  assert.ok(Math.abs(entropy('abcdefg') - 2.807354922057604) < 1e-12);
  assert.equal(entropy('services'), 2.5);
  assert.equal(ENTROPY_CUTS.length, 20);
  assert.equal(bin(0, ENTROPY_CUTS), 0);
  assert.equal(bin(100, ENTROPY_CUTS), 19);
});

/** Both words of a flow at noon, UDP, 222 bytes and 3 packets in. */
function flowWords(sport: number, dport: number): string[] {
  const words = new SpotWords();
  const f = flowTable([
    { sport, dport, proto: 17, firstUs: 12 * HOUR, origBytes: 222, origPackets: 3, respBytes: 99999 },
  ]);
  const out = new Uint32Array(4);
  words.flowKeys(f, 0, out);
  return [words.flowText(out[0]!, out[1]!), words.flowText(out[2]!, out[3]!)];
}

for (const [sport, dport, source, destination] of [
  [2132, 23, '23', '-1_23'],
  [23, 2132, '-1_23', '23'],
  [8392, 9874, '333333', '333333'],
  [80, 0, '-1_80', '80'],
  [0, 43, '43', '-1_43'],
  [0, 2435, '2435', '-1_2435'],
  [1024, 80, '111111', '111111'],
  [0, 0, '0', '0'],
] as const) {
  test(`a flow from port ${sport} to ${dport} spells the predecessor's words`, () => {
    assert.deepEqual(flowWords(sport, dport), [`${source}_UDP_12_8_2`, `${destination}_UDP_12_8_2`]);
  });
}

test("a DNS answer spells the predecessor's word", () => {
  const words = new SpotWords({ ownDomain: 'apache' });
  const at = Date.UTC(2015, 4, 12, 11, 32, 45) * 1000;
  const { rows } = dnsTable([{ name: 'abcdefg.apache.com', qtype: 1, rcode: 0, responseFrame: 213, responseUs: at }]);
  const out = new Uint32Array(2);
  words.dnsKey(rows, 0, nameFacts('abcdefg.apache.com'), out);
  assert.equal(words.dnsText(out[0]!, out[1]!), '2_7_11_2_10_1_1_0');
});

test('a DNS question without an answer has the response code -1', () => {
  const words = new SpotWords();
  const { rows } = dnsTable([{ name: 'a.example.com', qtype: 255, rcode: -1, queryFrame: 80, responseUs: Number.NaN }]);
  const out = new Uint32Array(2);
  words.dnsKey(rows, 0, nameFacts('a.example.com'), out);
  assert.match(words.dnsText(out[0]!, out[1]!), /^0_6_\d+_0_0_1_255_-1$/);
});

test("web requests spell the predecessor's words", () => {
  const popular = new Set([...POPULAR, 'popular']);
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const site =
    'static.example.net/Assets/bundle/2015/10/21/3f9c1e77-5b0a-4d62-9a18-c7e2f0b4d853/Images/Portrait/QVJZK/sport-thumbnail-ne';
  assert.equal(site.length, 121);
  const agents: Record<string, number> = { m: 1, s: 9 };
  for (const [host, hour, method, type, uri, status, agent, word] of [
    ['intel.com', 0, 'PUT', 'text/plain', 'ab', '202', 'm', '2_0_PUT_4_text_0_1_202'],
    ['popular.com', 1, 'PUT', 'image', 'abc', '202', 's', '1_1_PUT_6_image_3_1_202'],
    ['popular.com', 2, 'PUT', 'image', 'abcd', '304', 's', '1_2_PUT_7_image_3_2_304'],
    ['popular.com', 3, 'PUT', 'binary', 'abcde', '304', 's', '1_3_PUT_8_binary_3_2_304'],
    ['popular.com', 10, 'PUT', 'binary', 'abcdef', '206', 's', '1_10_PUT_9_binary_3_2_206'],
    ['popular.com', 11, 'GET', 'binary', letters, '206', 's', '1_11_GET_16_binary_3_4_206'],
    ['popular.com', 13, 'GET', 'text', 'aaa', '200', 's', '1_13_GET_0_text_3_1_200'],
    ['popular.com', 14, 'GET', 'text', 'aaabbb', '200', 's', '1_14_GET_4_text_3_2_200'],
    [
      'popular.com',
      22,
      'GET',
      'text',
      'a'.repeat(11) + 'b'.repeat(11) + 'c'.repeat(11),
      '302',
      's',
      '1_22_GET_6_text_3_5_302',
    ],
    ['popular.com', 23, 'GET', 'text', site, '302', 's', '1_23_GET_17_text_3_6_302'],
  ] as const) {
    const request = { host, hour, method, contentType: type, uri, status, agentCount: agents[agent]! };
    assert.equal(proxyWord(request, popular), word);
  }
  const bare = { host: 'x', hour: 4, method: 'GET', contentType: null, uri: 'a', status: null, agentCount: 1 };
  assert.equal(proxyWord(bare), '0_4_GET_0_-_0_0_unknown_response_code');
});

for (const [name, domain, subdomain, labels] of [
  ['fatosdesconhecidos.com.br', 'fatosdesconhecidos', 'None', 3],
  ['get.your.best.electronic.at.panasonic.jp', 'panasonic', 'get.your.best.electronic.at', 7],
  ['panasonic.c', 'None', 'None', 2],
  ['123.103.104.10.in-addr.arpa', 'None', 'None', 6],
  ['services.amazon.com.mx', 'amazon', 'services', 4],
  ['ab..com', '', 'ab', 3],
  ['bbc.co.uk', 'co', 'bbc', 3],
  ['localhost', 'None', 'None', 1],
  ['', 'None', 'None', 1],
  ['com', 'None', 'None', 1],
  ['com.br', 'None', 'None', 2],
  ['x.info', 'None', 'None', 2],
] as const) {
  test(`the predecessor takes ${JSON.stringify(name)} for the domain ${JSON.stringify(domain)}`, () => {
    assert.deepEqual(splitName(name), { domain, subdomain, labels });
  });
}

test('an empty own domain does not own the empty domain', () => {
  assert.equal(topDomain('', '', POPULAR), 0);
  assert.equal(topDomain('amazon', '', POPULAR), 1);
  assert.equal(topDomain('amazon', 'amazon', POPULAR), 2);
});
