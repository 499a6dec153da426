/** Zeek's conn_state, from what is known of the two ends. */
import { CONN_STATES } from './columns.js';
import { End } from './tcp.js';

const index = (name: (typeof CONN_STATES)[number]) => CONN_STATES.indexOf(name);
const OTH = index('OTH');
const S0 = index('S0');
const S1 = index('S1');
const S2 = index('S2');
const S3 = index('S3');
const SF = index('SF');
const REJ = index('REJ');
const RSTO = index('RSTO');
const RSTR = index('RSTR');
const RSTOS0 = index('RSTOS0');
const RSTRH = index('RSTRH');
const SH = index('SH');
const SHR = index('SHR');

/** Index in CONN_STATES for a TCP connection; `payload` is whether either side sent any. */
export function tcpState(orig: number, resp: number, payload: boolean): number {
  const origIdle = orig === End.inactive || orig === End.partial;
  const respIdle = resp === End.inactive || resp === End.partial;
  if (resp === End.reset) {
    if (orig === End.synSent || orig === End.synAckSent || (orig === End.reset && !payload)) return REJ;
    return origIdle ? RSTRH : RSTR;
  }
  if (orig === End.reset) return respIdle ? RSTOS0 : RSTO;
  if (orig === End.closed && resp === End.closed) return SF;
  if (orig === End.closed) return respIdle ? SH : S2;
  if (resp === End.closed) return origIdle ? SHR : S3;
  if (orig === End.synSent && resp === End.inactive) return S0;
  if (orig === End.established && resp === End.established) return S1;
  return OTH;
}

/** For protocols without a handshake: who has spoken. */
export function talkState(orig: boolean, resp: boolean): number {
  if (orig) return resp ? SF : S0;
  return resp ? SHR : OTH;
}

/** For everything that Zeek does not judge (ICMP and unknown transports). */
export const UNJUDGED = OTH;
