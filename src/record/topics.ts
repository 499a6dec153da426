/** MQTT topics of version 1. Names of sites and sensors are one topic level each: letters, digits, `.`, `_`, `-`. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export const topics = {
  batch: (site: string, sensor: string) => `tapspot/v1/${site}/${sensor}/batch`,
  ack: (site: string, sensor: string) => `tapspot/v1/${site}/${sensor}/ack`,
  status: (site: string, sensor: string) => `tapspot/v1/${site}/${sensor}/status`,
  control: (site: string, what: 'model' | 'rules' | 'config') => `tapspot/v1/${site}/control/${what}`,
  allBatches: 'tapspot/v1/+/+/batch',
  allStatus: 'tapspot/v1/+/+/status',
} as const;

/** Site and sensor of a batch or status topic; null when it is neither. */
export function parseTopic(topic: string): { site: string; sensor: string; what: 'batch' | 'status' | 'ack' } | null {
  const parts = topic.split('/');
  if (parts.length !== 5 || parts[0] !== 'tapspot' || parts[1] !== 'v1') return null;
  const [, , site, sensor, what] = parts as [string, string, string, string, string];
  if (!NAME_PATTERN.test(site) || !NAME_PATTERN.test(sensor)) return null;
  if (what !== 'batch' && what !== 'status' && what !== 'ack') return null;
  return { site, sensor, what };
}
