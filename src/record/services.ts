/**
 * Well-known services by port: IANA's names where people use them, else the name that they do use. A port that is
 * missing here is told by its number.
 */
export const SERVICES: Readonly<Record<number, string>> = {
  20: 'ftp-data', 21: 'ftp', 22: 'ssh', 23: 'telnet', 25: 'smtp', 53: 'dns', 67: 'dhcp', 68: 'dhcp', 69: 'tftp',
  80: 'http', 88: 'kerberos', 110: 'pop3', 111: 'sunrpc', 123: 'ntp', 135: 'msrpc', 137: 'netbios-ns',
  138: 'netbios-dgm', 139: 'netbios-ssn', 143: 'imap', 161: 'snmp', 162: 'snmptrap', 179: 'bgp', 389: 'ldap',
  443: 'https', 445: 'smb', 464: 'kpasswd', 465: 'submissions', 500: 'isakmp', 502: 'modbus', 514: 'syslog',
  515: 'printer', 546: 'dhcpv6', 547: 'dhcpv6', 554: 'rtsp', 587: 'submission', 593: 'msrpc-http', 631: 'ipp',
  636: 'ldaps', 853: 'dns-over-tls', 873: 'rsync', 989: 'ftps-data', 990: 'ftps', 993: 'imaps', 995: 'pop3s',
  1080: 'socks', 1194: 'openvpn', 1433: 'ms-sql', 1434: 'ms-sql-m', 1521: 'oracle', 1701: 'l2tp', 1723: 'pptp',
  1812: 'radius', 1813: 'radius-acct', 1883: 'mqtt', 1900: 'ssdp', 2049: 'nfs', 2181: 'zookeeper', 2222: 'ssh-alt',
  2375: 'docker', 2376: 'docker-tls', 3128: 'http-proxy', 3268: 'ldap-gc', 3269: 'ldaps-gc', 3306: 'mysql',
  3389: 'rdp', 3478: 'stun', 4500: 'ipsec-nat-t', 4789: 'vxlan', 5060: 'sip', 5061: 'sips', 5222: 'xmpp',
  5223: 'xmpp-tls', 5228: 'google-push', 5353: 'mdns', 5355: 'llmnr', 5432: 'postgresql', 5671: 'amqps', 5672: 'amqp',
  5683: 'coap', 5900: 'vnc', 5938: 'teamviewer', 5985: 'winrm', 5986: 'winrm-tls', 6379: 'redis', 6443: 'kubernetes',
  6667: 'irc', 6881: 'bittorrent', 7680: 'windows-delivery', 8000: 'http-alt', 8008: 'http-alt', 8009: 'ajp',
  8080: 'http-alt', 8081: 'http-alt', 8443: 'https-alt', 8883: 'mqtts', 8888: 'http-alt', 9000: 'http-alt',
  9090: 'http-alt', 9092: 'kafka', 9100: 'jetdirect', 9200: 'elasticsearch', 10050: 'zabbix-agent',
  10051: 'zabbix-trapper', 11211: 'memcached', 20000: 'dnp3', 25565: 'minecraft', 27017: 'mongodb',
  44818: 'ethernet-ip', 47808: 'bacnet', 51820: 'wireguard',
}; // biome-ignore format: a table

/** `tcp/443 (https)`, `udp/40000`, `icmp`. */
export function serviceText(proto: string, port: number | null): string {
  if (port === null) return proto;
  const name = SERVICES[port];
  return name === undefined ? `${proto}/${port}` : `${proto}/${port} (${name})`;
}
