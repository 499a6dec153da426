/** What kind of trouble a connection ended in: stable names, for logs and health. */
export type Trouble = 'unreachable' | 'refused' | 'credentials' | 'tls' | 'version' | 'taken' | 'closed';

export interface Explanation {
  trouble: Trouble;
  /** A sentence that says what happened and what to do. */
  text: string;
}

/** Codes of node:tls for a peer whose certificate does not convince. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/;

/** Turns the error of a connection to `broker` into words for an operator. */
export function explain(error: unknown, broker: string): Explanation {
  const { code, message } = (error ?? {}) as { code?: string | number; message?: string };
  const what = message || String(code ?? 'no reason given');
  if (typeof code === 'number') return explainReason(code, what, broker);
  if (code !== undefined && CERTIFICATE.test(code)) {
    return {
      trouble: 'tls',
      text: `${broker} does not prove who it is (${what}): check uplink.tls.ca, and that the certificate names this host`,
    };
  }
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL') || code?.startsWith('ERR_TLS') || /TLS|SSL|alert/.test(what)) {
    return {
      trouble: 'tls',
      text: `no TLS with ${broker} (${what}): check the port, and uplink.tls.certificate and .key if it asks for them`,
    };
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || what === CLOSED) {
    return {
      trouble: 'closed',
      text: `${broker} closed the connection: it may be restarting, or want TLS (mqtts://), or know this name already`,
    };
  }
  return {
    trouble: 'unreachable',
    text: `cannot reach ${broker} (${what}): check that it runs and that nothing on the way blocks it`,
  };
}

/** What a connection that the broker closed without a word is given as its error. */
export const CLOSED = 'connection closed';

/** Return codes of MQTT 3.1.1 (§3.2.2.3) and reason codes of MQTT 5 (§2.4). */
function explainReason(code: number, what: string, broker: string): Explanation {
  if (code === 1 || code === 132) return { trouble: 'version', text: `${broker} speaks another version of MQTT` };
  if (code === 4 || code === 5 || code === 134 || code === 135) {
    return {
      trouble: 'credentials',
      text: `${broker} refuses this sensor's credentials (${what}): check uplink.username, its password or certificate`,
    };
  }
  if (code === 142) {
    return {
      trouble: 'taken',
      text: `${broker} was joined by another sensor of the same site and name: give each sensor a name of its own`,
    };
  }
  return { trouble: 'refused', text: `${broker} refuses the connection (${what}): see the broker's own log` };
}
