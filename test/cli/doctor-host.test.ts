import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type HostFiles, readCounters, readInterface } from '../../src/sensor/doctor/host.js';
import { machineFindings, ringNeeded, type TapFacts } from '../../src/sensor/doctor/machine.js';
import { Sample } from '../../src/sensor/doctor/sample.js';
import { batchOf, type Frame } from '../support/frames.js';
import { T0, talk } from '../support/talk.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-doctor-host-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('what the machine tells', () => {
  /** A folder that looks like the parts of /sys and /proc that are read. */
  function host(files: Record<string, string>, ethtool: Record<string, string> | null = null): HostFiles {
    const root = mkdtempSync(join(folder, 'host-'));
    const sys = 'sys/class/net/eth9';
    const usual = { [`${sys}/flags`]: '0x1103', [`${sys}/carrier`]: '1', [`${sys}/mtu`]: '1500' };
    for (const [path, text] of Object.entries({ ...usual, ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${text}\n`);
    }
    return { root, ethtool: (args) => ethtool?.[args[0]!] ?? null };
  }
  const ALL_OFF = { '-k': 'generic-receive-offload: off\nlarge-receive-offload: off [fixed]\nrx-vlan-offload: on\n' };

  function sampleOf(frames: readonly Frame[]): Sample {
    const sample = new Sample();
    sample.observe(batchOf(frames));
    return sample;
  }

  function found(before: HostFiles, rest: Partial<TapFacts> = {}, sample = sampleOf(talk()), later = before): string[] {
    const facts: TapFacts = {
      facts: readInterface('eth9', before),
      before: readCounters('eth9', before),
      after: readCounters('eth9', later),
      seconds: 10,
      bufferBytes: 64 << 20,
      shards: 1,
      promiscuous: true,
      droppedRing: 0,
      droppedInterface: 0,
      clockStepUs: 0,
      cores: 4,
      ...rest,
    };
    return machineFindings(sample, facts).map((f) => {
      assert.notEqual(f.text, '');
      assert.ok(Object.keys(f.evidence).length > 0, `${f.code} has evidence`);
      return `${f.severity} ${f.code}${f.mend === null ? '' : `: ${f.mend}`}`;
    });
  }

  test('a healthy interface gives no finding', () => {
    assert.deepEqual(found(host({}, ALL_OFF)), []);
  });

  test('down, without carrier, not promiscuous', () => {
    assert.deepEqual(found(host({ 'sys/class/net/eth9/flags': '0x1102' }, ALL_OFF)), [
      'fault down: ip link set eth9 up',
    ]);
    assert.match(found(host({ 'sys/class/net/eth9/carrier': '0' }, ALL_OFF))[0]!, /^fault no-carrier/);
    const plain = host({ 'sys/class/net/eth9/flags': '0x1003' }, ALL_OFF);
    assert.match(found(plain)[0]!, /^warning not-promiscuous: ip link set eth9 promisc on/);
    assert.deepEqual(found(plain, { promiscuous: false }), []);
  });

  test('a ring that overflowed, and one that would not last, come with the size that does', () => {
    assert.match(
      found(host({}, ALL_OFF), { droppedRing: 7 })[0]!,
      /^warning ring-drops: buffer: 128MiB, or more shards/,
    );
    const burst = sampleOf(talk({ connections: 60, payload: 1400 }).map((f, i) => ({ ...f, timeUs: T0 + i * 10 })));
    // 2,640 frames within 30 ms: (1,454 + 96) bytes each, ten times a second, for half a second.
    const needed = ringNeeded(burst);
    assert.equal(needed, 32 << 20);
    assert.deepEqual(found(host({}, ALL_OFF), { bufferBytes: 32 << 20 }, burst), []);
    assert.match(found(host({}, ALL_OFF), { bufferBytes: 8 << 20 }, burst)[0]!, /^warning ring-small: buffer: 32MiB/);
    assert.match(found(host({}, ALL_OFF), { bufferBytes: 16 << 20 }, burst)[0]!, /^note ring-small/);
  });

  test('cap cannot tell what was dropped, and that is told', () => {
    assert.deepEqual(found(host({}, ALL_OFF), { droppedRing: Number.NaN, droppedInterface: Number.NaN }), [
      'note drops-unknown: npm run build:native',
    ]);
  });

  test('counters that grew during the sample are warnings; old ones are a note when they hurt', () => {
    const at = 'sys/class/net/eth9/statistics';
    const stats = (missed: number, crc: number) => ({
      [`${at}/rx_missed_errors`]: `${missed}`,
      [`${at}/rx_crc_errors`]: `${crc}`,
      [`${at}/rx_packets`]: '1000000',
    });
    const ring = 'Ring parameters for eth9:\nPre-set maximums:\nRX:\t\t4096\nCurrent hardware settings:\nRX:\t\t256\n';
    const before = host(stats(3, 5), { ...ALL_OFF, '-g': ring });
    const missed = found(before, {}, undefined, host(stats(903, 5)));
    assert.deepEqual(missed, ['warning rx-missed-errors: ethtool -G eth9 rx 4096']);
    assert.deepEqual(found(before), [], 'five damaged frames in a million are nothing');
    assert.match(found(host(stats(0, 50_000), ALL_OFF))[0]!, /^note rx-crc-errors/);
    const softnet = (dropped: string) => ({ 'proc/net/softnet_stat': `00001000 ${dropped} 00000002 00000000` });
    const backlog = found(host(softnet('00000010'), ALL_OFF), {}, undefined, host(softnet('0000001a')));
    assert.match(backlog[0]!, /^warning backlog-drops: sysctl -w net\.core\.netdev_max_backlog/);
  });

  test('offloads: merged frames are evidence, a setting on a card is a warning, and not knowing is said', () => {
    const on = { '-k': 'generic-receive-offload: on\nlarge-receive-offload: on\ntcp-segmentation-offload: on\n' };
    const card = { 'sys/class/net/eth9/device/vendor': '0x8086' };
    assert.deepEqual(found(host(card, on)), ['warning offload: ethtool -K eth9 gro off lro off']);
    assert.deepEqual(found(host({}, on)), [], 'a virtual interface whose frames are all short');
    const glued = sampleOf(talk({ payload: 9000 }));
    assert.deepEqual(found(host({}, on), {}, glued), [
      'warning offload: ethtool -K eth9 gro off lro off tso off gso off',
    ]);
    assert.deepEqual(found(host({})), ['note offload-unknown: apt-get install ethtool']);
    const lo = host({ 'sys/class/net/eth9/flags': '0x9', 'sys/class/net/eth9/mtu': '65536' }, on);
    assert.deepEqual(found(lo, {}, glued), []);
  });

  test('one core that takes all interrupts of the interface is told, unless packets are steered', () => {
    const table = (a: number, b: number) => ({
      'proc/interrupts': `           CPU0       CPU1\n 24:  ${a}  ${b}  PCI-MSI 1-edge  eth9-rx-0\n 25: 9 900000 PCI-MSI 2-edge eth90-rx-0`,
    });
    const queues = { 'sys/class/net/eth9/queues/rx-0/rps_cpus': '00' };
    const before = host({ ...table(100, 100), ...queues }, ALL_OFF);
    const after = host(table(100, 90_100));
    assert.match(found(before, {}, undefined, after)[0]!, /^note one-core: ethtool -L eth9 combined 4/);
    const rate = { seconds: 0.005 };
    assert.match(found(before, rate, undefined, after)[0]!, /^warning one-core/);
    assert.deepEqual(found(before, {}, undefined, host(table(45_000, 45_000))), []);
    const steered = host({ ...table(100, 100), 'sys/class/net/eth9/queues/rx-0/rps_cpus': '0f' }, ALL_OFF);
    assert.deepEqual(found(steered, {}, undefined, after), []);
  });

  test('a clock that was set during the sample, and a quiet interface', () => {
    assert.match(found(host({}, ALL_OFF), { clockStepUs: -2e6 })[0]!, /^warning clock-step/);
    assert.deepEqual(found(host({}, ALL_OFF), { clockStepUs: 20_000 }), []);
    assert.match(found(host({}, ALL_OFF), {}, new Sample())[0]!, /^warning quiet/);
  });
});
