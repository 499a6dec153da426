import { type AppTable, HTTP_COLUMNS, HttpFlag, TLS_COLUMNS } from './columns.js';
import type { Connections } from './connections.js';
import type { Handshake, Request, Response } from './dialog.js';
import { addRow, emptyApp } from './sheet.js';
import { AppCount, type AppCountName } from './tally.js';

/** No such message. */
export const NO_VERSION = 255;

/** HttpFlag bits and the counters they are booked under. */
const ODDITIES: readonly (readonly [number, AppCountName])[] = [
  [HttpFlag.bothLengths, 'http.odd_both_lengths'],
  [HttpFlag.lengthsDiffer, 'http.odd_lengths_differ'],
  [HttpFlag.badLength, 'http.odd_bad_length'],
  [HttpFlag.oddTransfer, 'http.odd_transfer'],
  [HttpFlag.folded, 'http.odd_folded'],
  [HttpFlag.badName, 'http.odd_bad_name'],
  [HttpFlag.bareLf, 'http.odd_bare_lf'],
  [HttpFlag.control, 'http.odd_control'],
  [HttpFlag.hostsDiffer, 'http.odd_hosts_differ'],
  [HttpFlag.badChunk, 'http.odd_bad_chunk'],
];
/** One packet may finish so many rows, of so many bytes, before the table is looked at again. */
export const ROWS_RESERVE = 1024;
export const BYTES_RESERVE = 1 << 20;
const NOTHING = new Uint8Array(0);
const NO_LENGTHS = [0, 0, 0, 0, 0];

/** Finished handshakes and exchanges on their way into the table. */
export class Writer {
  table: AppTable = emptyApp();
  readonly #connections: Connections;
  readonly #counts: Float64Array;
  readonly #rowsMax: number;
  readonly #bytesMax: number;

  /** Most rows and bytes of each of the two sheets. */
  constructor(connections: Connections, counts: Float64Array, rowsMax: number, bytesMax: number) {
    this.#connections = connections;
    this.#counts = counts;
    this.#rowsMax = rowsMax;
    this.#bytesMax = bytesMax;
  }

  /** Whether the rows of one more packet find room for sure. */
  get roomy(): boolean {
    const { tls, http } = this.table;
    return (
      Math.max(tls.rows.count, http.rows.count) + ROWS_RESERVE <= this.#rowsMax &&
      Math.max(tls.bytesUsed, http.bytesUsed) + BYTES_RESERVE <= this.#bytesMax
    );
  }

  take(): AppTable {
    const table = this.table;
    this.table = emptyApp();
    return table;
  }

  /** `quicVersion` 0: over TCP. */
  tls(slot: number, vlan: number, h: Handshake, quicVersion: number): void {
    const sheet = this.table.tls;
    const row = addRow(TLS_COLUMNS, sheet, h.bytes, this.#rowsMax, this.#bytesMax);
    const of = quicVersion === 0 ? 'tls' : 'quic';
    if (row < 0) {
      this.#counts[AppCount[`${of}.dropped_full`]]!++;
      return;
    }
    this.#counts[AppCount[`${of}.rows`]]!++;
    const { rows, bytes } = sheet;
    const client = h.client;
    this.#connections.ends(slot, client, rows.addr, row * 8);
    rows.cport[row] = this.#connections.port(slot, client);
    rows.sport[row] = this.#connections.port(slot, 1 - client);
    rows.vlan[row] = vlan;
    rows.transport[row] = quicVersion === 0 ? 0 : 1;
    rows.quicVersion[row] = quicVersion;
    rows.startUs[row] = h.startUs;
    rows.serverUs[row] = h.serverUs;
    rows.flags[row] = h.flags;
    rows.clientAlert[row] = h.clientAlert;
    rows.serverAlert[row] = h.serverAlert;
    rows.chain[row] = h.chain;
    const parts = [h.clientHello ?? NOTHING, h.serverHello ?? NOTHING, h.certificate ?? NOTHING] as const;
    let at = rows.at[row]!;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    rows.clientLength[row] = parts[0].length;
    rows.serverLength[row] = parts[1].length;
    rows.certificateLength[row] = parts[2].length;
    rows.sniFrom[row] = h.sniFrom;
    rows.sniLength[row] = h.sniLength;
  }

  http(slot: number, vlan: number, client: number, request: Request | null, response: Response | null): void {
    const flags = (request?.flags ?? 0) | (response?.flags ?? 0);
    for (const [bit, name] of ODDITIES) if ((flags & bit) !== 0) this.#counts[AppCount[name]]!++;
    const text = request?.text ?? NOTHING;
    const type = response?.type ?? NOTHING;
    const sheet = this.table.http;
    const row = addRow(HTTP_COLUMNS, sheet, text.length + type.length, this.#rowsMax, this.#bytesMax);
    if (row < 0) {
      this.#counts[AppCount['http.dropped_full']]!++;
      return;
    }
    this.#counts[AppCount['http.rows']]!++;
    const { rows, bytes } = sheet;
    this.#connections.ends(slot, client, rows.addr, row * 8);
    rows.cport[row] = this.#connections.port(slot, client);
    rows.sport[row] = this.#connections.port(slot, 1 - client);
    rows.vlan[row] = vlan;
    rows.requestUs[row] = request?.timeUs ?? Number.NaN;
    rows.responseUs[row] = response?.timeUs ?? Number.NaN;
    rows.endUs[row] = response?.endUs ?? Number.NaN;
    rows.status[row] = response?.status ?? -1;
    rows.requestMinor[row] = request?.minor ?? NO_VERSION;
    rows.responseMinor[row] = response?.minor ?? NO_VERSION;
    rows.requestBytes[row] = request?.bodyBytes ?? 0;
    rows.responseBytes[row] = response?.bodyBytes ?? 0;
    rows.flags[row] = flags;
    const lengths = request?.lengths ?? NO_LENGTHS;
    rows.methodLength[row] = lengths[0]!;
    rows.targetLength[row] = lengths[1]!;
    rows.hostLength[row] = lengths[2]!;
    rows.agentLength[row] = lengths[3]!;
    rows.refererLength[row] = lengths[4]!;
    rows.typeLength[row] = type.length;
    bytes.set(text, rows.at[row]!);
    bytes.set(type, rows.at[row]! + text.length);
  }
}
