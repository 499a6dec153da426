import type { EntityView, SensorsView, ShortlistView } from '../../../src/central/api/types.js';
import { coverage, DAY, entity, ranked, shortlist } from './fixtures.js';
import { sensor } from './fleet.js';

/**
 * What an attacker may put into a name. Each one that runs sets window.pwned or opens a dialogue; each one that hides
 * or turns its surroundings around is caught by what is drawn.
 */
export const PAYLOADS: readonly string[] = [
  '<script>window.pwned=1;alert(1)</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg/onload=window.pwned=1>',
  'javascript:window.pwned=1',
  "' onmouseover='window.pwned=1",
  '</title><script>window.pwned=1</script>',
  '{{constructor.constructor("window.pwned=1")()}}',
  'innocent\u202egnp.exe',
  'a\u0000b\u0007c\u001b[31mred\r\n\tend',
  'zero\u200bwidth\ufeff.example',
  'p\u0430ypal.com',
  `z${'\u0334\u0315\u0341'.repeat(40)}algo`,
  '\ud800lone',
  `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(59)}`,
  '\u05e9\u05dc\u05d5\u05dd.\u0645\u062b\u0627\u0644',
  '../../api/train?x=1#y',
  '%00%2e%2e%2f',
  '__proto__',
  'constructor',
  '',
  '   ',
];

export function hostileShortlist(): ShortlistView {
  const lines = PAYLOADS.map((p, i) => ({
    kind: i % 3 === 0 ? p : 'dns.tunnel',
    src: i % 4 === 0 ? p : `10.6.6.${i}`,
    dst: i % 5 === 0 ? p : '10.0.0.53',
    dstPort: 53,
    proto: i % 6 === 0 ? p : 'udp',
    domain: p,
    firstSeen: i === 5 ? Number.MAX_SAFE_INTEGER : Date.parse(`${DAY}T01:00:00Z`),
    lastSeen: i === 6 ? -1e18 : Date.parse(`${DAY}T02:00:00Z`),
    sensors: [p, 'hq/edge-1'],
    reasons: [
      { name: p, points: 30 - i, text: `${p} was asked for ${p}` },
      { name: 'huge', points: i === 2 ? 1e12 : -3, text: p.repeat(20) },
    ],
  }));
  return {
    ...shortlist(0),
    day: DAY,
    lines: ranked(lines),
    total: 1e9,
    coverage: [{ ...coverage[0]!, site: PAYLOADS[0]!, sensor: PAYLOADS[7]! }, ...coverage],
  };
}

export function hostileEntity(host: string): EntityView {
  const calm = entity(host, 40);
  const row = calm.domains[0]!;
  return {
    ...calm,
    findings: hostileShortlist().lines,
    peers: [
      ...PAYLOADS.map((p, i) => ({ ...calm.peers[i]!, peer: p, proto: p, port: 1e9, flows: 1e300 })),
      ...calm.peers,
    ],
    domains: PAYLOADS.map((p) => ({
      ...row,
      domain: p,
      types: [p, 'A'],
      examples: [p, p.repeat(8)],
      failures: 1e12,
      queries: 0,
    })),
    activity: { ...calm.activity, flows: calm.activity.flows.map((n, i) => (i === 9 ? 1e300 : n)), dns: [] },
  };
}

export function hostileSensors(): SensorsView {
  return {
    sensors: PAYLOADS.slice(0, 8).map((p, i) =>
      sensor({
        site: p,
        sensor: `s${i}`,
        version: p,
        health: [p, p.repeat(30), p],
        ledger: { [p]: 1, [`capture.${p}`]: -5, 'decode.ok': 1e15, __proto__: 3 },
      }),
    ),
    refused: { batches: 9, byReason: Object.fromEntries(PAYLOADS.map((p, i) => [p, i])) },
  };
}
