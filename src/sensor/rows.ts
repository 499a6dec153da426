import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { addressText } from '../base/address.js';
import { Exit, OperatorError } from '../base/errors.js';
import { isoUs } from '../base/time.js';
import type { DnsTable } from '../dns/columns.js';
import { startUs } from '../dns/order.js';
import { dnsRow } from '../dns/report.js';
import { CONN_STATES, type FlowColumns, HISTORY_BYTES } from '../flow/columns.js';
import { communityId } from '../flow/community-id.js';
import { protocolName } from '../record/names.js';
import type { Window } from '../score/window.js';

/** One flow as `--flows` writes it. Times are UTC, durations seconds, bytes IP bytes. */
export function flowRow(f: FlowColumns, i: number) {
  return {
    ts: isoUs(f.firstUs[i]!),
    duration: Math.round(f.lastUs[i]! - f.firstUs[i]!) / 1e6,
    src: addressText(f.addr, i * 8),
    sport: f.sport[i]!,
    dst: addressText(f.addr, i * 8 + 4),
    dport: f.dport[i]!,
    proto: protocolName(f.proto[i]!),
    origPackets: f.origPackets[i]!,
    origBytes: f.origBytes[i]!,
    respPackets: f.respPackets[i]!,
    respBytes: f.respBytes[i]!,
    connState: CONN_STATES[f.connState[i]!]!,
    history: historyText(f, i),
    vlan: f.vlan[i] === 0 ? null : f.vlan[i]!,
    communityId: communityId(f.addr, i * 8, f.sport[i]!, f.dport[i]!, f.proto[i]!),
    score: f.score[i]!,
  };
}

export function historyText(f: FlowColumns, i: number): string {
  let text = '';
  for (let k = i * HISTORY_BYTES; k < (i + 1) * HISTORY_BYTES && f.history[k] !== 0; k++) {
    text += String.fromCharCode(f.history[k]!);
  }
  return text;
}

/** DuckDB's types of what the rows hold, for Parquet. */
const FLOW_TYPES = {
  ts: 'TIMESTAMP',
  duration: 'DOUBLE',
  src: 'VARCHAR',
  sport: 'USMALLINT',
  dst: 'VARCHAR',
  dport: 'USMALLINT',
  proto: 'VARCHAR',
  origPackets: 'UBIGINT',
  origBytes: 'UBIGINT',
  respPackets: 'UBIGINT',
  respBytes: 'UBIGINT',
  connState: 'VARCHAR',
  history: 'VARCHAR',
  vlan: 'USMALLINT',
  communityId: 'VARCHAR',
  score: 'DOUBLE',
};

const RECORDS = 'STRUCT("name" VARCHAR, "type" VARCHAR, "class" VARCHAR, ttl UINTEGER, "data" VARCHAR)[]';
const EDNS =
  'STRUCT("version" UTINYINT, udpSize USMALLINT, "do" BOOLEAN, flags USMALLINT, "options" STRUCT(code USMALLINT, "name" VARCHAR, "text" VARCHAR, hex VARCHAR)[])';
const DNS_TYPES = {
  ts: 'TIMESTAMP',
  client: 'VARCHAR',
  cport: 'USMALLINT',
  server: 'VARCHAR',
  sport: 'USMALLINT',
  proto: 'VARCHAR',
  service: 'VARCHAR',
  vlan: 'USMALLINT',
  id: 'USMALLINT',
  qname: 'VARCHAR',
  qtype: 'VARCHAR',
  qclass: 'VARCHAR',
  unicastResponse: 'BOOLEAN',
  opcode: 'VARCHAR',
  rcode: 'VARCHAR',
  latency: 'DOUBLE',
  aa: 'BOOLEAN',
  tc: 'BOOLEAN',
  rd: 'BOOLEAN',
  ra: 'BOOLEAN',
  ad: 'BOOLEAN',
  cd: 'BOOLEAN',
  answers: RECORDS,
  authority: RECORDS,
  additional: RECORDS,
  queryEdns: EDNS,
  responseEdns: EDNS,
  queryBytes: 'UINTEGER',
  responseBytes: 'UINTEGER',
  queryFault: 'VARCHAR',
  responseFault: 'VARCHAR',
  score: 'DOUBLE',
};

/** Rows of one kind on their way to a file: NDJSON as it is, Parquet through NDJSON beside it. */
class RowFile {
  readonly #path: string;
  readonly #written: string;
  readonly #fd: number;
  readonly #parquet: boolean;
  #pending: string[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#parquet = path.endsWith('.parquet');
    this.#written = this.#parquet ? `${path}.${process.pid}.ndjson` : path;
    try {
      this.#fd = openSync(this.#written, 'w');
    } catch (error) {
      throw new OperatorError('OUTPUT_UNWRITABLE', Exit.io, `${path}: cannot be written: ${(error as Error).message}`);
    }
  }

  add(row: object): void {
    this.#pending.push(JSON.stringify(row));
    if (this.#pending.length >= 4096) this.#drain();
  }

  #drain(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.from(`${this.#pending.join('\n')}\n`);
    this.#pending = [];
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw new OperatorError('OUTPUT_UNWRITABLE', Exit.io, `${this.#path}: ${(error as Error).message}`);
    }
  }

  async close(types: Record<string, string>): Promise<void> {
    this.#drain();
    closeSync(this.#fd);
    if (!this.#parquet) return;
    try {
      await toParquet(this.#written, `${this.#path}.part`, types);
      renameSync(`${this.#path}.part`, this.#path);
    } finally {
      rmSync(this.#written, { force: true });
      rmSync(`${this.#path}.part`, { force: true });
    }
  }
}

/** Lets DuckDB turn NDJSON into Parquet; loaded only when asked for. */
async function toParquet(from: string, to: string, types: Record<string, string>): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const db = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await db.connect();
  try {
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const columns = Object.entries(types)
      .map(([name, type]) => `${name}: ${quoted(type)}`)
      .join(', ');
    await connection.run(
      `COPY (SELECT * FROM read_json(${quoted(from)}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {${columns}})) TO ${quoted(to)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } finally {
    connection.closeSync();
    db.closeSync();
  }
}

/** Writes every row of each window to the files asked for; null: not asked for. */
export class RowWriter {
  readonly #flows: RowFile | null;
  readonly #dns: RowFile | null;

  constructor(flowsFile: string | null, dnsFile: string | null) {
    this.#flows = flowsFile === null ? null : new RowFile(flowsFile);
    this.#dns = dnsFile === null ? null : new RowFile(dnsFile);
  }

  write(window: Window): void {
    if (this.#flows !== null) for (let i = 0; i < window.flows.count; i++) this.#flows.add(flowRow(window.flows, i));
    if (this.#dns !== null) this.#writeDns(window.dns, this.#dns);
  }

  #writeDns(dns: DnsTable, file: RowFile): void {
    for (let i = 0; i < dns.rows.count; i++) {
      const row = dnsRow(dns, i);
      file.add({ ...row, ts: isoUs(startUs(dns.rows, i)), vlan: row.vlan === 0 ? null : row.vlan });
    }
  }

  async close(): Promise<void> {
    await this.#flows?.close(FLOW_TYPES);
    await this.#dns?.close(DNS_TYPES);
  }
}
