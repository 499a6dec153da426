import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { noShared, sharedCaptures, unpackedFile } from '../support/shared.js';
import { noTshark } from '../support/tshark.js';
import { readingOf, weRead } from './support/read.js';
import { type Reading, tsharkReads } from './support/tshark.js';

/** How many entries of a list only tshark, or only we, have in a capture, and why. */
interface Difference {
  capture: string;
  list: keyof Reading;
  theirs: number;
  ours: number;
  reason: string;
}
const DIFFERENCES = JSON.parse(
  readFileSync(join(packageRoot(), 'test', 'app', 'differences.json'), 'utf8'),
) as Difference[];

/** What is in `a` more often than in `b`; both sorted or not. */
function surplus(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const value of b) left.set(value, (left.get(value) ?? 0) + 1);
  return a.filter((value) => {
    const n = left.get(value) ?? 0;
    left.set(value, n - 1);
    return n <= 0;
  });
}

/** tshark takes minutes for all: by default those that are known to differ, and every fifth. */
const all = process.env.ALL_CAPTURES !== undefined;
const chosen = sharedCaptures().filter((c, i) => all || i % 5 === 0 || DIFFERENCES.some((d) => d.capture === c));

describe('tshark reads the same from every capture', { skip: noShared || noTshark, concurrency: 2 }, () => {
  const seen: Record<string, number> = {};
  for (const capture of chosen) {
    test(capture, async () => {
      const path = unpackedFile(capture);
      const theirs = await tsharkReads(path);
      const read = weRead(path);
      const ours = readingOf(read);
      for (const list of Object.keys(theirs) as (keyof Reading)[]) {
        seen[list] = (seen[list] ?? 0) + theirs[list].length;
        const missing = surplus(theirs[list], ours[list]);
        const extra = surplus(ours[list], theirs[list]);
        const known = DIFFERENCES.find((d) => d.capture === capture && d.list === list);
        const found = `${list}: only tshark has ${missing.join(' | ')}; only we have ${extra.join(' | ')}`;
        assert.deepEqual([missing.length, extra.length], [known?.theirs ?? 0, known?.ours ?? 0], found);
      }
      const t = read.tally;
      assert.equal(read.tls.length, t['tls.rows']! + t['quic.rows']!);
      assert.equal(read.http.length, t['http.rows']!);
      assert.equal(t['http.requests'], read.http.filter((r) => r.method !== null).length);
      assert.equal(t['http.responses'], read.http.filter((r) => r.status !== null).length);
    });
  }
  after(() => {
    const enough = all
      ? { clients: 800, servers: 700, certificates: 150, quic: 60, requests: 3000, statuses: 2000 }
      : { clients: 50, servers: 50, certificates: 20, quic: 1, requests: 900, statuses: 400 };
    for (const [list, least] of Object.entries(enough)) {
      assert.ok(seen[list]! >= least, `only ${seen[list]} ${list} were compared`);
    }
  });
});
