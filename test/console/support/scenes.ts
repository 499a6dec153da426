import type { FixtureServer } from './fixture-server.js';
import { DAY, entity, NOTHING, shortlist } from './fixtures.js';
import { model, sensors } from './fleet.js';
import { hostileEntity, hostileSensors, hostileShortlist } from './hostile.js';

type Routes = FixtureServer['routes'];

const hostOf = (path: string) => {
  try {
    return decodeURIComponent(path.split('/')[3] ?? '');
  } catch {
    return '';
  }
};

/** An ordinary day. */
export const plausible = (): Routes => ({
  shortlist: ({ params }) => {
    const day = params.get('day') ?? DAY;
    const view = shortlist(60);
    return { json: day === DAY ? view : { ...view, day, lines: view.lines.slice(3, 9), total: 6 } };
  },
  entity: ({ path }) => ({ json: entity(hostOf(path)) }),
  sensors: () => ({ json: sensors() }),
  model: () => ({ json: model() }),
  train: () => ({ json: { started: true }, status: 202 }),
});

/** A central that has just been started. */
export const empty = (): Routes => ({
  shortlist: () => ({ json: NOTHING }),
  entity: ({ path }) => ({
    json: {
      host: hostOf(path),
      day: null,
      firstSeen: null,
      lastSeen: null,
      totals: { flows: 0, bytesOut: 0, bytesIn: 0, dnsTransactions: 0, peers: 0, domains: 0 },
      activity: { from: 0, stepMs: 300_000, flows: [], bytesOut: [], bytesIn: [], dns: [] },
      peers: [],
      domains: [],
      findings: [],
    },
  }),
  sensors: () => ({ json: { sensors: [], refused: { batches: 0, byReason: {} } } }),
  model: () => ({
    json: {
      generation: null,
      trainedAt: null,
      training: false,
      lastError: null,
      nextTraining: null,
      trainedOn: null,
      sources: [],
    },
  }),
  train: () => ({
    json: { error: { code: 'no_data', message: 'There is nothing in the lake to train on yet.' } },
    status: 409,
  }),
});

/** A central whose lake is out of order. */
export const broken = (): Routes => {
  const refuse = () => ({
    json: {
      error: { code: 'lake_unreadable', message: 'The lake at /var/lib/tapspot cannot be read: permission denied.' },
    },
    status: 503,
  });
  return { shortlist: refuse, entity: refuse, sensors: refuse, model: refuse, train: refuse };
};

/** A central that never answers. */
export const silent = (): Routes => ({
  shortlist: () => 'hang',
  entity: () => 'hang',
  sensors: () => 'hang',
  model: () => 'hang',
  train: () => 'hang',
});

/** Names chosen by somebody who wishes the reader ill. */
export const hostile = (): Routes => ({
  ...plausible(),
  shortlist: () => ({ json: hostileShortlist() }),
  entity: ({ path }) => ({ json: hostileEntity(hostOf(path)) }),
  sensors: () => ({ json: hostileSensors() }),
  model: () => ({ json: { ...model(), lastError: '<img src=x onerror="window.pwned=1">\u202e' } }),
});

/** More of everything than a screen holds. */
export const huge = (): Routes => ({
  ...plausible(),
  shortlist: () => ({ json: { ...shortlist(1000), total: 48_211 } }),
  entity: ({ path }) => ({ json: entity(hostOf(path), 5000) }),
});
