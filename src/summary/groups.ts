import { WordHash } from '../base/hash.js';
import { CONN_STATES, type FlowColumns } from '../flow/columns.js';

const ICMP = 1;
const ICMPV6 = 58;
/** Words of a group's key: both addresses, ports, protocol and VLAN. */
const KEY_WORDS = 10;

/** Ordinary flows of a window by (src, dst, service port, protocol, VLAN); groups in order of their first flow. */
export interface Groups {
  count: number;
  /** Group of each row, or -1 for rows that are not grouped. */
  of: Int32Array;
  /** Row of the group's first flow. */
  first: Uint32Array;
  flows: Float64Array;
  /** Hash of the key, for sampling: the same group is chosen in every run. */
  hash: Uint32Array;
}

/** Groups the rows for which `chosen` is 1. */
export function groupFlows(flows: FlowColumns, chosen: Uint8Array, seed: number): Groups {
  const n = flows.count;
  const hasher = new WordHash(seed);
  const key = new Uint32Array(KEY_WORDS);
  const groups: Groups = {
    count: 0,
    of: new Int32Array(n).fill(-1),
    first: new Uint32Array(n),
    flows: new Float64Array(n),
    hash: new Uint32Array(n),
  };
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * n)));
  const slots = new Int32Array(size).fill(-1);
  for (let row = 0; row < n; row++) {
    if (chosen[row] !== 1) continue;
    keyOf(flows, row, key);
    const hash = hasher.hash(key, 0, KEY_WORDS);
    let slot = hash & (size - 1);
    let group = slots[slot]!;
    while (group >= 0 && !(groups.hash[group] === hash && sameKey(flows, row, groups.first[group]!))) {
      slot = (slot + 1) & (size - 1);
      group = slots[slot]!;
    }
    if (group < 0) {
      group = slots[slot] = groups.count++;
      groups.first[group] = row;
      groups.hash[group] = hash;
    }
    groups.of[row] = group;
    groups.flows[group]!++;
  }
  return groups;
}

/** ICMP has no ports: its type stands where a source port would, and belongs to what is told apart. */
function keyOf(f: FlowColumns, row: number, key: Uint32Array): void {
  for (let i = 0; i < 8; i++) key[i] = f.addr[row * 8 + i]!;
  const proto = f.proto[row]!;
  const type = proto === ICMP || proto === ICMPV6 ? f.sport[row]! : 0;
  key[8] = ((type << 16) | f.dport[row]!) >>> 0;
  key[9] = ((f.vlan[row]! << 8) | proto) >>> 0;
}

function sameKey(f: FlowColumns, a: number, b: number): boolean {
  if (f.dport[a] !== f.dport[b] || f.proto[a] !== f.proto[b] || f.vlan[a] !== f.vlan[b]) return false;
  for (let i = 0; i < 8; i++) if (f.addr[a * 8 + i] !== f.addr[b * 8 + i]) return false;
  const proto = f.proto[a];
  return (proto !== ICMP && proto !== ICMPV6) || f.sport[a] === f.sport[b];
}

/** What the flows of each group add up to. */
export interface GroupSums {
  lastUs: Float64Array;
  origPackets: Float64Array;
  origBytes: Float64Array;
  respPackets: Float64Array;
  respBytes: Float64Array;
  score: Float32Array;
  /** The state most flows ended in; of equals, the first in CONN_STATES. */
  connState: Uint8Array;
}

export function sumGroups(flows: FlowColumns, groups: Groups): GroupSums {
  const n = groups.count;
  const sums: GroupSums = {
    lastUs: new Float64Array(n),
    origPackets: new Float64Array(n),
    origBytes: new Float64Array(n),
    respPackets: new Float64Array(n),
    respBytes: new Float64Array(n),
    score: new Float32Array(n).fill(1),
    connState: new Uint8Array(n),
  };
  const states = CONN_STATES.length;
  const ended = new Uint32Array(n * states);
  for (let row = 0; row < flows.count; row++) {
    const g = groups.of[row]!;
    if (g < 0) continue;
    sums.lastUs[g] = Math.max(sums.lastUs[g]!, flows.lastUs[row]!);
    sums.origPackets[g]! += flows.origPackets[row]!;
    sums.origBytes[g]! += flows.origBytes[row]!;
    sums.respPackets[g]! += flows.respPackets[row]!;
    sums.respBytes[g]! += flows.respBytes[row]!;
    sums.score[g] = Math.min(sums.score[g]!, flows.score[row]!);
    ended[g * states + flows.connState[row]!]!++;
  }
  for (let g = 0; g < n; g++) {
    for (let s = 1; s < states; s++) {
      if (ended[g * states + s]! > ended[g * states + sums.connState[g]!]!) sums.connState[g] = s;
    }
  }
  return sums;
}
