import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/base/config.js';
import { OperatorError } from '../../src/base/errors.js';
import { bytesText, parseBitRate, parseBytes, parseSeconds, spanText } from '../../src/base/units.js';
import { SensorConfig } from '../../src/sensor/config.js';

const GOOD = `sensor: edge-1
interfaces: [eth1]
uplink:
  broker: mqtt://127.0.0.1:1883
`;

function faultsOf(yaml: string): string {
  try {
    parseConfig(yaml, SensorConfig, 's.yaml');
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error));
    assert.equal(error.exit, 78);
    return error.message;
  }
  return assert.fail('was accepted');
}

test('a short file is enough, and everything else has a default', () => {
  const config = parseConfig(GOOD, SensorConfig, 's.yaml');
  assert.equal(config.memory, 256 * 2 ** 20);
  assert.equal(config.window, 60);
  assert.equal(config.uplink.budget, 256_000);
  assert.equal(config.timeouts.active, 1800);
  assert.equal(config.spool.limit, 2 ** 30);
});

for (const [what, yaml, expected] of [
  [
    'an unknown key, with a suggestion',
    `${GOOD}snaplan: 96\n`,
    /^s\.yaml:5:1: unknown key 'snaplan'; did you mean 'snaplen'\?$/,
  ],
  [
    'an unknown nested key, with its line',
    `${GOOD}  bugdet: 1kbit/s\n`,
    /^s\.yaml:5:3: unknown key 'uplink\.bugdet'; did you mean 'budget'\?$/,
  ],
  ['an unknown key like nothing known', `${GOOD}spool:\n  zzzzzzzz: 1\n`, /known here: directory, limit$/],
  ['a value of the wrong kind', `${GOOD}promiscuous: perhaps\n`, /^s\.yaml:5:14: promiscuous: /],
  ['a size that is none', `${GOOD}memory: much\n`, /^s\.yaml:5:9: memory: "much" is not a size such as 64MiB$/],
  ['a span without a unit', `${GOOD}window: 60\n`, /window: 60 is not a span/],
  [
    'a network that is none',
    `${GOOD}homeNetworks:\n  - 10.0.0.0/8\n  - 300.1.2.3/8\n`,
    /^s\.yaml:7:5: homeNetworks\.1: is not a network/,
  ],
  ['a missing name', GOOD.replace('sensor: edge-1\n', ''), /sensor: is required$/],
  ['a name that would break a topic', GOOD.replace('edge-1', 'edge/#'), /sensor: the sensor is 1 to 63 letters/],
  ['a broker that is none', GOOD.replace('mqtt://', 'http://'), /uplink\.broker: is not a broker such as/],
  ['no source of packets', GOOD.replace('[eth1]', '[]'), /name at least one interface/],
  ['a key given twice', `${GOOD}sensor: edge-2\n`, /^s\.yaml:5:1: Map keys must be unique/],
  ['YAML that is none', 'a: [1\n', /^s\.yaml:\d+:\d+: /],
  ['aliases, which could grow without bound', 'sensor: &a x\nsite: *a\n', /alias/i],
] as const) {
  test(`refuses ${what}`, () => assert.match(faultsOf(yaml), expected));
}

test('tells every fault at once', () => {
  assert.equal(faultsOf(`${GOOD}snaplan: 1\nwindow: x\n`).split('\n').length, 2);
});

test('quantities with units', () => {
  assert.deepEqual(['64MiB', '1GB', '4096', '1.5KiB', '-1', '1 potato'].map(parseBytes), [
    67108864,
    1e9,
    4096,
    1536,
    null,
    null,
  ]);
  assert.deepEqual(['90s', '5m', '12h', '500ms', '1d', '60'].map(parseSeconds), [90, 300, 43200, 0.5, 86400, null]);
  assert.deepEqual(['256kbit/s', '1Mbit/s', '1Mbit'].map(parseBitRate), [256e3, 1e6, null]);
  assert.deepEqual([812, 1536, 2 ** 30].map(bytesText), ['812 B', '1.5 KiB', '1.0 GiB']);
  assert.deepEqual([0.25, 5, 45, 125, 3600, 100000].map(spanText), [
    '250 ms',
    '5 s',
    '45 s',
    '2 m 5 s',
    '1 h',
    '1 d 3 h',
  ]);
});
