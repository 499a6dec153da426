/** The stages from frame to flow, for tests that ask what became of some frames. */
import { addressText } from '../../src/base/address.js';
import { Decoder } from '../../src/decode/decoder.js';
import { Fragments } from '../../src/decode/fragments.js';
import { Packet } from '../../src/decode/packet.js';
import { isInFlow, VERDICTS } from '../../src/decode/verdict.js';
import {
  CONN_STATES,
  Direction,
  FIRST_SIZES,
  type FlowColumns,
  HISTORY_BYTES,
  LEAVE_REASONS,
} from '../../src/flow/columns.js';
import { mergeFlows } from '../../src/flow/order.js';
import { FlowTable } from '../../src/flow/table.js';
import { batchOf, type Frame } from './frames.js';

export interface Run {
  flows: FlowColumns;
  verdicts: Record<string, number>;
  tally: Record<string, number>;
  fragments: Record<string, number>;
}

export interface RunOptions {
  table?: Partial<ConstructorParameters<typeof FlowTable>[0]>;
  /** Called after each packet, to turn expiry at whatever times. */
  advance?: (table: FlowTable, timeUs: number, i: number) => void;
}

/** Runs frames through decode, fragments and the flow table to the end; flows come back in canonical order. */
export function run(frames: readonly Frame[], options: RunOptions = {}): Run {
  const batch = batchOf(frames);
  const decoder = new Decoder();
  const fragments = new Fragments({ memoryBytes: 1 << 20, seed: 1 });
  const table = new FlowTable({ memoryBytes: 8 << 20, seed: 1, ...options.table });
  const p = new Packet();
  const parts: FlowColumns[] = [];
  for (let i = 0; i < batch.count; i++) {
    p.timeUs = batch.timeUs[i]!;
    const { start, capLen, wireLen, linkType } = batch;
    const verdict = decoder.decode(batch.view, start[i]!, capLen[i]!, wireLen[i]!, linkType[i]!, p);
    if (isInFlow(verdict)) {
      if (p.fragment) fragments.add(p, batch.view);
      table.add(p);
    }
    options.advance?.(table, p.timeUs, i);
  }
  while (!table.flush()) parts.push(table.take());
  parts.push(table.take());
  return {
    flows: mergeFlows(parts),
    verdicts: Object.fromEntries(VERDICTS.map((name, i) => [name, decoder.verdicts[i]!])),
    tally: table.tally,
    fragments: fragments.tally,
  };
}

/** A row as people would say it. */
export function flowText(f: FlowColumns, i: number) {
  const history = f.history.subarray(i * HISTORY_BYTES, (i + 1) * HISTORY_BYTES);
  const n = history.indexOf(0);
  return {
    orig: addressText(f.addr, 8 * i),
    resp: addressText(f.addr, 8 * i + 4),
    sport: f.sport[i]!,
    dport: f.dport[i]!,
    proto: f.proto[i]!,
    vlan: f.vlan[i]!,
    innerVlan: f.innerVlan[i]!,
    firstUs: f.firstUs[i]!,
    lastUs: f.lastUs[i]!,
    leftUs: f.leftUs[i]!,
    packets: [f.origPackets[i]!, f.respPackets[i]!],
    bytes: [f.origBytes[i]!, f.respBytes[i]!],
    payload: [f.origPayload[i]!, f.respPayload[i]!],
    flags: [f.origFlags[i]!, f.respFlags[i]!],
    retransmissions: [f.origRetransmissions[i]!, f.respRetransmissions[i]!],
    sizes: [...f.firstSizes.subarray(i * FIRST_SIZES, (i + 1) * FIRST_SIZES)].filter((s) => s !== 0),
    state: CONN_STATES[f.connState[i]!]!,
    history: String.fromCharCode(...history.subarray(0, n < 0 ? HISTORY_BYTES : n)),
    reason: LEAVE_REASONS[f.leaveReason[i]!]!,
    direction: Object.keys(Direction)[f.direction[i]!]!,
  };
}
export type FlowText = ReturnType<typeof flowText>;

export function flowTexts(f: FlowColumns): FlowText[] {
  return Array.from({ length: f.count }, (_, i) => flowText(f, i));
}
