/**
 * Services an analyst knows by name, for ports that would otherwise be only numbers: the names of record/services.ts,
 * of which a browser needs only the better known.
 */
export const NAMES: Readonly<Record<number, string>> = {
  20: 'ftp-data', 21: 'ftp', 22: 'ssh', 23: 'telnet', 25: 'smtp', 53: 'dns', 67: 'dhcp', 68: 'dhcp', 69: 'tftp',
  80: 'http', 88: 'kerberos', 110: 'pop3', 111: 'sunrpc', 123: 'ntp', 135: 'msrpc', 137: 'netbios-ns',
  138: 'netbios-dgm', 139: 'netbios-ssn', 143: 'imap', 161: 'snmp', 179: 'bgp', 389: 'ldap', 443: 'https', 445: 'smb',
  500: 'isakmp', 502: 'modbus', 514: 'syslog', 587: 'submission', 636: 'ldaps', 853: 'dns-over-tls', 993: 'imaps',
  995: 'pop3s', 1080: 'socks', 1194: 'openvpn', 1433: 'ms-sql', 1883: 'mqtt', 1900: 'ssdp', 3128: 'http-proxy',
  3306: 'mysql', 3389: 'rdp', 3478: 'stun', 4789: 'vxlan', 5060: 'sip', 5353: 'mdns', 5355: 'llmnr', 5432: 'postgresql',
  5900: 'vnc', 5985: 'winrm', 5986: 'winrm-tls', 6379: 'redis', 6443: 'kubernetes', 6667: 'irc', 8080: 'http-alt',
  8443: 'https-alt', 8883: 'mqtts', 9092: 'kafka', 9200: 'elasticsearch', 27017: 'mongodb', 51820: 'wireguard',
}; // biome-ignore format: a table

/** `https` for tcp 443; null when the port has no common name. */
export function serviceName(proto: string | null, port: number | null): string | null {
  if (port === null || (proto !== 'tcp' && proto !== 'udp')) return null;
  if (proto === 'udp' && (port === 443 || port === 80)) return 'quic';
  return NAMES[port] ?? null;
}
