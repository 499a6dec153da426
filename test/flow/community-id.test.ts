import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../src/base/address.js';
import { communityId } from '../../src/flow/community-id.js';

// Published values of the specification's examples and of tools that follow it; more are compared with tshark's in
// test/decode/tshark.test.ts.
for (const [src, sport, dst, dport, proto, seed, id] of [
  ['128.232.110.120', 34855, '66.35.250.204', 80, 6, 0, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['66.35.250.204', 80, '128.232.110.120', 34855, 6, 0, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['128.232.110.120', 34855, '66.35.250.204', 80, 6, 1, '1:3V71V58M3Ksw/yuFALMcW0LAHvc='],
  ['192.168.1.52', 54585, '8.8.8.8', 53, 17, 0, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  ['1.2.3.4', 1122, '5.6.7.8', 3344, 6, 0, '1:wCb3OG7yAFWelaUydu0D+125CLM='],
  ['1.2.3.4', 1122, '5.6.7.8', 3344, 17, 0, '1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg='],
] as const) {
  test(`${src}:${sport} to ${dst}:${dport}, protocol ${proto}, seed ${seed}`, () => {
    const addr = new Uint32Array(8);
    assert.ok(parseAddress(src, addr, 0) && parseAddress(dst, addr, 4));
    assert.equal(communityId(addr, 0, sport, dport, proto, seed), id);
  });
}

test('an unanswerable ICMP message keeps its direction, a pair has none', () => {
  const there = new Uint32Array(8);
  const back = new Uint32Array(8);
  parseAddress('10.0.0.1', there, 0);
  parseAddress('10.0.0.2', there, 4);
  parseAddress('10.0.0.2', back, 0);
  parseAddress('10.0.0.1', back, 4);
  assert.equal(communityId(there, 0, 8, 0, 1), communityId(back, 0, 0, 8, 1));
  assert.notEqual(communityId(there, 0, 3, 1, 1), communityId(back, 0, 1, 3, 1));
});
