import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { MAIN } from '../support/cli.js';

// The programs under what their units allow them: its system calls, socket families and capabilities, and nothing else.
// No systemd runs here; service-manager.py loads the same filter into the kernel and listens to what they notify.
const folder = mkdtempSync(join(tmpdir(), 'tapspot-sandbox-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const tools =
  process.getuid?.() === 0 &&
  spawnSync('/usr/bin/python3', ['-c', 'import seccomp']).status === 0 &&
  spawnSync('setpriv', ['--bounding-set=-all', 'true']).status === 0 &&
  spawnSync('systemd-analyze', ['syscall-filter']).status === 0;
const skip = tools ? false : 'needs root, python3-seccomp, setpriv and systemd-analyze';

/** Every group of system calls that systemd knows, by name, as it lists them: calls and other groups. */
function syscallGroups(): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  let members: string[] = [];
  for (const line of execFileSync('systemd-analyze', ['syscall-filter', '--no-pager'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  }).split('\n')) {
    if (line.startsWith('@')) groups.set(line.trim(), (members = []));
    else if (/^ {4}[@a-z]/.test(line)) members.push(line.trim());
    else if (line.startsWith('#')) break; // What follows is what the running kernel has besides.
  }
  return groups;
}

/** The calls that the unit's SystemCallFilter= lines leave, worked out as systemd.exec(5) says. */
function allowedCalls(unit: string): string[] {
  const groups = syscallGroups();
  const expand = (name: string): string[] => (name.startsWith('@') ? groups.get(name)!.flatMap(expand) : [name]);
  const allowed = new Set(expand('@default'));
  for (const [, not, names] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/gm)) {
    for (const call of names!.split(' ').flatMap(expand)) not ? allowed.delete(call) : allowed.add(call);
  }
  return [...allowed];
}

interface Session {
  notified: string[];
  said: string[];
  exit: string;
}

function underUnit(role: 'sensor' | 'central', words: string[], until: string, stopAfter: number): Promise<Session> {
  const unit = readFileSync(join(packageRoot(), 'systemd', `tapspot-${role}.service`), 'utf8');
  const capability = /^CapabilityBoundingSet=CAP_(\w+)$/m.exec(unit)?.[1]?.toLowerCase() ?? null;
  const spec = {
    allow: allowedCalls(unit),
    families: /^RestrictAddressFamilies=(.*)$/m.exec(unit)![1]!.split(' '),
    capability,
    command: [process.execPath, MAIN, ...words],
    watchdogUsec: 1_000_000,
    until,
    stopAfter,
  };
  assert.ok(spec.allow.length > 200 && !spec.allow.includes('mount') && !spec.allow.includes('ptrace'));
  const manager = join(packageRoot(), 'test/systemd/service-manager.py');
  return new Promise((resolve, reject) => {
    execFile(
      '/usr/bin/python3',
      [manager, 'run', JSON.stringify(spec)],
      { maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        if (error) return reject(new Error(stderr, { cause: error }));
        const lines = stdout.trimEnd().split('\n');
        const of = (kind: string) => lines.filter((l) => l.startsWith(`${kind} `)).map((l) => l.slice(kind.length + 1));
        resolve({ notified: of('notify'), said: of('says'), exit: of('exit')[0]! });
      },
    );
  });
}

function writeConfig(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function assertServed({ notified, said, exit }: Session): void {
  const all = `${notified.join('\n')}\n${said.join('\n')}\nexit ${exit}`;
  const ready = notified.indexOf('READY=1');
  assert.ok(ready >= 0, all);
  assert.ok(notified.filter((n) => n === 'WATCHDOG=1').length >= 3, all);
  assert.ok(notified.indexOf('STOPPING=1') > ready, all);
  assert.equal(exit, '0', all);
}

test('a sandbox is one: without its capability the sensor is refused the tap', { skip }, async () => {
  const ran = await underUnit('central', ['inspect', '-i', 'lo', '--duration', '1s'], 'never said', 1);
  assert.match(ran.exit, /^77$/, ran.said.join('\n'));
});

test('under the unit of the sensor, packets are taken from an interface', { skip, timeout: 120_000 }, async () => {
  const socket = createSocket('udp4');
  const chatter = setInterval(() => socket.send('hello', 9, '127.0.0.1'), 20);
  try {
    const ran = await underUnit('sensor', ['inspect', '-i', 'lo', '--duration', '2s', '--json'], 'never said', 1);
    assert.equal(ran.exit, '0', ran.said.join('\n'));
    const summary = JSON.parse(ran.said.findLast((line) => line.startsWith('{'))!) as { packets: number };
    assert.ok(summary.packets > 20, ran.said.join('\n'));
  } finally {
    clearInterval(chatter);
    socket.close();
  }
});

test('under its unit the central gets ready, keeps the watchdog content, and stops when told', {
  skip,
  timeout: 120_000,
}, async () => {
  const config = writeConfig(
    'central.yaml',
    `data: ${folder}/central\nbroker:\n  listen: 127.0.0.1:0\nconsole:\n  listen: 127.0.0.1:0\n`,
  );
  assertServed(await underUnit('central', ['central', '-c', config], 'WATCHDOG=1', 3));
});

test('under its unit the sensor gets ready, keeps the watchdog content, and stops when told', {
  skip,
  timeout: 120_000,
}, async () => {
  // Nobody listens at that port: a central that is away is no reason not to start.
  const config = writeConfig(
    'sensor.yaml',
    `sensor: tap-1\ninterfaces: [lo]\nwindow: 1s\nbuffer: 4MiB\nspool:\n  directory: ${folder}/spool\nuplink:\n  broker: mqtt://127.0.0.1:9\n`,
  );
  assertServed(await underUnit('sensor', ['sensor', '-c', config], 'WATCHDOG=1', 3));
});

test('under the units the whole path works: capture files, MQTT, lake, training, model, shortlist', {
  skip,
  timeout: 200_000,
}, async () => {
  const ran = await underUnit('sensor', ['demo', '--port', '0'], 'Console: http', 1);
  assert.equal(ran.exit, '0', ran.said.join('\n'));
  assert.ok(
    ran.said.some((line) => line.includes('Console: http')),
    ran.said.join('\n'),
  );
});
