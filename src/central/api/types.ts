/**
 * What the console is told: the JSON of every route. Times are milliseconds since the epoch, days are UTC dates
 * (YYYY-MM-DD), addresses and names are text as it was on the wire, to be shown and never interpreted.
 * Errors are `{ error: { code, message } }` with a 4xx or 5xx status.
 */
export interface ReasonView {
  name: string;
  points: number;
  text: string;
}

/** Share of what the sensors were shown that is in what they say: 1 - dropped / (kept + dropped). */
export interface CoverageView {
  site: string;
  sensor: string;
  frames: number;
  dropped: number;
  /** null when the sensor cannot know what it dropped. */
  coverage: number | null;
}

export interface ShortlistLine {
  rank: number;
  score: number;
  kind: string;
  src: string;
  dst: string | null;
  dstPort: number | null;
  proto: string | null;
  domain: string | null;
  firstSeen: number;
  lastSeen: number;
  sensors: string[];
  reasons: ReasonView[];
}

/** GET /api/shortlist?day=&limit= — the day defaults to the newest that has data. */
export interface ShortlistView {
  day: string | null;
  /** Days that have data, newest first. */
  days: string[];
  lines: ShortlistLine[];
  total: number;
  coverage: CoverageView[];
  model: { generation: number; trainedAt: number } | null;
}

/** GET /api/entity/:host?day= */
export interface EntityView {
  host: string;
  day: string | null;
  firstSeen: number | null;
  lastSeen: number | null;
  totals: { flows: number; bytesOut: number; bytesIn: number; dnsTransactions: number; peers: number; domains: number };
  /** Columns, one element per step of the day; null where no sensor reported. */
  activity: {
    from: number;
    stepMs: number;
    flows: (number | null)[];
    bytesOut: (number | null)[];
    bytesIn: (number | null)[];
    dns: (number | null)[];
  };
  peers: {
    peer: string;
    direction: 'out' | 'in';
    proto: string;
    port: number;
    flows: number;
    bytesOut: number;
    bytesIn: number;
    firstSeen: number;
    lastSeen: number;
    strangest: number;
  }[];
  domains: {
    domain: string;
    names: number;
    queries: number;
    failures: number;
    firstSeen: number;
    lastSeen: number;
    types: string[];
    examples: string[];
  }[];
  findings: ShortlistLine[];
}

/** GET /api/sensors */
export interface SensorView {
  site: string;
  sensor: string;
  online: boolean;
  version: string | null;
  lastStatus: number | null;
  lastBatch: number | null;
  modelGeneration: number | null;
  batches: number;
  /** Batches that a gap in the sequence says are missing. */
  missing: number;
  coverage: CoverageView;
  ledger: Record<string, number>;
  spool: { batches: number; bytes: number; oldestSeconds: number; droppedBatches: number; corrupt: number } | null;
  health: string[];
}
export interface SensorsView {
  sensors: SensorView[];
  refused: { batches: number; byReason: Record<string, number> };
}

/** GET /api/model */
export interface ModelView {
  generation: number | null;
  trainedAt: number | null;
  training: boolean;
  lastError: string | null;
  nextTraining: number | null;
  trainedOn: { from: number; to: number; sensors: string[]; documents: number; tokens: number } | null;
  sources: {
    source: 'flow' | 'dns';
    words: number;
    hosts: number;
    topics: { weight: number; words: { word: string; meaning: string; probability: number }[] }[];
  }[];
}

/** POST /api/train → 202 { started: boolean }. GET /api/health → { ok: true, version }. GET /api/events: SSE, events `batch`, `status`, `model`, each with no data but the sensor's or generation's name. */
export interface HealthView {
  ok: true;
  version: string;
}
