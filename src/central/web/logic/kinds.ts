/** Words for the machine names that findings carry, and how loud a score is. */
const KINDS: Readonly<Record<string, string>> = {
  beacon: 'Beacon',
  bruteforce: 'Password guessing',
  'bruteforce.spray': 'Password spraying',
  'dns.dga': 'Generated domain names',
  'dns.tunnel': 'DNS tunnel',
  'icmp.tunnel': 'ICMP tunnel',
  lateral: 'Lateral movement',
  long: 'Long connection',
  rare: 'Rare behaviour',
  'scan.horizontal': 'Address scan',
  'scan.vertical': 'Port scan',
  upload: 'Unusual upload',
};

/** What a finding is, in words; an unknown name is shown as words rather than hidden. */
export function kindWords(kind: string): string {
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known !== undefined) return known;
  const words = kind.split(/[._-]+/).filter((w) => w !== '');
  if (words.length === 0) return 'Unnamed finding';
  const text = words.join(' ').replace(/\b(dns|tls|tcp|udp|http|ssh|rdp|smb|icmp)\b/gi, (w) => w.toUpperCase());
  return text[0]!.toUpperCase() + text.slice(1);
}

export type Severity = 1 | 2 | 3 | 4;

/** Names of the levels, by number. */
export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = { 4: 'Critical', 3: 'High', 2: 'Medium', 1: 'Low' };
export const SEVERITIES: readonly Severity[] = [4, 3, 2, 1];

/** The scale of points that the detectors share (score/points.ts): firm from 60, likely from 35, hints below. */
const STEPS: readonly (readonly [number, Severity])[] = [
  [80, 4],
  [60, 3],
  [35, 2],
];

export function severity(score: number): Severity {
  for (const [from, level] of STEPS) if (score >= from) return level;
  return 1;
}
