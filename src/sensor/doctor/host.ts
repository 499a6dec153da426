import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux keeps what it knows, and how `ethtool` is asked: both another's in a test. */
export interface HostFiles {
  /** The folder that holds sys/ and proc/. */
  root: string;
  /** What `ethtool ARGS` prints; null when it is not installed or refuses. */
  ethtool: (args: readonly string[]) => string | null;
}

export const THIS_HOST: HostFiles = {
  root: '/',
  ethtool(args) {
    // Only from where the system keeps it, and in the language that is parsed here.
    const env = { LC_ALL: 'C', PATH: '/usr/sbin:/sbin:/usr/bin:/bin' };
    const ran = spawnSync('ethtool', args, { encoding: 'utf8', timeout: 5000, env });
    return ran.status === 0 ? ran.stdout : null;
  },
};

/** What stays while a sample is taken. Null: this machine does not say. */
export interface InterfaceFacts {
  device: string;
  up: boolean | null;
  carrier: boolean | null;
  promiscuous: boolean | null;
  loopback: boolean;
  /** It has a card and a driver behind it; false for veth, bridges and the like. */
  physical: boolean;
  mtu: number | null;
  mac: Uint8Array | null;
  rxQueues: number;
  /** Some queue is spread over cores by receive packet steering. */
  steered: boolean;
  /** Offloads by the names of `ethtool -k`; null where ethtool is missing. */
  offloads: Map<string, boolean> | null;
  /** The card's receive ring, now and at most; null where there is none. */
  cardRing: { now: number; most: number } | null;
}

/** Running totals, to be read before and after a sample. */
export interface HostCounters {
  /** Of /sys/class/net/IF/statistics. */
  statistics: Record<string, number>;
  /** Of /proc/net/softnet_stat, all cores together: frames that found the backlog full, and turns cut short. */
  backlogDropped: number;
  timeSqueezed: number;
  /** Interrupts of the interface, by core; empty when they cannot be told apart. */
  interrupts: number[];
}

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_PROMISC = 0x100;

function text(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return null;
  }
}

function names(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function numberIn(path: string): number | null {
  const said = text(path);
  if (said === null || !/^(0x[0-9a-f]+|\d+)$/i.test(said)) return null;
  return Number(said);
}

export function readInterface(device: string, host: HostFiles): InterfaceFacts {
  const at = join(host.root, 'sys/class/net', device);
  const flags = numberIn(join(at, 'flags'));
  const carrier = numberIn(join(at, 'carrier'));
  const mac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.exec(text(join(at, 'address')) ?? '')?.[0];
  const queues = names(join(at, 'queues')).filter((name) => name.startsWith('rx-'));
  return {
    device,
    up: flags === null ? null : (flags & IFF_UP) !== 0,
    // A device that is down has no readable carrier.
    carrier: carrier === null ? null : carrier === 1,
    promiscuous: flags === null ? null : (flags & IFF_PROMISC) !== 0,
    loopback: flags !== null && (flags & IFF_LOOPBACK) !== 0,
    physical: names(join(at, 'device')).length > 0,
    mtu: numberIn(join(at, 'mtu')),
    mac: mac === undefined ? null : Uint8Array.from(mac.split(':'), (pair) => Number.parseInt(pair, 16)),
    rxQueues: queues.length,
    steered: queues.some((queue) => /[1-9a-f]/i.test(text(join(at, 'queues', queue, 'rps_cpus')) ?? '')),
    offloads: offloadsOf(host.ethtool(['-k', device])),
    cardRing: cardRingOf(host.ethtool(['-g', device])),
  };
}

/** `rx-checksumming: on`, `large-receive-offload: off [fixed]` … */
function offloadsOf(said: string | null): Map<string, boolean> | null {
  if (said === null) return null;
  const out = new Map<string, boolean>();
  for (const m of said.matchAll(/^\s*([a-z0-9-]+):\s+(on|off)\b/gm)) out.set(m[1]!, m[2] === 'on');
  return out;
}

/** Two blocks of `ethtool -g`, what is possible and what is set, each with a line `RX: 512`. */
function cardRingOf(said: string | null): { now: number; most: number } | null {
  const found = [...(said ?? '').matchAll(/^RX:\s+(\d+)$/gm)].map((m) => Number(m[1]));
  return found.length === 2 ? { most: found[0]!, now: found[1]! } : null;
}

export function readCounters(device: string, host: HostFiles): HostCounters {
  const at = join(host.root, 'sys/class/net', device);
  const statistics: Record<string, number> = {};
  for (const name of names(join(at, 'statistics'))) {
    const n = numberIn(join(at, 'statistics', name));
    if (n !== null) statistics[name] = n;
  }
  let backlogDropped = 0;
  let timeSqueezed = 0;
  for (const line of (text(join(host.root, 'proc/net/softnet_stat')) ?? '').split('\n')) {
    const fields = line.trim().split(/\s+/);
    backlogDropped += Number.parseInt(fields[1] ?? '0', 16) || 0;
    timeSqueezed += Number.parseInt(fields[2] ?? '0', 16) || 0;
  }
  return { statistics, backlogDropped, timeSqueezed, interrupts: interruptsOf(device, host) };
}

/** Lines of /proc/interrupts that are the card's own by number, or that carry the interface's name. */
function interruptsOf(device: string, host: HostFiles): number[] {
  // Of a virtio device the interrupts are its parent's, the PCI device; join() would fold the `..` away too early.
  const at = join(host.root, 'sys/class/net', device, 'device');
  const own = new Set([...names(`${at}/msi_irqs`), ...names(`${at}/../msi_irqs`)]);
  const lines = (text(join(host.root, 'proc/interrupts')) ?? '').split('\n');
  const cores = (lines[0] ?? '')
    .trim()
    .split(/\s+/)
    .filter((word) => word.startsWith('CPU')).length;
  const sums = new Array<number>(cores).fill(0);
  let found = false;
  for (const line of lines.slice(1)) {
    const words = line.trim().split(/\s+/);
    const irq = words[0]?.replace(/:$/, '') ?? '';
    const label = words.slice(1 + cores).join(' ');
    const isNamed = label.split(/[\s,@]+/).some((word) => word === device || word.startsWith(`${device}-`));
    if (!own.has(irq) && !isNamed) continue;
    found = true;
    for (let i = 0; i < cores; i++) sums[i]! += Number(words[1 + i]) || 0;
  }
  return found ? sums : [];
}
