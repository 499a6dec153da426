import { type Finding, findingScore, mergeFindings, rankFindings } from '../../record/finding.js';
import type { FromTable, Lake } from '../lake/lake.js';
import type { ModelStore } from '../model/store.js';
import { coverageOf } from './coverage.js';
import { dayOrNewest } from './days.js';
import type { ReasonView, ShortlistLine, ShortlistView } from './types.js';

/** Lines that are ranked at most; more than that on one day is no longer a shortlist. */
const LINES_MAX = 20_000;

export async function shortlist(
  lake: Lake,
  models: ModelStore,
  asked: { day?: string | undefined; limit: number },
): Promise<ShortlistView> {
  const day = dayOrNewest(lake, asked.day);
  const { lines, total } = day === null ? { lines: [], total: 0 } : await findings(lake, day, null);
  const model = models.current?.document;
  return {
    day,
    days: lake.files.days(),
    lines: lines.slice(0, asked.limit),
    total,
    coverage: day === null ? [] : await coverageOf(lake, day),
    model: model === undefined ? null : { generation: model.generation, trainedAt: model.trainedAt },
  };
}

interface Row {
  kind: string;
  src: string;
  dst: string | null;
  dst_port: number | null;
  proto: string | null;
  domain: string | null;
  first_us: number;
  last_us: number;
  sensors: string[];
  reasons: ReasonView[];
  total: number;
}

/**
 * The findings of a day, ranked, those of one host only when it is named. What several windows and sensors said of
 * the same thing is one line with each reason at its strongest: the rule of mergeFindings, here in SQL so that
 * a day of a thousand windows need not come to JavaScript.
 */
export async function findings(lake: Lake, day: string, host: string | null) {
  const rows = await lake.query<Row>((from) => findingsSql(from, day, host !== null), host === null ? [] : [host]);
  const sensors = new Map<Finding, string[]>();
  const merged = mergeFindings(rows.map(toFinding));
  for (const [i, finding] of merged.entries()) sensors.set(finding, rows[i]!.sensors);
  const lines = rankFindings(merged).map((f, i): ShortlistLine => {
    const { kind, src, dst, dstPort, proto, domain, firstUs, lastUs } = f;
    const [firstSeen, lastSeen] = [firstUs / 1000, lastUs / 1000];
    const reasons = [...f.reasons].sort((a, b) => b.points - a.points || (a.name < b.name ? -1 : 1));
    const score = findingScore(f);
    return {
      rank: i + 1,
      score,
      kind,
      src,
      dst,
      dstPort,
      proto,
      domain,
      firstSeen,
      lastSeen,
      sensors: sensors.get(f)!,
      reasons,
    };
  });
  return { lines, total: rows[0]?.total ?? 0 };
}

function findingsSql(from: FromTable, day: string, ofHost: boolean): string | null {
  const table = from('finding', [day]);
  if (table === null) return null;
  const key = 'kind, src, dst, dst_port, proto, domain';
  return `
    WITH said AS (
      SELECT ${key}, first_seen, last_seen, site || '/' || sensor AS who, unnest(reasons) AS reason
      FROM ${table} ${ofHost ? 'WHERE src = $1 OR dst = $1' : ''}),
    reasons AS (
      SELECT ${key}, arg_max(reason, row(reason.points, last_seen, reason.text)) AS reason,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen, list(DISTINCT who) AS who
      FROM said GROUP BY ${key}, reason.name)
    SELECT ${key}, epoch_us(min(first_seen))::DOUBLE AS first_us, epoch_us(max(last_seen))::DOUBLE AS last_us,
      list_sort(list_distinct(flatten(list(who)))) AS sensors, list(reason ORDER BY reason.name) AS reasons,
      (count(*) OVER ())::DOUBLE AS total
    FROM reasons GROUP BY ${key}
    ORDER BY sum(reason.points) DESC, first_us, ${key} LIMIT ${LINES_MAX}`;
}

function toFinding(r: Row): Finding {
  const { kind, src, dst, proto, domain, reasons } = r;
  return { kind, src, dst, dstPort: r.dst_port, proto, domain, firstUs: r.first_us, lastUs: r.last_us, reasons };
}
