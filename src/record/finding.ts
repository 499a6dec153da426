/** One reason a line is on the shortlist. Points of a finding's reasons sum to its score. */
export interface Reason {
  /** Stable machine name, e.g. `beacon.interval`. */
  name: string;
  points: number;
  /** A sentence for people, with the numbers in it. */
  text: string;
}

/** Evidence about one entity (host, pair, service or domain) in some span of time. */
export interface Finding {
  /** Stable machine name of what it is, e.g. `scan.horizontal`, `dns.tunnel`, `beacon`, `rare`. */
  kind: string;
  src: string;
  dst: string | null;
  dstPort: number | null;
  proto: string | null;
  domain: string | null;
  /** Microseconds since the epoch. */
  firstUs: number;
  lastUs: number;
  reasons: Reason[];
}

/** Findings with the same key tell of the same thing and are one line. */
export function findingKey(f: Finding): string {
  return JSON.stringify([f.kind, f.src, f.dst, f.dstPort, f.proto, f.domain]);
}

/** The sum of the points, rounded so that equal evidence gives equal text. */
export function findingScore(f: Finding): number {
  return Math.round(f.reasons.reduce((sum, r) => sum + r.points, 0) * 100) / 100;
}

/**
 * Collapses repeats: one line per key, spanning all of them, each named reason at its strongest (the later one of
 * equals, since it has seen more).
 */
export function mergeFindings(findings: Iterable<Finding>): Finding[] {
  const lines = new Map<string, Finding>();
  for (const f of findings) {
    const key = findingKey(f);
    const line = lines.get(key);
    if (line === undefined) {
      lines.set(key, { ...f, reasons: f.reasons.map((r) => ({ ...r })) });
      continue;
    }
    line.firstUs = Math.min(line.firstUs, f.firstUs);
    line.lastUs = Math.max(line.lastUs, f.lastUs);
    for (const reason of f.reasons) {
      const held = line.reasons.findIndex((r) => r.name === reason.name);
      if (held < 0) line.reasons.push({ ...reason });
      else if (reason.points >= line.reasons[held]!.points) line.reasons[held] = { ...reason };
    }
  }
  return [...lines.values()];
}

/** Strongest first; ties by time, then by key, so that the order never depends on arrival. */
export function rankFindings(findings: readonly Finding[]): Finding[] {
  return findings
    .map((f) => ({ f, score: findingScore(f), key: findingKey(f) }))
    .sort((a, b) => b.score - a.score || a.f.firstUs - b.f.firstUs || (a.key < b.key ? -1 : 1))
    .map((x) => x.f);
}
