/** Words for the machine names that findings carry, and how loud a score is. */
const KINDS: Readonly<Record<string, string>> = {
  beacon: 'Beacon',
  'beacon.dns': 'DNS beacon',
  'dns.beacon': 'DNS beacon',
  'dns.dga': 'Generated domain names',
  'dns.exfil': 'Data leaving in DNS names',
  'dns.tunnel': 'DNS tunnel',
  'dns.rare': 'Unusual DNS',
  'dns.amplification': 'DNS amplification',
  'flow.rare': 'Unusual flow',
  'long.connection': 'Long connection',
  longconn: 'Long connection',
  long: 'Long connection',
  exfil: 'Unusual upload',
  upload: 'Unusual upload',
  'icmp.tunnel': 'ICMP tunnel',
  rare: 'Rare behaviour',
  'rare.dns': 'Unusual DNS',
  'rare.flow': 'Unusual flow',
  bruteforce: 'Password guessing',
  brute: 'Password guessing',
  'scan.horizontal': 'Address scan',
  'scan.vertical': 'Port scan',
  'scan.block': 'Block scan',
  scan: 'Scan',
  lateral: 'Lateral movement',
  flood: 'Flood',
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

/** IANA service names an analyst knows by heart, for ports that would otherwise be only numbers. */
const SERVICES: Readonly<Record<string, string>> = {
  'tcp/20': 'ftp-data',
  'tcp/21': 'ftp',
  'tcp/22': 'ssh',
  'tcp/23': 'telnet',
  'tcp/25': 'smtp',
  'tcp/53': 'dns',
  'udp/53': 'dns',
  'udp/67': 'dhcp',
  'udp/68': 'dhcp',
  'udp/69': 'tftp',
  'tcp/80': 'http',
  'tcp/88': 'kerberos',
  'udp/88': 'kerberos',
  'tcp/110': 'pop3',
  'tcp/111': 'rpcbind',
  'udp/123': 'ntp',
  'tcp/135': 'epmap',
  'udp/137': 'netbios-ns',
  'udp/138': 'netbios-dgm',
  'tcp/139': 'netbios-ssn',
  'tcp/143': 'imap',
  'udp/161': 'snmp',
  'tcp/179': 'bgp',
  'tcp/389': 'ldap',
  'tcp/443': 'https',
  'udp/443': 'quic',
  'tcp/445': 'smb',
  'udp/500': 'isakmp',
  'udp/514': 'syslog',
  'tcp/587': 'submission',
  'tcp/636': 'ldaps',
  'tcp/853': 'dns-tls',
  'tcp/993': 'imaps',
  'tcp/995': 'pop3s',
  'tcp/1433': 'mssql',
  'tcp/1883': 'mqtt',
  'udp/1900': 'ssdp',
  'tcp/3306': 'mysql',
  'tcp/3389': 'rdp',
  'udp/4789': 'vxlan',
  'udp/5353': 'mdns',
  'udp/5355': 'llmnr',
  'tcp/5432': 'postgresql',
  'tcp/5900': 'vnc',
  'tcp/5985': 'winrm',
  'tcp/6379': 'redis',
  'tcp/8080': 'http-alt',
  'tcp/8883': 'mqtts',
  'tcp/9200': 'elasticsearch',
};

/** `https` for tcp 443; null when the port has no common name. */
export function serviceName(proto: string | null, port: number | null): string | null {
  const key = `${proto}/${port}`;
  return Object.hasOwn(SERVICES, key) ? SERVICES[key]! : null;
}
