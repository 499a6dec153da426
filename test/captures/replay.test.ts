import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ended, MAIN, tapspot } from '../support/cli.js';
import { sampleCaptures } from '../support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-replay-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  flows: string;
  dns: string;
  findings: string;
}

/** What one run of `inspect` says, but for the time it took. */
async function outcome(name: string, args: string[]): Promise<Outcome> {
  const flows = join(folder, `${name}.flows`);
  const dns = join(folder, `${name}.dns`);
  const ran = await tapspot(['inspect', ...args, '--json', '--flows', flows, '--dns', dns]);
  assert.equal(ran.code, 0, ran.stderr);
  return outputs(flows, dns, ran.stdout);
}

function outputs(flows: string, dns: string, stdout: string): Outcome {
  const findings = stdout.replace(/"elapsedSeconds":[\d.]+/, '');
  return { flows: readFileSync(flows, 'utf8'), dns: readFileSync(dns, 'utf8'), findings };
}

function assertSame(a: Outcome, b: Outcome): void {
  for (const what of ['flows', 'dns', 'findings'] as const) {
    const left = a[what].split('\n');
    const right = b[what].split('\n');
    const at = left.findIndex((line, i) => line !== right[i]);
    assert.equal(left.length, right.length, `${what}: number of lines`);
    assert.ok(at < 0, `${what} line ${at + 1}:\n${left[at]}\n${right[at]}`);
  }
}

test('a capture read twice, and by one or two shards, gives the same records, scores and findings', async () => {
  for (const sample of sampleCaptures()) {
    const once = await outcome('once', ['-r', sample, '--shards', '1']);
    assert.ok(once.flows.split('\n').length > 20, `${sample} has hardly any flows`);
    assertSame(once, await outcome('again', ['-r', sample, '--shards', '1']));
    assertSame(once, await outcome('two', ['-r', sample, '--shards', '2']));
  }
});

const root = process.getuid?.() === 0;
const tools = ['ip', 'tcpdump', 'tcpreplay'].every((tool) => {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

test('live over a veth pair gives the records that a capture of the same packets gives, with one and two shards', {
  skip: root && tools ? false : 'needs root, iproute2, tcpdump and tcpreplay',
}, async () => {
  const netns = `tapspot-live-${process.pid}`;
  const inside = (...words: string[]) => execFileSync('ip', ['netns', 'exec', netns, ...words], { stdio: 'pipe' });
  execFileSync('ip', ['netns', 'add', netns]);
  try {
    inside('ip', 'link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'tap0');
    for (const end of ['out0', 'tap0']) {
      inside('sysctl', '-qw', `net.ipv6.conf.${end}.disable_ipv6=1`);
      inside('ip', 'link', 'set', end, 'mtu', '9000', 'up');
    }
    const sample = sampleCaptures().at(-1)!;
    for (const shards of [1, 2]) {
      const pcap = join(folder, `live-${shards}.pcap`);
      const tcpdump = spawn('ip', [
        'netns',
        'exec',
        netns,
        'tcpdump',
        '-Z',
        'root',
        '-i',
        'tap0',
        '-B',
        '65536',
        '-U',
        '--time-stamp-precision=nano',
        '-w',
        pcap,
        '-s',
        '0',
      ]);
      const flows = join(folder, `live-${shards}.flows`);
      const dns = join(folder, `live-${shards}.dns`);
      const live = spawn('ip', [
        'netns',
        'exec',
        netns,
        process.execPath,
        MAIN,
        'inspect',
        '-i',
        'tap0',
        '--shards',
        String(shards),
        '--json',
        '--flows',
        flows,
        '--dns',
        dns,
        '-v',
      ]);
      const done = ended(live, 60_000);
      const dumped = ended(tcpdump, 60_000);
      await Promise.all([said(tcpdump, /listening on/), said(live, /listening on tap0/)]);
      inside('tcpreplay', '-q', '-i', 'out0', '--pps=20000', sample.endsWith('.gz') ? gunzipped(sample) : sample);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      live.kill('SIGINT');
      tcpdump.kill('SIGINT');
      const [ran] = await Promise.all([done, dumped]);
      assert.equal(ran.code, 0, ran.stderr);
      const fromLive = outputs(flows, dns, ran.stdout);
      assert.ok(fromLive.flows.split('\n').length > 20, 'hardly any flows were seen');
      assertSame(fromLive, await outcome('from-file', ['-r', pcap]));
    }
  } finally {
    execFileSync('ip', ['netns', 'del', netns]);
  }
});

function said(child: ReturnType<typeof spawn>, pattern: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk) => {
      text += String(chunk);
      if (pattern.test(text)) resolve();
    });
    child.once('close', () => reject(new Error(`ended before it said ${pattern}: ${text}`)));
  });
}

function gunzipped(path: string): string {
  const out = join(folder, 'sample.pcap');
  execFileSync('sh', ['-c', 'gzip -dc "$1" > "$2"', 'sh', path, out]);
  return out;
}
