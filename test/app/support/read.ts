import { createHash } from 'node:crypto';
import type { AppTable } from '../../../src/app/columns.js';
import { type HttpRow, httpRow, type TlsRow, tlsRow } from '../../../src/app/report.js';
import { mergeApp } from '../../../src/app/sheet.js';
import { AppStage, isApp } from '../../../src/app/stage.js';
import { eachPacket } from '../../dns/support/captures.js';
import type { Reading } from './tshark.js';

export interface Read {
  table: AppTable;
  tls: TlsRow[];
  http: HttpRow[];
  tally: Record<string, number>;
  /** SHA-1 of each row's certificate, or null. */
  certificates: (string | null)[];
}

export function rowsOf(table: AppTable): { tls: TlsRow[]; http: HttpRow[] } {
  return {
    tls: Array.from({ length: table.tls.rows.count }, (_, row) => tlsRow(table.tls, row)),
    http: Array.from({ length: table.http.rows.count }, (_, row) => httpRow(table.http, row)),
  };
}

/** What a stage of our own reads from a capture file. */
export function weRead(path: string, options: Partial<{ memoryBytes: number; seed: number }> = {}): Read {
  const stage = new AppStage({ memoryBytes: 32 << 20, rowsMax: 1 << 18, bytesMax: 256 << 20, seed: 1, ...options });
  const parts: AppTable[] = [];
  eachPacket(path, (p, view, bytes) => {
    if (!isApp(p, view)) return;
    stage.add(p, view, bytes);
    stage.advance(p.timeUs);
    if (stage.full) parts.push(stage.take());
  });
  while (!stage.flush()) parts.push(stage.take());
  const table = mergeApp([...parts, stage.take()]);
  const { rows, bytes } = table.tls;
  const certificates = Array.from({ length: rows.count }, (_, row) => {
    if (rows.certificateLength[row] === 0) return null;
    const at = rows.at[row]! + rows.clientLength[row]! + rows.serverLength[row]!;
    return createHash('sha1')
      .update(bytes.subarray(at, at + rows.certificateLength[row]!))
      .digest('hex');
  });
  return { table, ...rowsOf(table), tally: stage.tally, certificates };
}

/** The same as tshark tells it. */
export function readingOf(read: Read): Reading {
  const { tls, http } = read;
  const present = (values: (string | null)[]) => values.filter((v) => v !== null).sort();
  return {
    clients: present(tls.map((r) => (r.ja3 === null ? null : `${r.sni ?? '-'} ${r.ja3}`))),
    servers: present(tls.map((r) => r.ja3s)),
    certificates: present(read.certificates),
    quic: present(tls.map((r) => (r.transport === 'quic' && r.ja3 !== null ? (r.sni ?? '-') : null))),
    requests: present(
      http.map((r) => (r.method === null ? null : `${r.method} ${r.host ?? '-'} ${r.uri} ${r.userAgent ?? '-'}`)),
    ),
    statuses: present(http.map((r) => (r.status === null ? null : String(r.status)))),
  };
}
