/**
 * Names of DNS numbers, from IANA's registries "Domain Name System (DNS) Parameters"
 * (iana.org/assignments/dns-parameters) and "DNS SVCB" (iana.org/assignments/dns-svcb).
 */
// biome-ignore format: a table
const TYPES: Readonly<Record<number, string>> = {
  1: 'A', 2: 'NS', 3: 'MD', 4: 'MF', 5: 'CNAME', 6: 'SOA', 7: 'MB', 8: 'MG', 9: 'MR', 10: 'NULL', 11: 'WKS', 12: 'PTR',
  13: 'HINFO', 14: 'MINFO', 15: 'MX', 16: 'TXT', 17: 'RP', 18: 'AFSDB', 19: 'X25', 20: 'ISDN', 21: 'RT', 22: 'NSAP',
  23: 'NSAP-PTR', 24: 'SIG', 25: 'KEY', 26: 'PX', 27: 'GPOS', 28: 'AAAA', 29: 'LOC', 30: 'NXT', 31: 'EID', 32: 'NIMLOC',
  33: 'SRV', 34: 'ATMA', 35: 'NAPTR', 36: 'KX', 37: 'CERT', 38: 'A6', 39: 'DNAME', 40: 'SINK', 41: 'OPT', 42: 'APL',
  43: 'DS', 44: 'SSHFP', 45: 'IPSECKEY', 46: 'RRSIG', 47: 'NSEC', 48: 'DNSKEY', 49: 'DHCID', 50: 'NSEC3',
  51: 'NSEC3PARAM', 52: 'TLSA', 53: 'SMIMEA', 55: 'HIP', 56: 'NINFO', 57: 'RKEY', 58: 'TALINK', 59: 'CDS',
  60: 'CDNSKEY', 61: 'OPENPGPKEY', 62: 'CSYNC', 63: 'ZONEMD', 64: 'SVCB', 65: 'HTTPS', 66: 'DSYNC', 67: 'HHIT',
  68: 'BRID', 99: 'SPF', 100: 'UINFO', 101: 'UID', 102: 'GID', 103: 'UNSPEC', 104: 'NID', 105: 'L32', 106: 'L64',
  107: 'LP', 108: 'EUI48', 109: 'EUI64', 128: 'NXNAME', 249: 'TKEY', 250: 'TSIG', 251: 'IXFR', 252: 'AXFR',
  253: 'MAILB', 254: 'MAILA', 255: 'ANY', 256: 'URI', 257: 'CAA', 258: 'AVC', 259: 'DOA', 260: 'AMTRELAY',
  261: 'RESINFO', 262: 'WALLET', 263: 'CLA', 264: 'IPN', 32768: 'TA', 32769: 'DLV',
};

const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };

const OPCODES = ['QUERY', 'IQUERY', 'STATUS', undefined, 'NOTIFY', 'UPDATE', 'DSO'];

// biome-ignore format: a table
const RCODES: Readonly<Record<number, string>> = {
  0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED', 6: 'YXDOMAIN', 7: 'YXRRSET',
  8: 'NXRRSET', 9: 'NOTAUTH', 10: 'NOTZONE', 11: 'DSOTYPENI', 16: 'BADVERS', 17: 'BADKEY', 18: 'BADTIME', 19: 'BADMODE',
  20: 'BADNAME', 21: 'BADALG', 22: 'BADTRUNC', 23: 'BADCOOKIE',
};

// biome-ignore format: a table
const OPTIONS: Readonly<Record<number, string>> = {
  1: 'LLQ', 2: 'UPDATE-LEASE', 3: 'NSID', 5: 'DAU', 6: 'DHU', 7: 'N3U', 8: 'ECS', 9: 'EXPIRE', 10: 'COOKIE',
  11: 'TCP-KEEPALIVE', 12: 'PADDING', 13: 'CHAIN', 14: 'KEY-TAG', 15: 'EDE', 16: 'CLIENT-TAG', 17: 'SERVER-TAG',
  18: 'REPORT-CHANNEL', 19: 'ZONEVERSION', 20292: 'UMBRELLA-IDENT', 26946: 'DEVICEID',
};

// biome-ignore format: a table
/** Extended DNS errors (RFC 8914 and successors). */
const ERRORS = [
  'Other Error', 'Unsupported DNSKEY Algorithm', 'Unsupported DS Digest Type', 'Stale Answer', 'Forged Answer',
  'DNSSEC Indeterminate', 'DNSSEC Bogus', 'Signature Expired', 'Signature Not Yet Valid', 'DNSKEY Missing',
  'RRSIGs Missing', 'No Zone Key Bit Set', 'NSEC Missing', 'Cached Error', 'Not Ready', 'Blocked', 'Censored',
  'Filtered', 'Prohibited', 'Stale NXDomain Answer', 'Not Authoritative', 'Not Supported', 'No Reachable Authority',
  'Network Error', 'Invalid Data', 'Signature Expired before Valid', 'Too Early',
  'Unsupported NSEC3 Iterations Value', 'Unable to conform to policy', 'Synthesized', 'Invalid Query Type',
];

// biome-ignore format: a table
const SVC_PARAMS = [
  'mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp',
  'tls-supported-groups',
];

/** `A`, `HTTPS`; `TYPE123` for what has no name (RFC 3597 §5). */
export const typeName = (type: number) => TYPES[type] ?? `TYPE${type}`;
/** `IN`, `CH`; `CLASS123` (RFC 3597 §5). */
export const className = (cls: number) => CLASSES[cls] ?? `CLASS${cls}`;
/** `QUERY`, `NOTIFY`; `OPCODE9`. */
export const opcodeName = (opcode: number) => OPCODES[opcode] ?? `OPCODE${opcode}`;
/** `NXDOMAIN`; `RCODE12`. */
export const rcodeName = (rcode: number) => RCODES[rcode] ?? `RCODE${rcode}`;
/** An EDNS option: `COOKIE`; `OPT65001`. */
export const optionName = (code: number) => OPTIONS[code] ?? `OPT${code}`;
/** An extended error: `Blocked`; `EDE99`. */
export const errorName = (code: number) => ERRORS[code] ?? `EDE${code}`;
/** A key of SVCB and HTTPS: `alpn`; `key123` (RFC 9460 §2.1). */
export const svcParamName = (key: number) => SVC_PARAMS[key] ?? `key${key}`;
