import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { flowText, run } from '../support/flows.js';
import { conversation } from '../support/segments.js';

const LOGS = join(packageRoot(), '..', 'shared', 'data', 'zeek');

/** TCP connections of Zeek's logs by history and conn_state: `history state` → how many. */
function logged(): Map<string, number> {
  const out = new Map<string, number>();
  for (const folder of readdirSync(LOGS)) {
    for (const name of readdirSync(join(LOGS, folder)).filter((f) => f.startsWith('conn.log'))) {
      const text = execFileSync('xz', ['-dc', join(LOGS, folder, name)], { maxBuffer: 1 << 30, encoding: 'utf8' });
      let fields: string[] = [];
      for (const line of text.split('\n')) {
        let row: Record<string, unknown>;
        if (line.startsWith('#fields')) fields = line.split('\t').slice(1);
        if (line.startsWith('{')) row = JSON.parse(line);
        else if (line === '' || line.startsWith('#')) continue;
        else row = Object.fromEntries(line.split('\t').map((v, i) => [fields[i], v]));
        if (row.proto !== 'tcp') continue;
        const key = `${row.history} ${row.conn_state}`;
        out.set(key, (out.get(key) ?? 0) + 1);
      }
    }
  }
  return out;
}

test('judges the connections that Zeek logged as Zeek does', { skip: !existsSync(LOGS) && 'no logs' }, () => {
  let same = 0;
  let other = 0;
  let sameHistory = 0;
  const apart: string[] = [];
  for (const [key, n] of logged()) {
    const [history, state] = key.split(' ') as [string, string];
    // Losses, checksums and windows are in the log but not the packets that would show them.
    if (!/^\^?[SHADFRshadfr]+$/.test(history)) continue;
    // Zeek's sign of a flip: the first packet was the responder's, by its SYN-ACK or by its port.
    const flipped = history.startsWith('^');
    const { flows } = run(conversation(flipped ? history.slice(1) : history));
    assert.ok(flows.count >= 1);
    const got = flowText(flows, 0);
    if (got.state === state) same += n;
    else {
      other += n;
      apart.push(`${n} × ${history}: Zeek ${state}, here ${got.state} ${got.history}`);
    }
    if (got.history === history) sameHistory += n;
  }
  apart.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  const told = `${same} the same, ${other} not, ${sameHistory} with the same history:\n${apart.slice(0, 60).join('\n')}`;
  assert.ok(same > 40_000, told);
  assert.ok(other / (same + other) < 0.001, told);
});
