import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { seeded } from '../../src/capture/faults.js';
import { addonIfAny } from '../../src/capture/native.js';
import { PcapWriter } from '../../src/capture/write.js';
import { examineFiles } from '../../src/sensor/doctor/doctor.js';
import type { Finding } from '../../src/sensor/doctor/finding.js';
import { ended, MAIN, ndjson, tapspot } from '../support/cli.js';
import { ACK, ethernet, type Frame, ipv4, ipv6, SYN, tcp, udp } from '../support/frames.js';
import { MSS, T0, talk } from '../support/talk.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-doctor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function capture(frames: readonly Frame[]): string {
  const path = join(folder, `${files++}.pcap`);
  const writer = new PcapWriter(path);
  for (const f of frames) writer.add(f.bytes, 0, f.bytes.length, f.wireLen ?? f.bytes.length, f.timeUs);
  writer.close();
  return path;
}

/** The findings of a capture, by code. */
async function examine(frames: readonly Frame[], filter: string | null = null): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>();
  for await (const e of examineFiles([capture(frames)], filter, T0 + 3600e6)) {
    assert.equal(e.frames, frames.length);
    for (const f of e.findings) found.set(f.code, f);
  }
  return found;
}

const codes = (found: Map<string, Finding>) => [...found.keys()].sort();

describe('what a capture tells', () => {
  test('healthy traffic gives no finding at all', async () => {
    assert.deepEqual(codes(await examine(talk())), []);
    assert.deepEqual(codes(await examine(talk({ vlans: [7] }))), []);
  });

  test('a mirror of one direction is recognised by the acknowledgements of a side that is never seen', async () => {
    const found = await examine(talk({ change: (f, { up }) => (up ? f : null) }));
    assert.deepEqual(codes(found), ['one-way']);
    assert.deepEqual(found.get('one-way')!.evidence, { connections: 20, oneWay: 20 });
    assert.match(found.get('one-way')!.text, /Only one direction .* 100 %/);
    assert.match(found.get('one-way')!.mend!, /both/);
  });

  test('a scan that nobody answers, and UDP that expects no answer, are no one-way tap', async () => {
    const frames: Frame[] = [];
    for (let i = 0; i < 2000; i++) {
      const syn = tcp({ sport: 50_000, dport: i + 1, seq: i, flags: SYN, options: MSS });
      const log = udp({ sport: 514, dport: 514 }, new Uint8Array(40).fill(i));
      frames.push({
        timeUs: T0 + i * 1000,
        bytes: ethernet({}, ipv4({ src: '10.0.0.9', dst: '10.0.0.1', id: i + 1 }, syn)),
      });
      frames.push({
        timeUs: T0 + i * 1000,
        bytes: ethernet({}, ipv4({ src: '10.0.0.9', dst: '10.0.0.2', id: i + 1 }, log)),
      });
    }
    assert.deepEqual(codes(await examine(frames)), []);
  });

  test('a part of the connections with one half missing is told apart from a tap that has only one direction', async () => {
    const asymmetric = (f: Frame, { n, up }: { n: number; up: boolean }) => (n >= 44 * 14 && !up ? null : f);
    const found = await examine(talk({ change: asymmetric }));
    assert.match(found.get('one-way')!.text, /another path/);
    assert.deepEqual(found.get('one-way')!.evidence, { connections: 20, oneWay: 6 });
  });

  test('data that is acknowledged and never passed was lost before the tap', async () => {
    const random = seeded(5);
    const lossy = talk({ change: (f, { data }) => (data && random() < 0.05 ? null : f) });
    const found = await examine(lossy);
    assert.deepEqual(codes(found), ['lost-before-tap']);
    const { ofUnseenData, unseenBytes } = found.get('lost-before-tap')!.evidence;
    const lost = talk().length - lossy.length;
    assert.ok(lost > 20, 'the capture lost something');
    assert.ok((ofUnseenData as number) > lost * 0.8 && (ofUnseenData as number) <= lost, `${ofUnseenData} of ${lost}`);
    // Two in a row may be acknowledged at once, the last of a connection never.
    assert.ok((unseenBytes as number) <= lost * 500);
  });

  test('a retransmission and a reordered pair are no loss and no duplicate', async () => {
    const again = (f: Frame, { data, n }: { data: boolean; n: number }) =>
      data && n % 10 === 0 ? [f, { timeUs: f.timeUs + 250_000, bytes: f.bytes }] : f;
    const frames = talk({ change: again }).sort((x, y) => x.timeUs - y.timeUs);
    assert.deepEqual(codes(await examine(frames)), []);
  });

  test('every packet twice within a millisecond is a doubled mirror; with another TTL a router lies between', async () => {
    const twice = await examine(talk({ change: (f) => [f, { ...f, timeUs: f.timeUs + 40 }] }));
    assert.deepEqual(codes(twice), ['duplicates']);
    const { copies, copiesRouted, meanGapUs } = twice.get('duplicates')!.evidence;
    assert.deepEqual([copies, copiesRouted, meanGapUs], [44 * 20, 0, 40]);

    const hop = (f: Frame) => {
      const bytes = Uint8Array.from(f.bytes);
      bytes[14 + 8]!--; // TTL, and the header checksum that goes with it
      const view = new DataView(bytes.buffer);
      view.setUint16(14 + 10, view.getUint16(14 + 10) + 0x100);
      return [f, { timeUs: f.timeUs + 40, bytes }];
    };
    assert.match((await examine(talk({ change: hop }))).get('duplicates')!.text, /before and after a router/);
  });

  test('repeated acknowledgements over IPv6, which has no identification, are not taken for duplicates', async () => {
    const frames: Frame[] = [];
    for (let i = 0; i < 500; i++) {
      const ack = tcp({ sport: 443, dport: 40_000, seq: 77, ack: 99, flags: ACK });
      frames.push({ timeUs: T0 + i * 100, bytes: ethernet({}, ipv6({ src: '2001:db8::1', dst: '2001:db8::2' }, ack)) });
    }
    assert.equal((await examine(frames)).has('duplicates'), false);
  });

  test('a filter that does not look behind the tag loses tagged frames; the expression given mends it', async () => {
    const frames = [...talk({ vlans: [7], connections: 3 }), ...talk({ connections: 3 })];
    for (let i = 1; i < frames.length; i++) frames[i] = { ...frames[i]!, timeUs: T0 + i * 1000 };
    const found = await examine(frames, 'tcp port 443');
    assert.deepEqual(found.get('filter-vlan')!.evidence, { tagged: 132, accepted: 0, lost: 132 });
    const mended = /^filter: "(.*)"$/.exec(found.get('filter-vlan')!.mend!)![1]!;
    assert.deepEqual(codes(await examine(frames, mended)), []);
    // What the operator does not want is not missed.
    assert.deepEqual(codes(await examine(frames, 'udp port 53')), []);
  });

  test('two tags need two words in the filter, and the advice has them', async () => {
    const frames = talk({ vlans: [100, 7], connections: 2 });
    const mend = (await examine(frames, 'host 192.0.2.1')).get('filter-vlan')!.mend!;
    assert.match(mend, /vlan and vlan and \(host 192\.0\.2\.1\)/);
    const mended = /^filter: "(.*)"$/.exec(mend)![1]!;
    assert.equal((await examine(frames, mended)).has('filter-vlan'), false);
  });

  test('frames cut short are a note, and a warning when DNS is among them', async () => {
    const short = (keep: number) => (f: Frame) =>
      f.bytes.length > keep ? { timeUs: f.timeUs, bytes: f.bytes.subarray(0, keep), wireLen: f.bytes.length } : f;
    const flows = (await examine(talk({ change: short(96) }))).get('truncated')!;
    assert.equal(flows.severity, 'note');
    assert.deepEqual(flows.evidence, { frames: 880, cut: 800, cutDns: 0, keptBytes: 96, longestBytes: 554 });
    const query = ethernet(
      {},
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, udp({ sport: 999, dport: 53 }, new Uint8Array(80))),
    );
    const dns = (await examine([...talk(), short(96)({ timeUs: T0 + 5e6, bytes: query })])).get('truncated')!;
    assert.equal(dns.severity, 'warning');
    assert.equal(dns.evidence.cutDns, 1);
  });

  test('segments above the agreed size were glued together; large segments of an agreed size were not', async () => {
    const glued = await examine(talk({ payload: 5000 }));
    assert.deepEqual(codes(glued), ['super-packets']);
    assert.match(glued.get('super-packets')!.mend!, /gro off/);
    assert.equal(glued.get('super-packets')!.evidence.mss, 1460);
    assert.deepEqual(codes(await examine(talk({ payload: 1460 }))), []);
  });

  test('sums left to the card are told from damaged ones', async () => {
    /** Writes what a host leaves: the sum over the pseudo-header alone. */
    const offloaded = (f: Frame, { up }: { up: boolean }) => {
      if (!up) return f;
      const bytes = Uint8Array.from(f.bytes);
      const view = new DataView(bytes.buffer);
      let sum = 6 + bytes.length - 34;
      for (let at = 26; at < 34; at += 2) sum += view.getUint16(at);
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      view.setUint16(34 + 16, sum);
      return { ...f, bytes };
    };
    const left = await examine(talk({ change: offloaded }));
    assert.deepEqual(codes(left), ['checksum-offload']);
    assert.equal(left.get('checksum-offload')!.evidence.leftToTheCard, 460);

    const flip = (f: Frame, { data, n }: { data: boolean; n: number }) => {
      if (!data || n % 10 !== 0) return f;
      const bytes = Uint8Array.from(f.bytes);
      bytes[bytes.length - 1]! ^= 0x10;
      return { ...f, bytes };
    };
    const damaged = await examine(talk({ change: flip }));
    assert.deepEqual(codes(damaged), ['checksums-wrong']);
    assert.equal(damaged.get('checksums-wrong')!.severity, 'warning');
  });

  test('a clock that is set back, was never set, or runs ahead is told; a silence is not', async () => {
    const from = (n: number, byUs: number) => talk().map((f, i) => (i < n ? f : { ...f, timeUs: f.timeUs + byUs }));
    const back = (await examine(from(400, -30e6))).get('clock-step')!;
    assert.equal(back.evidence.stepsBack, 1);
    assert.match(back.text, /once, by up to 30 s/);
    assert.deepEqual(codes(await examine(from(400, 600e6))), []);
    assert.deepEqual(codes(await examine(from(0, 10 * 86_400e6))), ['clock-wrong']);
    const unset = talk().map((f) => ({ ...f, timeUs: f.timeUs - T0 }));
    assert.deepEqual(codes(await examine(unset)), ['clock-wrong']);
  });

  test('random bytes and flipped bits give neither an exception nor a finding without numbers', async () => {
    const random = seeded(11);
    let looked = 0;
    for (let round = 0; round < 20; round++) {
      const frames = talk({ connections: 4 }).map((f) => {
        const bytes = Uint8Array.from(f.bytes.subarray(0, Math.floor(random() * (f.bytes.length + 1))));
        for (let i = 0; i < 3 && bytes.length > 0; i++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
        return { timeUs: f.timeUs, bytes, wireLen: f.bytes.length };
      });
      for (const f of (await examine(frames, 'tcp')).values()) {
        for (const n of Object.values(f.evidence)) if (typeof n === 'number') assert.ok(Number.isFinite(n), f.code);
        looked++;
      }
    }
    assert.ok(looked > 0);
  });
});

describe('the command', () => {
  test('a healthy capture ends with one line; --strict tells a sick one by exit code 2', async () => {
    const well = await tapspot(['doctor', '-r', capture(talk()), '--strict']);
    assert.equal(well.code, 0, well.stderr);
    assert.match(well.stdout, /^No trouble on \S+: 880 frames, [^\n]*looked at both directions[^\n]*\n$/);
    const sick = capture(talk({ change: (f, { up }) => (up ? f : null) }));
    assert.equal((await tapspot(['doctor', '-r', sick])).code, 0);
    const strict = await tapspot(['doctor', '-r', sick, '--strict']);
    assert.equal(strict.code, 2);
    assert.match(
      strict.stdout,
      /^warning {2}one-way {2}Only one direction[^\n]*\n +seen: connections 20, oneWay 20\n +mend: /,
    );
  });

  test('--json is one finding a line and a summary for each capture', async () => {
    const sick = capture(talk({ payload: 5000 }));
    const ran = await tapspot(['doctor', '--json', '-r', sick, '-r', capture(talk())]);
    const lines = ndjson(ran.stdout);
    assert.deepEqual(
      lines.map((l) => [l.type, l.code ?? l.findings]),
      [
        ['finding', 'super-packets'],
        ['summary', 1],
        ['summary', 0],
      ],
    );
    for (const key of ['severity', 'where', 'text', 'evidence', 'mend']) assert.ok(key in lines[0]!, key);
  });

  for (const [what, args, code, words] of [
    ['nothing to examine', [], 64, /-i INTERFACE, -r FILE or -c/],
    ['both kinds', ['-r', 'x', '-i', 'lo'], 64, /not both/],
    ['a time that is none', ['-r', 'x', '--seconds', '-3'], 64, /--seconds/],
    ['a file that is not there', ['-r', '/nonexistent.pcap'], 66, /nonexistent/],
  ] as const) {
    test(`${what}: exit ${code} and a sentence`, async () => {
      const ran = await tapspot(['doctor', ...args]);
      assert.equal(ran.code, code, ran.stderr);
      assert.match(ran.stderr, words);
      assert.doesNotMatch(ran.stderr, /\n\s+at /);
    });
  }

  test('a configuration brings its captures, its filter and its spool along', async () => {
    const path = join(folder, 'sensor.yaml');
    const file = capture(talk({ vlans: [5] }));
    writeFileSync(
      path,
      `sensor: edge-1\ncaptures: ['${file}']\nfilter: tcp port 443\nspool: { directory: ${folder}/spool, limit: 900TiB }\nuplink: { broker: 'mqtt://127.0.0.1:9' }\n`,
    );
    const ran = await tapspot(['doctor', '-c', path, '--json', '--strict']);
    assert.equal(ran.code, 2, ran.stderr);
    assert.deepEqual(
      ndjson(ran.stdout).map((l) => l.code ?? l.type),
      ['spool', 'filter-vlan', 'summary'],
    );
  });
});

describe('a live interface', { skip: cannotCapture() }, () => {
  const ns = `bench-doctor-${process.pid}`;
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });

  test('a veth: findings of the tap itself, then down, and without permission', async () => {
    ip('netns', 'add', ns);
    try {
      ip('-n', ns, 'link', 'add', 'doc0', 'type', 'veth', 'peer', 'name', 'doc1');
      ip('-n', ns, 'link', 'set', 'doc0', 'up');
      const inside = (...args: string[]) =>
        ended(spawn('ip', ['netns', 'exec', ns, process.execPath, MAIN, 'doctor', '--json', ...args]), 60_000);
      const dark = await inside('-i', 'doc0', '--seconds', '0.3');
      assert.equal(dark.code, 1);
      assert.equal(ndjson(dark.stdout)[0]!.code, 'no-carrier');

      ip('-n', ns, 'link', 'set', 'doc1', 'up');
      // A stream with two tags of which only one half comes. The kernel takes the outer tag off, the inner one stays.
      const replay = capture(talk({ vlans: [100, 7], connections: 30, change: (f, { up }) => (up ? f : null) }));
      const filters = ['tcp port 443', '(tcp port 443) or (vlan and vlan and (tcp port 443))'];
      const listening = [[], ...filters.map((f) => ['-f', f])].map((more) =>
        inside('-i', 'doc1', '--seconds', '3', ...more),
      );
      // Each handle asks for promiscuous mode, and each filter takes two.
      for (let tries = 0; !/promiscuity 5/.test(String(ip('-n', ns, '-d', 'link', 'show', 'doc1'))); tries++) {
        assert.ok(tries < 200, 'the taps did not open');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      const sent = spawnSync('ip', ['netns', 'exec', ns, 'tcpreplay', '-q', '--topspeed', '-i', 'doc0', replay]);
      assert.equal(sent.status, 0, String(sent.stderr));
      const [plain, refusing, mended] = (await Promise.all(listening)).map((ran) => {
        assert.equal(ran.code, 0, ran.stderr);
        return ndjson(ran.stdout);
      });
      const codesOf = (lines: Record<string, unknown>[] | undefined) => lines!.map((l) => l.code ?? l.type);
      assert.ok(codesOf(plain).includes('one-way'), JSON.stringify(plain));
      assert.ok((plain!.at(-1)!.frames as number) >= 30 * 23, JSON.stringify(plain));
      // Promiscuous mode was in force while the sample ran: its refusal is not among the findings.
      assert.equal(codesOf(plain).includes('not-promiscuous'), false);
      const lost = refusing!.find((l) => l.code === 'filter-vlan')!;
      assert.deepEqual(lost.evidence, { tagged: 690, accepted: 0, lost: 690 });
      assert.equal(lost.mend, `filter: "${filters[1]}"`);
      assert.equal(refusing!.at(-1)!.frames, 0);
      // What is advised works in the kernel too.
      assert.equal(mended!.at(-1)!.frames, 690);
      assert.equal(codesOf(mended).includes('filter-vlan'), false);

      ip('-n', ns, 'link', 'set', 'doc1', 'down');
      const down = await inside('-i', 'doc1', '--seconds', '0.3');
      assert.equal(down.code, 66);
      assert.equal(ndjson(down.stdout)[0]!.mend, 'ip link set doc1 up');
    } finally {
      ip('netns', 'del', ns);
    }
    const nobody = spawn('setpriv', [
      '--reuid',
      '65534',
      '--clear-groups',
      process.execPath,
      MAIN,
      'doctor',
      '-i',
      'lo',
    ]);
    const refused = await ended(nobody, 60_000);
    assert.equal(refused.code, 77, refused.stderr);
    assert.match(refused.stdout, /CAP_NET_RAW/);
  });
});

/** Live capture needs root, namespaces and a sender; without them this says so and is skipped. */
function cannotCapture(): string | false {
  if (process.getuid?.() !== 0) return 'live capture needs root';
  if (addonIfAny()?.libpcapVersion() == null) return 'there is no addon, or no libpcap';
  if (spawnSync('tcpreplay', ['-V']).error !== undefined) return 'tcpreplay is not installed';
  const name = `bench-try-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'network namespaces cannot be made here';
  spawnSync('ip', ['netns', 'del', name]);
  return false;
}
