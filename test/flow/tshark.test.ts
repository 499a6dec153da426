import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, test } from 'node:test';
import { flowTexts, run } from '../support/flows.js';
import { readPcap, withPcap } from '../support/pcap.js';
import { captures, noTshark, tsharkConversations } from '../support/tshark.js';

let conversations = 0;

for (const path of captures(1)) {
  test(`conversations of ${basename(path, '.xz')} hold as many packets as tshark's`, { skip: noTshark }, () => {
    withPcap(path, (file) => {
      const frames = readPcap(file);
      let latest = 0;
      const { flows, verdicts, tally, fragments } = run(frames, {
        table: { memoryBytes: 32 << 20 },
        advance: (t, us) => t.advance((latest = Math.max(latest, us))),
      });
      const rows = flowTexts(flows);

      // The books: a frame has one verdict, a frame of a flow is in one record.
      assert.equal(sum(Object.values(verdicts)), frames.length);
      const inFlows = verdicts.ok! + verdicts.snapped! + verdicts.fragment!;
      assert.equal(sum(rows.map((r) => r.packets[0]! + r.packets[1]!)), inFlows);
      assert.equal(tally.packets, inFlows);

      for (const [kind, proto] of [
        ['tcp', 6],
        ['udp', 17],
      ] as const) {
        const ours = new Map<string, number>();
        for (const r of rows) {
          if (r.proto !== proto) continue;
          const key = [`${r.orig}:${r.sport}`, `${r.resp}:${r.dport}`].sort().join(' ');
          ours.set(key, (ours.get(key) ?? 0) + r.packets[0]! + r.packets[1]!);
        }
        const theirs = new Map<string, number>();
        for (const c of tsharkConversations(file, kind)) {
          theirs.set(c.ends, (theirs.get(c.ends) ?? 0) + c.frames);
        }
        for (const [ends, frames] of theirs) {
          // Conversations inside tunnels and in packets that ICMP quotes are tshark's alone.
          const mine = ours.get(ends);
          if (mine === undefined) continue;
          conversations++;
          assert.equal(mine, frames, `${kind} ${ends}`);
        }
        // tshark gives later fragments, and odd first ones, no conversation. Ports 0 are those without their first.
        for (const [ends, packets] of ours) {
          if (!theirs.has(ends) && fragments.seen === 0)
            assert.match(ends, /:0 .*:0$/, `${kind} ${ends} with ${packets} packets is ours alone`);
        }
      }
    });
  });
}

after(() => {
  if (noTshark) return;
  assert.ok(conversations > 1000, `only ${conversations} conversations were compared`);
});

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
