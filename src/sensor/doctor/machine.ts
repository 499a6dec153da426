import { bytesText } from '../../base/units.js';
import { count, type Finding, percent } from './finding.js';
import type { HostCounters, InterfaceFacts } from './host.js';
import type { Sample } from './sample.js';

/** How long the ring should bridge when nobody takes frames out: a window is closing, or the machine is busy. */
const BRIDGE_SECONDS = 0.5;
/** Above this many frames a second, one core and one queue are worth a word. */
const BUSY_FRAMES = 100_000;
const INTERRUPTS_MIN = 1000;
const ON_ONE_CORE = 0.9;
/** Ethernet's header, two tags and the check sequence. */
const FRAME_BESIDES_MTU = 14 + 8 + 4;
const OWN_FRAMES_MIN = 100;

/** What is known of one live tap besides its frames. */
export interface TapFacts {
  facts: InterfaceFacts;
  before: HostCounters;
  after: HostCounters;
  /** Measured by the monotonic clock. */
  seconds: number;
  /** As configured, for each of `shards`. */
  bufferBytes: number;
  shards: number;
  promiscuous: boolean;
  /** Of the capture itself; NaN when it cannot know. */
  droppedRing: number;
  droppedInterface: number;
  /** How far the machine's clock moved against the monotonic one. */
  clockStepUs: number;
  cores: number;
}

/** What the machine's own books tell about one live tap. Pure. */
export function machineFindings(s: Sample, tap: TapFacts): Finding[] {
  const found = [
    link(tap),
    promiscuity(tap),
    ...drops(s, tap),
    ring(s, tap),
    ...receiveErrors(s, tap),
    offloads(s, tap),
    interrupts(s, tap),
    clockStep(tap),
    onlyOwn(s, tap),
    quiet(s, tap),
  ];
  return found.filter((f) => f !== null);
}

function link({ facts }: TapFacts): Finding | null {
  const { device, up, carrier } = facts;
  if (up === false)
    return {
      severity: 'fault',
      code: 'down',
      where: device,
      text: `${device} is down: nothing can arrive.`,
      evidence: { up: false },
      mend: `ip link set ${device} up`,
    };
  if (carrier !== false) return null;
  return {
    severity: 'fault',
    code: 'no-carrier',
    where: device,
    text: `${device} has no carrier: no signal on the cable, or the mirror port is off.`,
    evidence: { up: true, carrier: false },
    mend: 'Check cable, optics and the mirror port; on a passive tap, that light reaches the monitor port.',
  };
}

function promiscuity({ facts, promiscuous }: TapFacts): Finding | null {
  if (!promiscuous || facts.promiscuous !== false || facts.loopback) return null;
  return {
    severity: 'warning',
    code: 'not-promiscuous',
    where: facts.device,
    text: `${facts.device} was asked to take frames for other stations and is not doing so: only what is addressed to this machine is seen.`,
    evidence: { promiscuous: false },
    mend: `ip link set ${facts.device} promisc on (a virtual switch must allow it too: VMware "Promiscuous mode: Accept", libvirt "trustGuestRxFilters")`,
  };
}

function drops(s: Sample, tap: TapFacts): Finding[] {
  const out: Finding[] = [];
  const where = tap.facts.device;
  if (Number.isNaN(tap.droppedRing))
    out.push({
      severity: 'note',
      code: 'drops-unknown',
      where,
      text: 'Without the native addon frames come through the package cap, which cannot tell what was dropped.',
      evidence: { backend: 'cap' },
      mend: 'npm run build:native',
    });
  if (tap.droppedInterface > 0)
    out.push({
      severity: 'warning',
      code: 'interface-drops',
      where,
      text: `The interface or its driver dropped ${count(tap.droppedInterface)} frames during the sample.`,
      evidence: { dropped: tap.droppedInterface, frames: s.frames },
      mend: `ethtool -S ${where} names the counter; a larger card ring (ethtool -G ${where} rx N) or more queues help most often`,
    });
  const backlog = tap.after.backlogDropped - tap.before.backlogDropped;
  if (backlog > 0)
    out.push({
      severity: 'warning',
      code: 'backlog-drops',
      where: null,
      text: `The kernel dropped ${count(backlog)} frames between driver and protocols because a core's backlog was full.`,
      evidence: { dropped: backlog, timeSqueezed: tap.after.timeSqueezed - tap.before.timeSqueezed },
      mend: 'sysctl -w net.core.netdev_max_backlog=65536 net.core.netdev_budget=600',
    });
  return out;
}

/** Bytes of ring that bridge a pause at the busiest tenth of a second, rounded up to a power of two. */
export function ringNeeded(s: Sample): number {
  const perSecond = s.peakRingBytes * 10;
  return 2 ** Math.ceil(Math.log2(Math.max(1 << 20, perSecond * BRIDGE_SECONDS)));
}

function ring(s: Sample, tap: TapFacts): Finding | null {
  const dropped = Number.isNaN(tap.droppedRing) ? 0 : tap.droppedRing;
  const needed = Math.max(ringNeeded(s), dropped > 0 ? 2 * tap.bufferBytes : 0);
  if (dropped === 0 && needed <= tap.bufferBytes) return null;
  const sizes = `${bytesText(tap.bufferBytes)} for each shard`;
  return {
    severity: dropped > 0 || needed >= 4 * tap.bufferBytes ? 'warning' : 'note',
    code: dropped > 0 ? 'ring-drops' : 'ring-small',
    where: tap.facts.device,
    text:
      dropped > 0
        ? `The capture ring of ${sizes} overflowed: ${count(dropped)} frames (${percent(dropped, dropped + s.frames)}) were lost.`
        : `At its busiest, the capture ring of ${sizes} would last less than half a second.`,
    evidence: {
      dropped,
      frames: s.frames,
      peakFramesPerSecond: s.peakFrames * 10,
      peakRingBytesPerSecond: s.peakRingBytes * 10,
      bufferBytes: tap.bufferBytes,
      neededBytes: needed,
    },
    mend: `buffer: ${bytesText(Math.min(needed, 2 ** 30)).replace(' ', '')}${tap.shards < tap.cores ? `, or more shards (${tap.shards} now, ${tap.cores} cores)` : ''}, or a filter for what need not be seen`,
  };
}

/** Statistics of the interface: what each means, and what mends it. */
const ERRORS: readonly { name: string; what: string; mend: (t: TapFacts) => string }[] = [
  {
    name: 'rx_missed_errors',
    what: 'the card had no room for',
    mend: ({ facts: { device, cardRing } }) =>
      cardRing !== null && cardRing.now < cardRing.most
        ? `ethtool -G ${device} rx ${cardRing.most}`
        : `ethtool -L ${device} combined N, or spread the load over more interfaces`,
  },
  {
    name: 'rx_fifo_errors',
    what: 'overran the card’s buffer',
    mend: ({ facts }) => `ethtool -G ${facts.device} rx 4096`,
  },
  { name: 'rx_over_errors', what: 'overran the receiver', mend: ({ facts }) => `ethtool -G ${facts.device} rx 4096` },
  {
    name: 'rx_crc_errors',
    what: 'arrived damaged',
    mend: () => 'Change cable or optics, and check the duplex of both ends.',
  },
  {
    name: 'rx_length_errors',
    what: 'were of a length that the card refuses',
    mend: ({ facts }) => `ip link set ${facts.device} mtu 9216`,
  },
  {
    name: 'rx_dropped',
    what: 'were dropped by driver or kernel',
    mend: ({ facts }) => `ethtool -S ${facts.device}; nstat -az shows which layer`,
  },
];

function receiveErrors(s: Sample, tap: TapFacts): Finding[] {
  const { before, after, facts } = tap;
  const out: Finding[] = [];
  for (const { name, what, mend } of ERRORS) {
    const total = after.statistics[name] ?? 0;
    const now = total - (before.statistics[name] ?? 0);
    const packets = after.statistics.rx_packets ?? 0;
    // Since boot only a share that hurts is worth a word.
    const isOld = now === 0 && total > 100 && total > packets / 1000;
    if (now <= 0 && !isOld) continue;
    out.push({
      severity: isOld ? 'note' : 'warning',
      code: name.replaceAll('_', '-'),
      where: facts.device,
      text: isOld
        ? `${count(total)} frames ${what} since the interface came up, none of them during the sample.`
        : `${count(now)} frames ${what} during the sample.`,
      evidence: { [name]: now, sinceStart: total, frames: s.frames },
      mend: mend(tap),
    });
  }
  return out;
}

function offloads(s: Sample, { facts }: TapFacts): Finding | null {
  // libpcap's pseudo-devices, "any" among them, have no card and no settings.
  if (facts.loopback || facts.up === null) return null;
  const { device, mtu, offloads } = facts;
  const known = (name: string) => offloads?.get(name) === true;
  const merging = [
    ['gro', known('generic-receive-offload')],
    ['lro', known('large-receive-offload')],
    ['hw-gro', known('rx-gro-hw')],
  ].filter(([, on]) => on) as [string, boolean][];
  const isLong = mtu !== null && s.longestBytes > mtu + FRAME_BESIDES_MTU;
  const evidence: Finding['evidence'] = {
    longestFrameBytes: s.longestBytes,
    mtu: mtu ?? 'unknown',
    offloads: offloads === null ? 'unknown' : merging.map(([name]) => name).join(' ') || 'off',
    rxVlan: offloads === null ? 'unknown' : known('rx-vlan-offload') ? 'on; the tag is put back' : 'off',
  };
  if (isLong) {
    const sends = known('tcp-segmentation-offload') || known('generic-segmentation-offload') ? ' tso off gso off' : '';
    return {
      severity: 'warning',
      code: 'offload',
      where: device,
      text: `Frames of up to ${bytesText(s.longestBytes)} arrive on an interface with an MTU of ${mtu}: packets are glued together before the tap, so packet counts and sizes are not the network's.`,
      evidence,
      mend: `ethtool -K ${device} gro off lro off${sends}`,
    };
  }
  if (offloads === null)
    return {
      severity: 'note',
      code: 'offload-unknown',
      where: device,
      text: 'Whether the card glues packets together cannot be known: ethtool is not installed, or does not know the interface. No frame was longer than the MTU.',
      evidence,
      mend: 'apt-get install ethtool',
    };
  if (merging.length === 0 || !facts.physical) return null;
  return {
    severity: 'warning',
    code: 'offload',
    where: device,
    text: `${merging.map(([name]) => name.toUpperCase()).join(' and ')} may glue packets together before the tap sees them; none was longer than the MTU in this sample.`,
    evidence,
    mend: `ethtool -K ${device} ${merging.map(([name]) => `${name === 'hw-gro' ? 'rx-gro-hw' : name} off`).join(' ')}`,
  };
}

function interrupts(s: Sample, tap: TapFacts): Finding | null {
  const { facts, before, after, cores, seconds } = tap;
  const deltas = after.interrupts.map((n, i) => n - (before.interrupts[i] ?? 0));
  const all = deltas.reduce((sum, n) => sum + n, 0);
  const most = Math.max(0, ...deltas);
  if (cores < 2 || all < INTERRUPTS_MIN * seconds || most < ON_ONE_CORE * all || facts.steered) return null;
  const core = deltas.indexOf(most);
  const rate = s.frames / Math.max(seconds, 1e-3);
  return {
    severity: rate >= BUSY_FRAMES ? 'warning' : 'note',
    code: 'one-core',
    where: facts.device,
    text: `One core (${core}) takes ${percent(most, all)} of the interface's interrupts, over ${facts.rxQueues} receive ${facts.rxQueues === 1 ? 'queue' : 'queues'}.`,
    evidence: {
      interrupts: all,
      onBusiestCore: most,
      core,
      rxQueues: facts.rxQueues,
      framesPerSecond: Math.round(rate),
    },
    mend:
      facts.rxQueues > 1
        ? `systemctl enable --now irqbalance, or set /proc/irq/N/smp_affinity for each queue of ${facts.device}`
        : `ethtool -L ${facts.device} combined ${cores}, or where the card has one queue: echo ${((1 << Math.min(cores, 30)) - 1).toString(16)} > /sys/class/net/${facts.device}/queues/rx-0/rps_cpus`,
  };
}

function clockStep({ clockStepUs, seconds, facts }: TapFacts): Finding | null {
  if (Math.abs(clockStepUs) < 250_000) return null;
  return {
    severity: 'warning',
    code: 'clock-step',
    where: null,
    text: `This machine's clock was set by ${(clockStepUs / 1e6).toFixed(2)} s during the sample: flows over it get wrong durations.`,
    evidence: { stepSeconds: clockStepUs / 1e6, sampleSeconds: seconds, while: facts.device },
    mend: 'Let chrony or systemd-timesyncd slew the clock instead of setting it (chrony: "makestep 1 3").',
  };
}

function onlyOwn(s: Sample, { facts }: TapFacts): Finding | null {
  if (facts.loopback || s.foreign > 0 || s.own < OWN_FRAMES_MIN) return null;
  return {
    severity: 'note',
    code: 'own-traffic-only',
    where: facts.device,
    text: "Every frame for one station was this machine's own: nothing of other stations reaches the interface.",
    evidence: { own: s.own, others: 0 },
    mend: 'Where this should be a mirror port, configure the mirror session on the switch and check that it points here.',
  };
}

function quiet(s: Sample, { facts, seconds }: TapFacts): Finding | null {
  if (s.frames > 0 || facts.up === false || facts.carrier === false) return null;
  return {
    severity: facts.loopback ? 'note' : 'warning',
    code: 'quiet',
    where: facts.device,
    text: `No frame arrived in ${seconds.toFixed(0)} s, though the link is there.`,
    evidence: { frames: 0, seconds: Math.round(seconds) },
    mend: 'Check the mirror session on the switch, and the filter if there is one; then sample longer with --seconds 60.',
  };
}
