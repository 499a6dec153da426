import type { Fleet } from '../collector/fleet.js';
import type { Refused } from '../collector/refused.js';
import type { Lake } from '../lake/lake.js';
import { coverageOf } from './coverage.js';
import { dayOrNewest } from './days.js';
import type { SensorsView, SensorView } from './types.js';

/** Every sensor that the lake holds batches of, or that said something of itself. */
export async function sensors(lake: Lake, fleet: Fleet, refused: Refused): Promise<SensorsView> {
  const day = dayOrNewest(lake, undefined);
  const coverage = day === null ? [] : await coverageOf(lake, day);
  const ledgers = day === null ? new Map<string, Record<string, number>>() : await ledgersOf(lake, day);
  const views = new Map<string, SensorView>();
  const view = (site: string, sensor: string): SensorView => {
    const key = `${site}/${sensor}`;
    let held = views.get(key);
    if (held === undefined) {
      const heard = fleet.find(site, sensor);
      const status = heard?.status;
      held = {
        site,
        sensor,
        online: status?.online ?? false,
        version: status?.version ?? null,
        lastStatus: status?.at ?? heard?.heardAt ?? null,
        lastBatch: null,
        modelGeneration: status?.modelGeneration ?? null,
        batches: 0,
        missing: 0,
        coverage: coverage.find((c) => c.site === site && c.sensor === sensor) ?? {
          ...{ site, sensor, frames: 0, dropped: 0, coverage: null },
        },
        ledger: status?.ledger ?? ledgers.get(key) ?? {},
        spool: status?.spool ?? null,
        health: status?.health ?? [],
      };
      views.set(key, held);
    }
    return held;
  };
  for (const { site, sensor } of fleet.all()) view(site, sensor);
  for (const state of lake.sequences.states()) {
    const held = view(state.site, state.sensor);
    held.batches += state.stored;
    held.missing += state.missing;
    held.lastBatch = Math.max(held.lastBatch ?? 0, state.at);
  }
  const order = (v: SensorView) => `${v.site}/${v.sensor}`;
  return {
    sensors: [...views.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1)),
    refused: { batches: refused.total, byReason: { ...refused.byReason } },
  };
}

/** The books of the newest day, for a sensor that has not told its totals since the central started. */
async function ledgersOf(lake: Lake, day: string): Promise<Map<string, Record<string, number>>> {
  const rows = await lake.query<{ site: string; sensor: string; name: string; value: number }>((from) => {
    const ledger = from('ledger', [day]);
    return ledger === null
      ? null
      : `SELECT site, sensor, name, sum(value) AS value FROM ${ledger} GROUP BY site, sensor, name ORDER BY name`;
  });
  const out = new Map<string, Record<string, number>>();
  for (const { site, sensor, name, value } of rows) {
    const key = `${site}/${sensor}`;
    const ledger = out.get(key) ?? {};
    ledger[name] = value;
    out.set(key, ledger);
  }
  return out;
}
