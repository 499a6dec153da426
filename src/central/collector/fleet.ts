import { z } from 'zod';
import type { SensorStatus } from '../../record/status.js';
import { parseTopic } from '../../record/topics.js';

const STATUS_BYTES_MAX = 64 * 1024;
const text = z.string().max(1000);
const count = z.number().min(0);

/** A status as a peer sends it: what does not fit is refused, what is not known is left to later versions. */
const Status = z.object({
  online: z.boolean(),
  site: text,
  sensor: text,
  version: text.optional(),
  at: count.optional(),
  startedAt: count.optional(),
  modelGeneration: count.nullish(),
  shards: count.optional(),
  interfaces: z.array(text).max(1000).optional(),
  ledger: z.record(text, z.number()).optional(),
  spool: z
    .object({ batches: count, bytes: count, oldestSeconds: count, droppedBatches: count, corrupt: count })
    .optional(),
  degrade: count.optional(),
  health: z.array(text).max(100).optional(),
});

/** What the sensors say of themselves, the newest of each. Lost at a restart: the broker or the sensors tell again. */
export class Fleet {
  readonly #sensors = new Map<string, { status: SensorStatus; heardAt: number }>();
  readonly #max: number;
  /** Statuses that were no statuses, or of too many sensors. */
  refused = 0;

  constructor(maxSensors: number) {
    this.#max = maxSensors;
  }

  /** Takes a message of a status topic; null when it is refused. */
  hear(topic: string, payload: Uint8Array, now: number): { site: string; sensor: string } | null {
    const place = parseTopic(topic);
    const status = place?.what === 'status' ? read(payload) : null;
    if (place === null || status === null || status.site !== place.site || status.sensor !== place.sensor) {
      this.refused++;
      return null;
    }
    const key = `${place.site}/${place.sensor}`;
    const before = this.#sensors.get(key)?.status;
    if (before === undefined && this.#sensors.size >= this.#max) {
      this.refused++;
      return null;
    }
    // A last will says only that the sensor is gone: what it said before stays true of it.
    const whole = status.online ? status : { ...before, ...status };
    this.#sensors.set(key, { status: whole, heardAt: now });
    return { site: place.site, sensor: place.sensor };
  }

  find(site: string, sensor: string): { status: SensorStatus; heardAt: number } | null {
    return this.#sensors.get(`${site}/${sensor}`) ?? null;
  }

  all(): SensorStatus[] {
    return [...this.#sensors.values()].map((s) => s.status);
  }
}

function read(payload: Uint8Array): SensorStatus | null {
  if (payload.length > STATUS_BYTES_MAX) return null;
  try {
    const parsed = Status.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
    return parsed.success ? (parsed.data as SensorStatus) : null;
  } catch {
    return null;
  }
}
