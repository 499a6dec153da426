import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openCapture } from '../../src/capture/file.js';
import { addonIfAny } from '../../src/capture/native.js';
import { PcapWriter } from '../../src/capture/write.js';
import { scratch, tally, udp4 } from './support.js';
import type { ChildOptions, ChildResult } from './tap-child.js';

const RX = `capture-rx-${process.pid}`;
const TX = `capture-tx-${process.pid}`;
const CHILD = fileURLToPath(new URL('./tap-child.js', import.meta.url));
const DEFAULTS: ChildOptions = {
  device: 'caprx',
  shards: 1,
  group: 4711,
  bufferBytes: 8 << 20,
  snapLen: 65_535,
  filter: null,
  sleepy: false,
};

const whyNot = cannotCapture();
const folder = scratch('tap');

/** Live capture needs root, namespaces and a sender; without them these tests say so and are skipped. */
function cannotCapture(): string | false {
  if (process.getuid?.() !== 0) return 'live capture needs root';
  if (addonIfAny()?.libpcapVersion() == null) return 'there is no addon, or no libpcap';
  if (spawnSync('tcpreplay', ['-V']).error !== undefined) return 'tcpreplay is not installed';
  if (spawnSync('ip', ['netns', 'add', `${RX}-try`]).status !== 0) return 'network namespaces cannot be made here';
  spawnSync('ip', ['netns', 'del', `${RX}-try`]);
  return false;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

function makeWire(): void {
  ip('-n', TX, 'link', 'add', 'captx', 'type', 'veth', 'peer', 'name', 'caprx', 'netns', RX);
  ip('-n', TX, 'link', 'set', 'captx', 'up');
  ip('-n', RX, 'link', 'set', 'caprx', 'up');
}

class Child {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(options: Partial<ChildOptions>, prefix = ['ip', 'netns', 'exec', RX]) {
    const command = [...prefix, process.execPath, CHILD, JSON.stringify({ ...DEFAULTS, ...options })];
    this.process = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const next = await this.#lines.next();
    assert.equal(next.done, false, 'the child said nothing');
    return next.value;
  }

  async ready(): Promise<void> {
    assert.equal(await this.line(), 'ready');
  }

  async stop(): Promise<ChildResult> {
    this.process.stdin!.write('stop\n');
    return JSON.parse(await this.line()) as ChildResult;
  }
}

function send(path: string, ...how: string[]): void {
  const args = ['netns', 'exec', TX, 'tcpreplay', '-q', ...how, '-i', 'captx', path];
  const ran = spawnSync('ip', args, { encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
}

/** `flows` flows of `each` packets in turn from either end. */
function flowsFile(name: string, flows: number, each: number, tag = 0): string {
  const path = join(folder, name);
  const writer = new PcapWriter(path);
  let timeUs = 1.7e15;
  for (let n = 0; n < each; n++) {
    for (let f = 0; f < flows; f++) {
      const [a, b] = [0x0a010000 + f, 0x0a020000 + (f % 7)];
      const frame = n % 2 === 0 ? udp4(a, b, 2000 + f, 53, 30 + f, tag) : udp4(b, a, 53, 2000 + f, 30 + f, tag);
      writer.add(frame, 0, frame.length, frame.length, (timeUs += 10));
    }
  }
  writer.close();
  return path;
}

describe('a live tap', { skip: whyNot }, () => {
  before(() => {
    for (const ns of [RX, TX]) {
      ip('netns', 'add', ns);
      // Otherwise the kernel's own router solicitations are among the frames.
      ip(
        'netns',
        'exec',
        ns,
        'sysctl',
        '-qw',
        'net.ipv6.conf.all.disable_ipv6=1',
        'net.ipv6.conf.default.disable_ipv6=1',
      );
      ip('-n', ns, 'link', 'set', 'lo', 'up');
    }
    makeWire();
  });
  after(() => {
    for (const ns of [RX, TX]) spawnSync('ip', ['netns', 'del', ns]);
  });

  test('sees what was sent, frame for frame, with the time of now', async () => {
    const path = flowsFile('plain.pcap', 100, 40);
    const child = new Child({});
    await child.ready();
    const beforeUs = Date.now() * 1000;
    send(path, '-p', '20000');
    const [shard] = (await child.stop()).shards!;
    const sent = await tally(openCapture(path));
    assert.equal(shard!.frames, 4000);
    for (const key of ['frames', 'capBytes', 'wireBytes', 'digest'] as const) assert.equal(shard![key], sent[key], key);
    assert.equal(shard!.dropped, 0);
    assert.deepEqual(shard!.linkTypes, [1]);
    assert.ok(
      shard!.firstUs > beforeUs - 1e6 && shard!.lastUs < Date.now() * 1000 + 1e6 && shard!.firstUs < shard!.lastUs,
    );
    assert.equal(shard!.fault, null);
  });

  test('cuts frames at the snap length and still knows how long they were', async () => {
    const path = flowsFile('snap.pcap', 50, 4);
    const child = new Child({ snapLen: 64 });
    await child.ready();
    send(path, '-p', '5000');
    const [shard] = (await child.stop()).shards!;
    const sent = await tally(openCapture(path));
    assert.equal(shard!.capBytes, 200 * 64);
    assert.equal(shard!.wireBytes, sent.wireBytes);
  });

  test('two handles of one fanout group see everything once, and each flow in one of them', async () => {
    const path = flowsFile('fanout.pcap', 200, 20);
    const child = new Child({ shards: 2 });
    await child.ready();
    send(path, '-p', '20000');
    const [a, b] = (await child.stop()).shards!;
    const sent = await tally(openCapture(path));
    assert.equal(a!.frames + b!.frames, sent.frames);
    assert.equal((a!.digest + b!.digest) >>> 0, sent.digest);
    assert.equal(a!.flows.length + b!.flows.length, 200);
    assert.equal(new Set([...a!.flows, ...b!.flows]).size, 200, 'a flow was seen by both');
    assert.ok(a!.flows.length > 40 && b!.flows.length > 40, `${a!.flows.length} and ${b!.flows.length} flows`);
  });

  test('a filter is run by the kernel', async () => {
    const path = flowsFile('filter.pcap', 100, 10);
    const child = new Child({ filter: 'port 2007 or port 2008' });
    await child.ready();
    send(path, '-p', '10000');
    const [shard] = (await child.stop()).shards!;
    assert.equal(shard!.frames, 20);
    assert.equal(shard!.flows.length, 2);
  });

  test('a VLAN tag that the kernel took off is back in the frame', async () => {
    const path = flowsFile('vlan.pcap', 30, 10, 77);
    const child = new Child({});
    await child.ready();
    send(path, '-p', '10000');
    const [shard] = (await child.stop()).shards!;
    const sent = await tally(openCapture(path));
    assert.equal(shard!.frames, 300);
    assert.equal(shard!.digest, sent.digest);
  });

  test('what the ring had no room for is counted: received and dropped are what was sent', async () => {
    const path = flowsFile('drops.pcap', 200, 50);
    const child = new Child({ bufferBytes: 1 << 17, sleepy: true });
    await child.ready();
    send(path, '--topspeed');
    const [shard] = (await child.stop()).shards!;
    assert.ok(shard!.dropped > 1000, `${shard!.dropped} dropped`);
    assert.equal(shard!.frames + shard!.dropped, 10_000);
  });

  test('a device that goes down and up again goes on', async () => {
    const path = flowsFile('down.pcap', 10, 10);
    const child = new Child({});
    await child.ready();
    ip('-n', RX, 'link', 'set', 'caprx', 'down');
    await new Promise((resolve) => setTimeout(resolve, 200));
    ip('-n', RX, 'link', 'set', 'caprx', 'up');
    send(path, '-p', '5000');
    const [shard] = (await child.stop()).shards!;
    assert.equal(shard!.frames, 100);
    assert.equal(shard!.fault, null);
  });

  test('a device that is removed ends the tap with a fault that names it', async () => {
    const child = new Child({});
    await child.ready();
    ip('-n', TX, 'link', 'del', 'captx');
    const result = JSON.parse(await child.line()) as ChildResult;
    assert.match(result.shards![0]!.fault!, /^caprx: /);
    makeWire();
  });

  for (const [what, options, exit, words] of [
    ['a device that is not there', { device: 'nosuch0' }, 66, /no network device "nosuch0".*tapspot devices/],
    ['a filter with a mistake', { filter: 'port and' }, 64, /The filter "port and" is not understood.*pcap-filter/],
    ['a snap length of nothing', { snapLen: 0 }, 78, /snap length of 0/],
  ] as const) {
    test(`${what} is the operator's to mend`, async () => {
      const { error } = JSON.parse(await new Child(options).line()) as ChildResult;
      assert.equal(error?.exit, exit);
      assert.match(error!.message, words);
    });
  }

  test('a device that is down says how to bring it up, or simply waits', async () => {
    ip('-n', RX, 'link', 'add', 'capdown', 'type', 'veth', 'peer', 'name', 'capdown2');
    const child = new Child({ device: 'capdown' });
    const line = await child.line();
    if (line === 'ready') assert.equal((await child.stop()).shards![0]!.frames, 0);
    else assert.match((JSON.parse(line) as ChildResult).error!.message, /capdown is down.*ip link set capdown up/);
  });

  test('without CAP_NET_RAW it says that it is needed', async (t) => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all'];
    const child = new Child({ device: 'lo' }, nobody);
    const line = await child.line().catch(() => null);
    if (line === null) return t.skip('another user cannot run from this folder');
    const { error } = JSON.parse(line) as ChildResult;
    assert.equal(error?.exit, 77);
    assert.match(error!.message, /CAP_NET_RAW/);
  });
});
