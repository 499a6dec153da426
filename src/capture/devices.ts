import { linkTypeName, linkTypeOfDataLink } from './linktype.js';
import { addon, type NativeDevice, type NativeError, noLibpcap } from './native.js';

/** A device of this machine that frames could be captured on. */
export interface Device {
  name: string;
  description: string;
  addresses: string[];
  up: boolean;
  running: boolean;
  loopback: boolean;
  /** LINKTYPE_ value and its name; null when this process may not open the device, or it is down. */
  linkType: number | null;
  linkTypeName: string | null;
}

/**
 * The devices libpcap knows, in its order: the likeliest first. Throws an OperatorError without addon or libpcap.
 * The list is longer than what `ip link` shows: libpcap adds pseudo-devices such as "any".
 */
export function listDevices(): Device[] {
  let found: NativeDevice[];
  try {
    found = addon('A list of devices').devices();
  } catch (error) {
    throw (error as NativeError).code === 'LIBPCAP_MISSING' ? noLibpcap('A list of devices', error as Error) : error;
  }
  return found.map(({ dataLink, ...device }) => {
    const linkType = dataLink < 0 ? null : linkTypeOfDataLink(dataLink);
    return { ...device, linkType, linkTypeName: linkType === null ? null : linkTypeName(linkType) };
  });
}
