import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/base/config.js';
import { CentralConfig, parseListen } from '../../src/central/config.js';

const parse = (text: string) => parseConfig(text, CentralConfig, 'central.yaml');

test('an empty configuration is a whole one, on loopback', () => {
  const config = parse('');
  assert.equal(config.data, '/var/lib/tapspot/central');
  assert.deepEqual(parseListen(config.console.listen), { host: '127.0.0.1', port: 8080 });
  assert.deepEqual(parseListen(config.broker.listen), { host: '127.0.0.1', port: 1883 });
  assert.equal(config.lake.retention.bytes, 50 * 2 ** 30);
  assert.equal(config.lake.commitInterval, 1);
});

test('what would let strangers in is refused with what to do instead', () => {
  const refused: [string, RegExp][] = [
    ['console: { listen: "0.0.0.0:8080" }', /central\.yaml:1:\d+: console\.listen: must be on loopback.*reverse proxy/],
    ['console: { listen: "[::]:8080" }', /must be on loopback/],
    ['broker: { listen: "0.0.0.0:1883" }', /sensors must prove who they are: set tls with clientCa, or users/],
    ['broker: { listen: "10.0.0.1:1883", users: /x }', /passwords in the clear/],
    ['broker: { url: "mqtt://h", users: /x }', /cannot stand beside/],
    ['broker: { username: x }', /named by url/],
    ['broker: { url: "http://h" }', /is not a broker such as/],
    ['broker: { listen: "1883" }', /is not an address/],
    ['broker: { listen: "127.0.0.1:99999" }', /is not an address/],
    ['console: { hosts: ["a b"] }', /is not a host name/],
    ['lake: { commitRows: 0 }', /lake\.commitRows/],
    ['training: { wods: spot }', /unknown key 'training\.wods'; did you mean 'words'\?/],
  ];
  for (const [text, message] of refused) assert.throws(() => parse(text), { code: 'CONFIG_INVALID', message }, text);
  parse('broker: { listen: "0.0.0.0:8883", tls: { certificate: /a, key: /b, clientCa: /c } }');
  parse('broker: { listen: "0.0.0.0:8883", tls: { certificate: /a, key: /b }, users: /u }');
  parse('broker: { url: "mqtts://broker.example:8883", username: central, passwordFile: /p }');
});

test('every key says what it is for', () => {
  const walk = (schema: unknown, path: string): number => {
    let s = schema as {
      def: { type: string; innerType?: unknown; in?: unknown };
      shape?: object;
      description?: string;
    };
    let told = s.description;
    while (s.def.innerType !== undefined || s.def.in !== undefined) {
      s = (s.def.innerType ?? s.def.in) as typeof s;
      told ??= s.description;
    }
    if (path !== '') assert.ok(told, `${path} has no description`);
    return Object.entries(s.shape ?? {}).reduce((n, [key, inner]) => n + walk(inner, `${path}/${key}`), 1);
  };
  assert.ok(walk(CentralConfig, '') > 35);
});
