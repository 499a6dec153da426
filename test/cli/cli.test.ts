import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { ended, MAIN, ndjson, tapspot } from '../support/cli.js';
import { sampleCaptures } from '../support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const [sample] = sampleCaptures();
assert.ok(sample, 'there are no samples');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const SENSOR = `sensor: edge-1
captures: ['${sample}']
spool: { directory: ${folder}/spool, limit: 1MiB }
uplink: { broker: 'mqtt://127.0.0.1:9' }
`;

for (const [what, args, code, words] of [
  ['no command', [], 64, /inspect -r FILE/],
  ['an unknown command, with a suggestion', ['inspekt'], 64, /Did you mean inspect\?/],
  ['an unknown option', ['inspect', '-r', sample, '--duratoin', '4s'], 64, /duratoin/],
  ['inspect without input', ['inspect'], 64, /-r FILE/],
  ['both captures and an interface', ['inspect', '-r', sample, '-i', 'lo'], 64, /not both/],
  ['a size that is none', ['inspect', '-r', sample, '--memory', 'lots'], 64, /--memory: "lots" is not a size/],
  ['a filter that is none', ['inspect', '-r', sample, '-f', 'udp prot 53'], 64, /pcap-filter\(7\)/],
  ['a file that is not there', ['inspect', '-r', join(folder, 'none')], 66, /There is no file/],
  ['a folder without captures', ['inspect', '-r', join(packageRoot(), 'docs')], 66, /no capture file/],
  ['an interface that is not there', ['inspect', '-i', 'nosuch0'], 66, /tapspot devices/],
  [
    'an output that cannot be written',
    ['inspect', '-r', sample, '--flows', '/nonexistent/x.ndjson'],
    74,
    /cannot be written/,
  ],
  ['a configuration that is not there', ['sensor', '-c', join(folder, 'none.yaml')], 66, /there is no such file/],
  [
    'a configuration with a slip',
    ['sensor', '-c', file('slip.yaml', `${SENSOR}snaplan: 96\n`)],
    78,
    /slip\.yaml:5:1: unknown key 'snaplan'; did you mean 'snaplen'\?/,
  ],
  ['training where no central is', ['train', '--url', 'http://127.0.0.1:9'], 69, /No central answers/],
] as const) {
  test(`${what}: exit ${code} and a sentence, without a stack`, async () => {
    const ran = await tapspot(args);
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, words);
    assert.doesNotMatch(ran.stderr, /\n\s+at /);
    assert.equal(ran.stdout, '');
  });
}

test('what could not be read is not called harmless', async () => {
  const ran = await tapspot(['inspect', '-r', '/dev/zero']);
  assert.equal(ran.code, 65);
  assert.match(ran.stdout, /^Nothing could be read\./);
  assert.match(ran.stderr, /\/dev\/zero is not a capture/);
});

test('a sensor whose spool is full says so, and goes on', async () => {
  const config = file(
    'full.yaml',
    SENSOR.replace('1MiB', '64KiB').replace("127.0.0.1:9'", "127.0.0.1:9', budget: 100Mbit/s").concat('window: 1s\n'),
  );
  const child = spawn(process.execPath, [MAIN, 'sensor', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const done = ended(child, 60_000);
  await new Promise<void>((resolve) => {
    let said = '';
    child.stderr.on('data', (text) => {
      said += String(text);
      if (/the oldest summaries make way/.test(said)) resolve();
    });
    child.once('close', () => resolve());
  });
  child.kill('SIGTERM');
  const ran = await done;
  assert.match(ran.stderr, /"dropped":\d+.*the oldest summaries make way/);
  assert.equal(ran.code, 0, ran.stderr);
});

test('--json gives findings in rank order whose points sum to their score, then one summary', async () => {
  const ran = await tapspot(['inspect', '-r', sample, '--json']);
  assert.equal(ran.code, 0, ran.stderr);
  const lines = ndjson(ran.stdout);
  const summary = lines.pop()!;
  assert.ok(lines.length > 5, `only ${lines.length} findings`);
  lines.forEach((line, i) => {
    assert.deepEqual(Object.keys(line), [
      'type',
      'rank',
      'score',
      'kind',
      'src',
      'dst',
      'dstPort',
      'proto',
      'domain',
      'firstSeen',
      'lastSeen',
      'reasons',
    ]);
    assert.equal(line.type, 'finding');
    assert.equal(line.rank, i + 1);
    const reasons = line.reasons as { name: string; points: number; text: string }[];
    const sum = reasons.reduce((n, r) => n + r.points, 0);
    assert.ok(Math.abs(sum - Number(line.score)) < 0.011, `line ${i + 1}: ${sum} is not ${line.score}`);
    assert.ok(i === 0 || Number(lines[i - 1]!.score) >= Number(line.score));
    assert.ok(!Number.isNaN(Date.parse(String(line.firstSeen))) && String(line.firstSeen) <= String(line.lastSeen));
  });
  assert.deepEqual(Object.keys(summary), [
    'type',
    'packets',
    'bytes',
    'flows',
    'dnsMessages',
    'dnsTransactions',
    'verdicts',
    'elapsedSeconds',
  ]);
  assert.equal(summary.type, 'summary');
  const verdicts = Object.values(summary.verdicts as Record<string, number>).reduce((a, b) => a + b, 0);
  assert.equal(verdicts, summary.packets);
});

test('--flows and --dns write every record, as NDJSON and as Parquet alike', async () => {
  const path = (name: string) => join(folder, name);
  const ran = await tapspot([
    'inspect',
    '-r',
    sample,
    '--json',
    '--flows',
    path('f.ndjson'),
    '--dns',
    path('d.ndjson'),
  ]);
  const again = await tapspot([
    'inspect',
    '-r',
    sample,
    '--json',
    '--flows',
    path('f.parquet'),
    '--dns',
    path('d.parquet'),
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(again.code, 0, again.stderr);
  const summary = ndjson(ran.stdout).at(-1)!;
  const flows = ndjson(readFileSync(path('f.ndjson'), 'utf8'));
  const dns = ndjson(readFileSync(path('d.ndjson'), 'utf8'));
  assert.equal(flows.length, summary.flows);
  assert.equal(dns.length, summary.dnsTransactions);
  assert.deepEqual(Object.keys(flows[0]!), [
    'ts',
    'duration',
    'src',
    'sport',
    'dst',
    'dport',
    'proto',
    'origPackets',
    'origBytes',
    'respPackets',
    'respBytes',
    'connState',
    'history',
    'vlan',
    'communityId',
    'score',
  ]);
  for (const row of [...flows, ...dns]) assert.ok(Number(row.score) > 0 && Number(row.score) <= 1, JSON.stringify(row));

  // Read by a library that did not write them.
  const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  for (const [name, rows] of [
    ['f.parquet', flows],
    ['d.parquet', dns],
  ] as const) {
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(path(name)), compressors });
    assert.equal(read.length, rows.length);
    const first = read[0] as Record<string, unknown>;
    assert.deepEqual(Object.keys(first), Object.keys(rows[0]!));
    assert.equal(Number(first.score), Number(rows[0]!.score));
    assert.equal((first.ts as Date).getTime(), Math.floor(Date.parse(String(rows[0]!.ts))));
  }
});

test('a pipe, a filter, two inputs and a folder', async () => {
  const packets = async (args: string[], input?: Uint8Array) => {
    const ran = await tapspot(['inspect', ...args, '--json'], input === undefined ? {} : { input });
    assert.equal(ran.code, 0, ran.stderr);
    return Number(ndjson(ran.stdout).at(-1)!.packets);
  };
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(sample)) chunks.push(chunk as Buffer);
  const whole = await packets(['-r', sample]);
  assert.ok(whole > 1000);
  assert.equal(await packets(['-r', '-'], Buffer.concat(chunks)), whole);
  assert.equal(await packets(['-r', sample, '-r', sample]), 2 * whole);
  const [udp, rest] = [await packets(['-r', sample, '-f', 'udp']), await packets(['-r', sample, '-f', 'not udp'])];
  assert.ok(udp > 0 && rest > 0);
  assert.equal(udp + rest, whole);
  const all = await packets(['-r', join(packageRoot(), 'samples')]);
  assert.ok(all > whole);
});

test('nothing that came from the network reaches the terminal as a control character', async () => {
  const ran = await tapspot(['inspect', '-r', sample, '-n', '0']);
  assert.equal(ran.code, 0);
  assert.doesNotMatch(ran.stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('check tells a good file from one that this machine cannot honour', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const good = file('good.yaml', SENSOR.replace(':9', `:${port}`));
  const ok = await tapspot(['check', '-c', good]);
  assert.equal(ok.code, 0, ok.stderr);
  assert.match(ok.stderr, /ok\s+broker/);
  const strict = await tapspot(['check', '-c', good, '--strict']);
  assert.equal(strict.code, 2, 'a warning: no model key');
  server.close();
  const unreachable = await tapspot(['check', '-c', file('far.yaml', SENSOR)]);
  assert.equal(unreachable.code, 69, unreachable.stderr);
  const offline = await tapspot(['check', '-c', file('far.yaml', SENSOR), '--no-network']);
  assert.equal(offline.code, 0, offline.stderr);
  const missing = await tapspot([
    'check',
    '--no-network',
    '-c',
    file('missing.yaml', SENSOR.replace(sample, '/nonexistent.pcap')),
  ]);
  assert.equal(missing.code, 66, missing.stderr);
  const print = await tapspot(['check', '--no-network', '--print', '-c', good]);
  assert.equal((JSON.parse(print.stdout) as { window: number }).window, 60);
});

test('the reference of each role is itself a configuration that only wants what is required', async () => {
  for (const role of ['sensor', 'central'] as const) {
    const ran = await tapspot(['reference', role]);
    assert.equal(ran.code, 0, ran.stderr);
    const text = ran.stdout
      .replace(/^sensor: …$/m, 'sensor: edge-1')
      .replace(/broker: …$/m, 'broker: mqtt://127.0.0.1:1883')
      .replace(/^interfaces: \[\]$/m, 'interfaces: [lo]');
    const checked = await tapspot(['check', '--no-environment', '--role', role, '-c', file(`${role}.yaml`, text)]);
    assert.equal(checked.code, 0, `${checked.stderr}\n${text}`);
  }
});

test('version and devices speak JSON too', async () => {
  const version = JSON.parse((await tapspot(['version', '--json'])).stdout) as Record<string, string>;
  assert.match(version.tapspot!, /^\d+\.\d+\.\d+$/);
  const devices = await tapspot(['devices', '--json']);
  assert.equal(devices.code, 0, devices.stderr);
  assert.ok(ndjson(devices.stdout).some((d) => d.loopback === true));
});

test('user makes a line that the broker takes, and never one with the password in it', async () => {
  const { Users } = await import('../../src/central/broker/users.js');
  const ran = await tapspot(['user', 'edge-1'], { input: Buffer.from('correct horse battery\n') });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^edge-1:scrypt:/);
  assert.doesNotMatch(ran.stdout, /horse/);
  const users = Users.load(file('users', ran.stdout));
  assert.ok(await users.check('edge-1', Buffer.from('correct horse battery')));
  assert.ok(!(await users.check('edge-1', Buffer.from('wrong horse battery'))));
  assert.equal((await tapspot(['user', 'edge-1'], { input: Buffer.from('short\n') })).code, 64);
});
