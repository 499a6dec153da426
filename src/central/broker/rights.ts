import { NAME_PATTERN, parseTopic } from '../../record/topics.js';

/**
 * Who may do what at the embedded broker. `identity` is what the peer has proved to be (its certificate's common
 * name, or its user name): the sensor's name or `site/name`; null where nobody has to prove anything.
 */
export function mayPublish(identity: string | null, topic: string): 'batch' | 'status' | null {
  const place = parseTopic(topic);
  if (place === null || place.what === 'ack') return null;
  return isSelf(identity, place.site, place.sensor) ? place.what : null;
}

/** Sensors read their own acknowledgements and what their site is told; where nobody is known, anyone may look on. */
export function mayListen(identity: string | null, topic: string): boolean {
  if (identity === null) return topic.startsWith('tapspot/');
  const place = parseTopic(topic);
  if (place !== null) return isSelf(identity, place.site, place.sensor);
  const [root, version, site, control, kind, ...more] = topic.split('/');
  if (root !== 'tapspot' || version !== 'v1' || control !== 'control' || kind === undefined || more.length > 0) {
    return false;
  }
  return NAME_PATTERN.test(site ?? '') && (!identity.includes('/') || identity.startsWith(`${site}/`));
}

function isSelf(identity: string | null, site: string, sensor: string): boolean {
  return identity === null || identity === sensor || identity === `${site}/${sensor}`;
}
