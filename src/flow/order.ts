/** Canonical order of flows: the same rows in the same order however many shards they came from. */
import { allocate, copyRow } from '../base/columns.js';
import { FLOW_COLUMNS, type FlowColumns } from './columns.js';

/** Row numbers in canonical order: first packet's time, addresses, ports, protocol, VLANs, last packet's time. */
export function flowOrder(flows: FlowColumns): Uint32Array {
  const order = Uint32Array.from({ length: flows.count }, (_, i) => i);
  return order.sort((a, b) => compare(flows, a, b));
}

function compare(f: FlowColumns, a: number, b: number): number {
  let d = f.firstUs[a]! - f.firstUs[b]!;
  if (d !== 0) return d;
  for (let i = 0; i < 8; i++) {
    d = f.addr[8 * a + i]! - f.addr[8 * b + i]!;
    if (d !== 0) return d;
  }
  return (
    f.sport[a]! - f.sport[b]! ||
    f.dport[a]! - f.dport[b]! ||
    f.proto[a]! - f.proto[b]! ||
    f.vlan[a]! - f.vlan[b]! ||
    f.innerVlan[a]! - f.innerVlan[b]! ||
    f.lastUs[a]! - f.lastUs[b]! ||
    f.origPackets[a]! - f.origPackets[b]! ||
    f.respPackets[a]! - f.respPackets[b]! ||
    a - b
  );
}

/** The rows of several shards as one table in canonical order. The parts are left as they are. */
export function mergeFlows(parts: readonly FlowColumns[]): FlowColumns {
  const together = concatenated(parts);
  const order = flowOrder(together);
  const sorted = allocate(FLOW_COLUMNS, together.count);
  for (let i = 0; i < order.length; i++) copyRow(FLOW_COLUMNS, together, order[i]!, sorted, i);
  sorted.count = order.length;
  return sorted;
}

function concatenated(parts: readonly FlowColumns[]): FlowColumns {
  const count = parts.reduce((n, part) => n + part.count, 0);
  const out = allocate(FLOW_COLUMNS, count);
  for (const part of parts) {
    for (const [name, [, width]] of Object.entries(FLOW_COLUMNS) as [keyof typeof FLOW_COLUMNS, [unknown, number]][]) {
      out[name].set(part[name].subarray(0, part.count * width), out.count * width);
    }
    out.count += part.count;
  }
  return out;
}
