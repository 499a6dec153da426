import type { Packet } from '../decode/packet.js';
import { DnsService, type DnsTable } from './columns.js';
import { Found, PENDING_BYTES, Pending } from './match.js';
import { Fault, FLAG_QR, HEADER_BYTES, Scan } from './scan.js';
import { bytesOfRow, copyRows, emptyTable, growBytes, growRows, moveBytes, removeRows } from './table.js';
import { DnsCount, tallyOf } from './tally.js';
import { TcpStreams } from './tcp.js';

export interface DnsStageOptions {
  /** For queries that wait for an answer and for TCP streams, half each. At least 64 KiB. */
  memoryBytes: number;
  /** Most rows, and bytes of messages, of one table. A table is handed out by take() while the next one fills. */
  rowsMax?: number;
  bytesMax?: number;
  /** Microseconds after which a query counts as unanswered. */
  timeoutUs?: number;
  /** Secret per sensor; changes nothing in what is reported. */
  seed: number;
}

const UDP = 17;
const TCP = 6;
const MESSAGE_MAX = 65_535 + 255;
/**
 * A query is given up this long after its timeout, so that packets up to a second out of order find the same queries
 * waiting whether or not other traffic has already moved time on.
 */
const SLACK_US = 1_000_000;

/** The service that owns a port, or -1. */
function serviceOf(port: number): number {
  if (port === 53) return DnsService.dns;
  if (port === 5353) return DnsService.mdns;
  return port === 5355 ? DnsService.llmnr : -1;
}

/** Whether packets of this port are for this stage, if UDP or TCP. */
export function isDnsPort(port: number): boolean {
  return serviceOf(port) >= 0;
}

/** Whether a packet is for this stage: UDP or TCP with port 53, 5353 or 5355 at either end. */
export function isDns(p: Packet): boolean {
  return (p.proto === UDP || p.proto === TCP) && (serviceOf(p.srcPort) >= 0 || serviceOf(p.dstPort) >= 0);
}

/**
 * Packets to DNS transactions.
 *
 * A query waits for its answer: the same client, server, ports, id, protocol and service, and the same first question
 * where the answer repeats one. What is a pair depends on the packets' own times and order alone, never on when
 * somebody called advance(), so live, replay and N shards agree; only a table that overflows can make a difference,
 * and that is counted.
 *
 * - Every query is its own transaction, also a retransmitted one (counted as `queries_repeated`); answers pair with the oldest that still waits. So a
 *   tap that sees every frame twice gives every transaction twice, and a lost answer shows as an unanswered row.
 * - A second answer to one query is a row of its own without a query, counted as `duplicate`; so are the further
 *   messages of a zone transfer.
 * - A multicast query (mDNS, LLMNR) may be answered by many or none, from addresses nobody can foretell (RFC 6762 §6,
 *   RFC 4795 §2): it is a row of its own at once, and so is each answer. Queries sent to one host's port 5353 or 5355
 *   are matched like any other.
 *
 * A row of a waiting query is in the table from the start and is filled in by the answer; take() moves those that
 * still wait to the next table. Memory is fixed by the options; nothing is allocated per message.
 */
export class DnsStage {
  readonly #rowsMax: number;
  readonly #bytesMax: number;
  readonly #timeoutUs: number;
  readonly #patienceUs: number;
  readonly #counts = new Float64Array(Object.keys(DnsCount).length);
  readonly #scan = new Scan();
  readonly #pending: Pending;
  readonly #tcp: TcpStreams;
  #table: DnsTable;
  #out: DataView;
  /** The packet at hand, for messages that come back from the TCP streams. */
  #packet: Packet | null = null;

  constructor(options: DnsStageOptions) {
    this.#rowsMax = Math.max(64, Math.floor(options.rowsMax ?? 65_536));
    this.#bytesMax = Math.max(4 * MESSAGE_MAX, Math.floor(options.bytesMax ?? 16 << 20));
    this.#timeoutUs = options.timeoutUs ?? 10_000_000;
    const half = Math.max(32 << 10, options.memoryBytes / 2);
    this.#patienceUs = this.#timeoutUs + SLACK_US;
    // Rows that wait are carried from table to table, so they may never fill one.
    const pendingMax = Math.min(half / PENDING_BYTES, this.#rowsMax / 2);
    this.#pending = new Pending(2 ** Math.floor(Math.log2(pendingMax)), options.seed);
    this.#tcp = new TcpStreams(half, options.seed, this.#counts, (view, bytes, start, end, reversed) =>
      this.#message(this.#packet!, view, bytes, start, end, false, reversed),
    );
    this.#table = emptyTable(Math.min(1024, this.#rowsMax), Math.min(64 << 10, this.#bytesMax));
    this.#out = new DataView(this.#table.bytes.buffer);
  }

  /** Accounts for one packet for which isDns() holds. `view` and `bytes` are the same memory, offset for offset. */
  add(p: Packet, view: DataView, bytes: Uint8Array): void {
    const pending = this.#pending;
    // The common case is decided here: a double that is handed to a function costs 16 bytes of heap.
    if (pending.live > 0 && p.timeUs - pending.timeUs[pending.first]! >= this.#patienceUs) this.#expire(p.timeUs);
    if (p.proto === TCP) {
      this.#packet = p;
      this.#tcp.add(p, view, bytes);
      return;
    }
    this.#counts[DnsCount.udp_messages]!++;
    const snapped = p.payloadEnd - p.payloadStart < p.payloadBytes;
    this.#message(p, view, bytes, p.payloadStart, p.payloadEnd, snapped, false);
  }

  /** Time has come this far: gives up queries and streams that waited too long. */
  advance(nowUs: number): void {
    this.#expire(nowUs);
    this.#tcp.advance(nowUs);
  }

  /** The capture has ended: whatever waits will wait for ever. */
  flush(): void {
    while (this.#pending.live > 0) {
      if (this.#pending.shift() >= 0) this.#counts[DnsCount.unanswered_flushed]!++;
    }
    this.#tcp.flush();
  }

  /** True when one more message might not fit: take() now, or the next ones are dropped and counted. */
  get full(): boolean {
    const table = this.#table;
    return table.rows.count >= this.#rowsMax || table.bytesUsed + MESSAGE_MAX > this.#bytesMax;
  }

  /** Transactions that are finished, and those that wait. */
  get rows(): { finished: number; pending: number } {
    let pending = 0;
    for (let i = 0; i < this.#pending.live; i++) if (this.#pending.row[this.#pending.slotOf(i)]! >= 0) pending++;
    return { finished: this.#table.rows.count - pending, pending };
  }

  /** Running totals under the ledger's keys; see tally.ts for how they add up. */
  get tally(): Record<string, number> {
    return tallyOf(this.#counts);
  }

  /** The finished transactions, in no particular order (see order.ts). Those that wait stay behind. */
  take(): DnsTable {
    const table = this.#table;
    const pending = this.#pending;
    const waiting = new Uint32Array(pending.live);
    const slots = new Uint32Array(pending.live);
    let n = pending.live;
    let bytes = 0;
    // From the newest back, so that when they are too many it is the oldest that are given up.
    for (let i = pending.live - 1; i >= 0; i--) {
      const slot = pending.slotOf(i);
      const row = pending.row[slot]!;
      if (row < 0) continue;
      bytes += bytesOfRow(table.rows, row);
      if (bytes > this.#bytesMax / 2) {
        bytes -= bytesOfRow(table.rows, row);
        for (let k = 0; k <= i; k++) if (pending.shift() >= 0) this.#counts[DnsCount.unanswered_evicted]!++;
        break;
      }
      waiting[--n] = row;
      slots[n] = slot;
    }
    const kept = waiting.subarray(n);

    // The next window will be much like this one: with an eighth to spare, its table seldom has to grow.
    const room = Math.min(this.#rowsMax, Math.max(1024, Math.ceil(table.rows.count * 1.125), kept.length * 2));
    const bytesRoom = Math.max(64 << 10, Math.ceil(table.bytesUsed * 1.125), bytes * 2);
    const next = emptyTable(room, Math.min(this.#bytesMax, bytesRoom));
    copyRows(table.rows, kept, kept.length, next.rows, 0);
    next.rows.count = kept.length;
    for (let row = 0; row < kept.length; row++) {
      next.bytesUsed = moveBytes(next.rows, row, table.bytes, next.bytes, next.bytesUsed);
      pending.row[slots[n + row]!] = row;
    }
    removeRows(table.rows, kept, kept.length);
    this.#table = next;
    this.#out = new DataView(next.bytes.buffer);
    return table;
  }

  #expire(nowUs: number): void {
    const pending = this.#pending;
    const patience = this.#patienceUs;
    while (pending.live > 0) {
      // A query from the future is left over from a clock that was set back; it must not hold up the others.
      const age = nowUs - pending.timeUs[pending.first]!;
      if (age < patience && age > -patience) return;
      if (pending.shift() >= 0) this.#counts[DnsCount.unanswered]!++;
    }
  }

  /** One whole message, from wherever it came; `reversed` when `p` went the other way. */
  #message(
    p: Packet,
    view: DataView,
    bytes: Uint8Array,
    start: number,
    end: number,
    snapped: boolean,
    reversed: boolean,
  ): Fault {
    const counts = this.#counts;
    const scan = this.#scan;
    let fault = scan.read(view, bytes, start, end);
    if (fault === Fault.cut && snapped) fault = Fault.snapped;
    counts[DnsCount.messages]!++;
    counts[DnsCount.ok + fault]!++;
    if (fault === Fault.short || fault === Fault.notDns) return fault;
    if (!this.#room(end - start)) {
      counts[DnsCount.dropped_full]!++;
      return fault;
    }

    const response = (scan.flags & FLAG_QR) !== 0;
    const fromSource = response === reversed;
    const client = fromSource ? 0 : 4;
    const server = 4 - client;
    const cport = fromSource ? p.srcPort : p.dstPort;
    const sport = fromSource ? p.dstPort : p.srcPort;
    let service = serviceOf(sport);
    if (service < 0) service = serviceOf(cport);
    const table = this.#table;
    const rows = table.rows;
    const row = rows.count;

    if (response) {
      counts[DnsCount.responses]!++;
      rows.responseUs[row] = p.timeUs;
      this.#pending.key(
        p.addr,
        client,
        server,
        (cport << 16) | sport,
        (scan.id << 16) | (p.proto << 8) | service,
        scan,
      );
      const found = this.#pending.find(table, scan, row, this.#timeoutUs);
      if (found >= 0) {
        counts[DnsCount.matched]!++;
        rows.responseUs[found] = p.timeUs;
        this.#fillResponse(found, p, view, start, end);
        return fault;
      }
      if (found === Found.duplicate) counts[DnsCount.duplicate]!++;
      else if (service === DnsService.dns) counts[DnsCount.orphan]!++;
      else counts[DnsCount.responses_alone]!++;
    } else {
      counts[DnsCount.queries]!++;
    }

    const from = p.addr;
    const to = rows.addr;
    for (let i = 0; i < 4; i++) {
      to[row * 8 + i] = from[client + i]!;
      to[row * 8 + 4 + i] = from[server + i]!;
    }
    rows.cport[row] = cport;
    rows.sport[row] = sport;
    rows.proto[row] = p.proto;
    rows.service[row] = service;
    rows.vlan[row] = p.vlan;
    rows.id[row] = scan.id;
    rows.qtype[row] = scan.qtype;
    rows.qclass[row] = scan.qclass;
    rows.opcode[row] = scan.opcode;
    rows.score[row] = 1;
    rows.count++;
    if (response) {
      rows.queryUs[row] = Number.NaN;
      rows.queryFrame[row] = rows.queryAt[row] = rows.queryLength[row] = rows.queryFlags[row] = 0;
      this.#fillResponse(row, p, view, start, end);
      this.#fillName(row, rows.responseAt[row]!);
      return fault;
    }
    rows.queryUs[row] = p.timeUs;
    rows.queryFrame[row] = p.wireBytes;
    rows.queryLength[row] = end - start;
    rows.queryFlags[row] = scan.flags;
    rows.queryAt[row] = this.#copy(view, start, end);
    rows.responseUs[row] = Number.NaN;
    rows.responseFrame[row] = rows.responseAt[row] = rows.responseLength[row] = 0;
    rows.responseFlags[row] = rows.answers[row] = 0;
    rows.rcode[row] = -1;
    this.#fillName(row, rows.queryAt[row]!);

    if (service !== DnsService.dns && isMulticast(p.addr, server)) {
      counts[DnsCount.queries_alone]!++;
      return fault;
    }
    const pending = this.#pending;
    if (pending.live === pending.capacity && pending.shift() >= 0) counts[DnsCount.unanswered_evicted]!++;
    pending.key(p.addr, client, server, (cport << 16) | sport, (scan.id << 16) | (p.proto << 8) | service, scan);
    if (pending.repeats(row, rows, this.#timeoutUs)) counts[DnsCount.queries_repeated]!++;
    pending.put(row, rows);
    return fault;
  }

  /** Makes sure that one more row, and a message of `length` with a copy of its name, will fit. */
  #room(length: number): boolean {
    const table = this.#table;
    const need = table.bytesUsed + length + 255;
    if (table.rows.count >= this.#rowsMax || need > this.#bytesMax) return false;
    if (table.rows.count >= table.rows.capacity) growRows(table, this.#rowsMax);
    if (need > table.bytes.length) {
      growBytes(table, need, this.#bytesMax);
      this.#out = new DataView(table.bytes.buffer);
    }
    return true;
  }

  /** The columns of an answer, except its time. */
  #fillResponse(row: number, p: Packet, view: DataView, start: number, end: number): void {
    const rows = this.#table.rows;
    const scan = this.#scan;
    rows.responseUs[row] = p.timeUs;
    rows.responseFrame[row] = p.wireBytes;
    rows.responseLength[row] = end - start;
    rows.responseFlags[row] = scan.flags;
    rows.rcode[row] = scan.rcode;
    rows.answers[row] = scan.answers;
    rows.responseAt[row] = this.#copy(view, start, end);
  }

  /** Points the row at its lower-case name: inside the message at `message` if it lies there as it is, else a copy. */
  #fillName(row: number, message: number): void {
    const table = this.#table;
    const name = this.#scan.name;
    table.rows.nameLength[row] = name.length;
    if (name.length === 0) {
      table.rows.nameAt[row] = 0;
    } else if (name.verbatim) {
      table.rows.nameAt[row] = message + HEADER_BYTES;
    } else {
      table.rows.nameAt[row] = table.bytesUsed;
      for (let i = 0; i < name.length; i++) table.bytes[table.bytesUsed + i] = name.bytes[i]!;
      table.bytesUsed += name.length;
    }
  }

  /** Appends a message to the table's bytes, four at a time (a subarray and a call would cost 96 bytes of heap). */
  #copy(view: DataView, start: number, end: number): number {
    const out = this.#out;
    const at = this.#table.bytesUsed;
    let to = at;
    let from = start;
    for (; from + 4 <= end; from += 4, to += 4) out.setUint32(to, view.getUint32(from, true), true);
    for (; from < end; from++, to++) out.setUint8(to, view.getUint8(from));
    this.#table.bytesUsed = to;
    return at;
  }
}

/** 224.0.0.0/4 and ff00::/8. */
function isMulticast(addr: Uint32Array, at: number): boolean {
  if (addr[at]! >>> 24 === 0xff) return true;
  return addr[at] === 0 && addr[at + 1] === 0 && addr[at + 2] === 0xffff && addr[at + 3]! >>> 28 === 14;
}
