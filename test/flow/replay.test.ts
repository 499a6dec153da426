import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLOW_COLUMNS, type FlowColumns } from '../../src/flow/columns.js';
import { mergeFlows } from '../../src/flow/order.js';
import type { FlowTable } from '../../src/flow/table.js';
import { flowTexts, run } from '../support/flows.js';
import { ethernet, type Frame, icmp, ipv4, tcp, udp } from '../support/frames.js';
import { Prng } from '../support/prng.js';

const HOSTS = ['10.0.0.1', '10.0.0.2', '192.0.2.7'];

/** Traffic of few hosts over hours: gaps on both sides of every timeout, half a second of disorder. */
function traffic(seed: number, n: number): Frame[] {
  const random = new Prng(seed);
  let timeUs = 1.7e15;
  const frames: Frame[] = [];
  for (let i = 0; i < n; i++) {
    timeUs += random.pick([10, 10, 1000, 1000, 300_000, 300_000, 2_000_000, random.pick([7e6, 31e6])]) * random.float();
    const src = random.pick(HOSTS);
    const dst = random.pick(HOSTS);
    const ports = { sport: random.pick([80, 40000]), dport: random.pick([80, 40000]) };
    const payload = new Uint8Array(random.below(3) * 20);
    const kind = random.below(10);
    const inner =
      kind < 6
        ? tcp(
            {
              ...ports,
              seq: random.below(500),
              ack: random.below(500),
              flags: random.pick([2, 18, 16, 24, 17, 4, 20]),
            },
            payload,
          )
        : kind < 9
          ? udp(ports, payload)
          : icmp({ type: random.pick([0, 8, 3]) });
    const bytes = ethernet({ vlans: random.chance(0.1) ? [7] : [] }, ipv4({ src, dst }, inner));
    frames.push({ timeUs: timeUs - random.float() * 400_000, bytes });
  }
  return frames;
}

/** Equal in every column. */
function assertSame(a: FlowColumns, b: FlowColumns, what: string): void {
  assert.equal(a.count, b.count, what);
  for (const [name, [, width]] of Object.entries(FLOW_COLUMNS) as [keyof typeof FLOW_COLUMNS, [unknown, number]][]) {
    assert.deepEqual(
      [...a[name].subarray(0, a.count * width)],
      [...b[name].subarray(0, b.count * width)],
      `${what}: ${name}`,
    );
  }
}

/** Tells the table the time after packets that `when` picks and, as every caller must, once all packets are in. */
function telling(frames: readonly Frame[], when: () => boolean, endUs: number) {
  let latest = 0;
  return (t: FlowTable, us: number, i: number) => {
    latest = Math.max(latest, us);
    if (i === frames.length - 1) t.advance(endUs);
    else if (when()) t.advance(latest);
  };
}

const endOf = (frames: readonly Frame[]) => frames.reduce((latest, f) => Math.max(latest, f.timeUs), 0);

test('the rows do not depend on when the table was told the time', () => {
  const reasons = new Set<string>();
  for (let seed = 1; seed <= 6; seed++) {
    const frames = traffic(seed, 3000);
    const random = new Prng(seed);
    const [never, always, sometimes] = [() => false, () => true, () => random.chance(0.01)].map((when) =>
      run(frames, { table: { timeouts: { activeUs: 120e6 } }, advance: telling(frames, when, endOf(frames)) }),
    );
    assertSame(never!.flows, always!.flows, `seed ${seed}`);
    assertSame(never!.flows, sometimes!.flows, `seed ${seed}`);
    for (const f of flowTexts(never!.flows)) reasons.add(f.reason);
    const packets = flowTexts(never!.flows).reduce((n, f) => n + f.packets[0]! + f.packets[1]!, 0);
    assert.equal(packets, frames.length);
    assert.ok(never!.flows.count > 300 && never!.flows.count < 2500, `${never!.flows.count} flows`);
  }
  assert.deepEqual([...reasons].sort(), ['active', 'closed', 'flushed', 'idle']);
});

test('shards that split the traffic by addresses give the same rows as one, whatever their seeds', () => {
  for (let seed = 20; seed < 26; seed++) {
    const frames = traffic(seed, 2000);
    const endUs = endOf(frames);
    const whole = run(frames, { advance: telling(frames, () => true, endUs) });
    const shardOf = (f: Frame) => {
      const ip = f.bytes[12] === 0x81 ? 18 : 14;
      return (f.bytes[ip + 15]! ^ f.bytes[ip + 19]!) % 3;
    };
    const parts = [0, 1, 2].map((shard) => {
      const mine = frames.filter((f) => shardOf(f) === shard);
      return run(mine, { table: { seed: seed * 7 + shard }, advance: telling(mine, () => true, endUs) }).flows;
    });
    assertSame(whole.flows, mergeFlows(parts), `seed ${seed}`);
  }
});
