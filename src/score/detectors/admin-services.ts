import { SERVICES } from '../../record/services.js';

/**
 * TCP services by which one host is worked from another, in families: a client of Windows tries 135, 139 and 445 for
 * one and the same purpose. These are the "remote services" of MITRE ATT&CK T1021 (SSH, SMB and DCOM, RDP, VNC, WinRM) and
 * telnet. Kerberos (88) and LDAP (389) are left out: every member of a domain asks its controllers all day.
 */
const FAMILIES: readonly (readonly number[])[] = [
  [22, 2222],
  [23],
  [135, 139, 445],
  [3389],
  [5900, 5901],
  [5985, 5986],
];

const PORTS = FAMILIES.flat();
export const ADMIN_SERVICES = PORTS.length;
/** One more than the number of the service on a TCP port; 0 for all other ports. */
export const ADMIN_SERVICE = new Uint8Array(65536);
PORTS.forEach((port, i) => {
  ADMIN_SERVICE[port] = i + 1;
});
const FAMILY_MASKS = FAMILIES.map((family) => family.reduce((mask, port) => mask | (1 << PORTS.indexOf(port)), 0));

/** In how many families the services of a mask are. */
export function familiesOf(services: number): number {
  let n = 0;
  for (const mask of FAMILY_MASKS) if ((services & mask) !== 0) n++;
  return n;
}

export function adminServiceName(service: number): string {
  const port = PORTS[service]!;
  return SERVICES[port] ?? `tcp/${port}`;
}
