import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { type Finding, findingKey, findingScore } from '../../src/record/finding.js';
import { replaySamples } from './replay.js';

const QUIET = 'quiet.pcap.gz';
const OFFICE = 'office.pcapng.gz';
const MINUTE_US = 60e6;
const KIND_OF: Readonly<Record<string, string>> = { 'dns.exfiltration': 'dns.tunnel' };
/** Points from which a line asks for a look. */
const LOOK = 30;

const said = (lines: Finding[]) => lines.map((f) => `${findingScore(f)} ${findingKey(f)}`).join('\n');

test('the office with intruders ends in one short list, hostile acts on top, in one window and in many', () => {
  const rows = readFileSync(join(packageRoot(), 'samples', 'labels.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const labels = rows.map((row) => row.split(','));
  assert.ok(labels.length >= 9);
  const firm: string[][] = [];
  for (const [names, windowUs] of [
    [[OFFICE], Number.POSITIVE_INFINITY],
    [[QUIET, OFFICE], MINUTE_US],
  ] as const) {
    const lines = replaySamples([...names], windowUs);
    assert.ok(lines.length <= 20, `${lines.length} lines\n${said(lines)}`);
    const hostile = new Set<Finding>();
    for (const [, , , kind, src, , , , domain] of labels) {
      const line = lines.find(
        (f) => f.kind === (KIND_OF[kind!] ?? kind) && f.src === src && (f.domain === null || f.domain === domain),
      );
      assert.ok(line !== undefined, `${kind} by ${src} has no line among\n${said(lines)}`);
      hostile.add(line);
    }
    assert.equal(hostile.size, labels.length);
    assert.deepEqual(new Set(lines.slice(0, labels.length)), hostile, `not on top:\n${said(lines)}`);
    assert.ok(lines.slice(labels.length).every((f) => findingScore(f) < LOOK));
    firm.push(
      lines
        .filter((f) => findingScore(f) >= LOOK)
        .map(findingKey)
        .sort(),
    );
  }
  assert.deepEqual(firm[1], firm[0]);
});

test('the same office on a quiet day has nothing worth a look', () => {
  for (const windowUs of [Number.POSITIVE_INFINITY, MINUTE_US]) {
    const lines = replaySamples([QUIET], windowUs);
    assert.ok(
      lines.every((f) => findingScore(f) <= LOOK),
      said(lines),
    );
    assert.ok(lines.length <= 10, said(lines));
  }
});
