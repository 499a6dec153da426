import { bytesText, spanText } from '../../base/units.js';
import { count, type Finding, percent } from './finding.js';
import type { Sample } from './sample.js';
import type { Tagged } from './tagged.js';

/** Fewer connections with one half missing are not worth a word. */
const CONNECTIONS_MIN = 5;
const ONE_WAY = 0.5;
const PARTLY_ONE_WAY = 0.1;
/** Acknowledgements of bytes that were never seen: this many, and this share. */
const UNSEEN_MIN = 10;
const UNSEEN_SHARE = 0.005;
const COPIES_MIN = 20;
const COPIES_SHARE = 0.05;
const CHECKSUMS_MIN = 20;
const PARTIAL_SHARE = 0.05;
const DAMAGED_SHARE = 0.01;
const CUT_SHARE = 0.001;
/** Jumbo frames end here (9,216 bytes of content): what is longer was put together by this host's card or kernel. */
const JUMBO_BYTES = 9216 + 22;

/** How the frames were taken, for the words of what mends it. */
export interface Taking {
  where: string;
  live: boolean;
  /** The filter in force, null when there is none. */
  filter: string | null;
  nowUs: number;
}

/** What the frames themselves tell, of a tap or a file. Pure: the same sample gives the same findings. */
export function trafficFindings(s: Sample, tagged: Tagged | null, taking: Taking): Finding[] {
  const found = [
    oneWay(s, taking),
    unseenSegments(s, taking),
    duplicates(s, taking),
    taggedFrames(tagged, taking),
    truncated(s, taking),
    glued(s, taking),
    checksums(s, taking),
    steps(s, taking),
    stamps(s, taking),
  ];
  return found.filter((f) => f !== null);
}

function oneWay(s: Sample, { where }: Taking): Finding | null {
  const { both, oneWay } = s.conversations.judged();
  const all = both + oneWay;
  if (oneWay < CONNECTIONS_MIN || oneWay < PARTLY_ONE_WAY * all) return null;
  const most = oneWay >= ONE_WAY * all;
  return {
    severity: 'warning',
    code: 'one-way',
    where,
    text: most
      ? `Only one direction is seen of ${percent(oneWay, all)} of the established TCP connections: the mirror or tap feeds one half of the link.`
      : `The other direction is missing of ${percent(oneWay, all)} of the established TCP connections: part of the traffic takes another path.`,
    evidence: { connections: all, oneWay },
    mend: most
      ? 'On the switch, mirror both directions (Cisco: "monitor session 1 source interface X both"); on a tap, connect both monitor ports and listen on both.'
      : 'Mirror the other path as well (the other uplink, the other member of the bundle), or expect flows without answers.',
  };
}

function unseenSegments(s: Sample, { where, live }: Taking): Finding | null {
  const { acks, acksOfUnseen, unseenBytes } = s.conversations;
  if (acksOfUnseen < UNSEEN_MIN || acksOfUnseen < UNSEEN_SHARE * acks) return null;
  return {
    severity: 'warning',
    code: 'lost-before-tap',
    where,
    text: `${count(acksOfUnseen)} acknowledgements (${percent(acksOfUnseen, acks)}) confirm data that never came past: packets are lost on the way to this ${live ? 'interface' : 'capture'}, or while capturing.`,
    evidence: { acknowledgements: acks, ofUnseenData: acksOfUnseen, unseenBytes },
    mend: 'Where no drops are reported here, the mirror port is overrun: mirror fewer ports or one faster, or use a tap ("show interface" on the switch counts its output drops).',
  };
}

function duplicates(s: Sample, { where, live }: Taking): Finding | null {
  const { copies, copiesRouted, compared, gapUs } = s.duplicates;
  if (copies < COPIES_MIN || copies < COPIES_SHARE * compared) return null;
  const routed = copiesRouted > copies / 2;
  return {
    severity: 'warning',
    code: 'duplicates',
    where,
    text: `${percent(copies, compared)} of the packets come twice, ${spanText(gapUs / copies / 1e6) === '0 ms' ? 'within a millisecond' : `${(gapUs / copies / 1000).toFixed(1)} ms apart`}: ${routed ? 'the network is mirrored before and after a router' : 'two mirrors see the same link'}.`,
    evidence: { compared, copies, copiesRouted, meanGapUs: Math.round(gapUs / copies) },
    mend: live
      ? 'Mirror each port in one direction only (Cisco: "source interface X rx"), or leave out the SPAN session or the tap that sees the same link.'
      : 'Leave out one of the two feeds; for this file, "editcap -w 0.01 IN OUT" takes the copies out.',
  };
}

function taggedFrames(tagged: Tagged | null, { where, filter }: Taking): Finding | null {
  if (tagged === null || tagged.lost === 0) return null;
  const layer = `${'vlan and '.repeat(Math.max(1, tagged.depth))}(${filter})`;
  return {
    severity: 'warning',
    code: 'filter-vlan',
    where,
    text: `The filter refuses ${count(tagged.lost)} of ${count(tagged.tried)} VLAN-tagged frames only because they are tagged: it does not look behind the tag.`,
    evidence: { tagged: tagged.tried, accepted: tagged.matched, lost: tagged.lost },
    mend: `filter: "(${filter}) or (${layer})"`,
  };
}

function truncated(s: Sample, { where, live }: Taking): Finding | null {
  if (s.cut === 0 || (s.cut < CUT_SHARE * s.frames && s.cutDns === 0)) return null;
  const dns = s.cutDns > 0 ? `, ${count(s.cutDns)} DNS messages among them` : '';
  return {
    severity: s.cutDns > 0 ? 'warning' : 'note',
    code: 'truncated',
    where,
    text: `${percent(s.cut, s.frames)} of the frames were cut short after ${s.cutKeptBytes} bytes at most${dns}: flows are complete, ${s.cutDns > 0 ? 'DNS is not' : 'what lies behind is not seen'}.`,
    evidence: {
      frames: s.frames,
      cut: s.cut,
      cutDns: s.cutDns,
      keptBytes: s.cutKeptBytes,
      longestBytes: s.longestBytes,
    },
    mend: live ? 'snaplen: 65535' : 'Capture with "tcpdump -s 0", or "dumpcap -s 0".',
  };
}

function glued(s: Sample, { where, live }: Taking): Finding | null {
  const { glued, mss, longest, withData } = s.segments;
  // Live, the interface's MTU tells more (host-side findings); a file has only itself.
  if (live || (glued < 3 && s.longestBytes <= JUMBO_BYTES)) return null;
  return {
    severity: 'warning',
    code: 'super-packets',
    where,
    text: `${glued > 0 ? `${count(glued)} TCP segments carry more than the largest segment agreed (${mss} bytes)` : `Frames of up to ${bytesText(s.longestBytes)} were captured`}: an offload glued packets together before the capture, so packet counts and sizes are not the network's.`,
    evidence: { segments: withData, glued, mss, longestSegmentBytes: longest, longestFrameBytes: s.longestBytes },
    mend: 'On the machine that captured: ethtool -K IF gro off lro off (and tso off gso off where its own traffic was captured).',
  };
}

function checksums(s: Sample, { where, live }: Taking): Finding | null {
  const bad = s.badChecksums;
  const damaged = bad - s.partialChecksums;
  const evidence = { verified: s.checksums, wrong: bad, leftToTheCard: s.partialChecksums };
  if (s.partialChecksums >= CHECKSUMS_MIN && s.partialChecksums >= PARTIAL_SHARE * s.checksums) {
    return {
      severity: 'note',
      code: 'checksum-offload',
      where,
      text: `${percent(s.partialChecksums, s.checksums)} of the checksums are not computed yet: they were captured on the machine that sent them, which leaves them to its card. Tapspot takes the packets all the same; other tools may not.`,
      evidence,
      mend: `ethtool -K ${live ? where : 'IF'} tx off`,
    };
  }
  if (damaged >= CHECKSUMS_MIN && damaged >= DAMAGED_SHARE * s.checksums) {
    return {
      severity: 'warning',
      code: 'checksums-wrong',
      where,
      text: `${percent(damaged, s.checksums)} of the checksums are wrong, and not as an offload leaves them: packets are damaged, or rewritten on their way to the tap.`,
      evidence,
      mend: `${live ? `ethtool -S ${where}` : 'ethtool -S IF'} shows whether the link damages frames; change cable or optics, or look for what rewrites addresses or cuts frames before the mirror.`,
    };
  }
  return null;
}

function steps(s: Sample, { where, live }: Taking): Finding | null {
  if (s.stepsBack === 0) return null;
  return {
    severity: 'warning',
    code: 'clock-step',
    where,
    text: `The frames' time goes back ${s.stepsBack === 1 ? 'once' : `${count(s.stepsBack)} times`}, by up to ${spanText(s.stepBackUs / 1e6)}: ${live ? 'this machine’s clock was set' : 'the clock was set while capturing, or files were joined out of order'}, and durations over it are wrong.`,
    evidence: { stepsBack: s.stepsBack, mostSeconds: s.stepBackUs / 1e6 },
    mend: live
      ? 'Let chrony or systemd-timesyncd slew the clock instead of setting it (chrony: "makestep 1 3").'
      : 'reordercap IN OUT',
  };
}

function stamps(s: Sample, { where, live, nowUs }: Taking): Finding | null {
  const ahead = s.lastUs - nowUs;
  if (s.unstamped === 0 && !(ahead > 86_400e6)) return null;
  return {
    severity: 'warning',
    code: 'clock-wrong',
    where,
    text:
      s.unstamped > 0
        ? `${count(s.unstamped)} frames are stamped before the year 2000: the clock that stamped them was not set.`
        : `Frames are stamped ${spanText(ahead / 1e6)} ahead of this machine's clock: one of the two is wrong.`,
    evidence: { unstamped: s.unstamped, aheadSeconds: Math.max(0, Math.round(ahead / 1e6)) },
    mend: live ? 'timedatectl set-ntp true' : 'editcap -t SECONDS IN OUT shifts the times of a file.',
  };
}
