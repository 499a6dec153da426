/**
 * The tables of the lake: where their rows come from, and which time they are filed under. Every column, with its
 * unit, is told in docs/lake.md, and a test holds that page to this file.
 *
 * Rows are staged as numbers: a text is its place in `s_text`, what a whole batch shares is in `s_batch`, and the
 * selects below put both together. So a text crosses into DuckDB once a batch and not once a row.
 */
export const TABLES = ['flow', 'dns', 'finding', 'ledger', 'word'] as const;
export type TableName = (typeof TABLES)[number];

/** Column by which a row is filed: `dt=` and `hr=` are its UTC day and hour. */
export const FILED_BY: Record<TableName, string> = {
  flow: 'ts',
  dns: 'ts',
  finding: 'last_seen',
  ledger: 'window_start',
  word: 'window_start',
};

/** A text that is null: no row of `s_text` has this number. */
export const NO_TEXT = 0xffffffff;

/** The staging tables; columns in the order in which stage.ts appends them. */
export const STAGING: Record<string, string> = {
  s_text: 'id UINTEGER, text VARCHAR',
  s_batch:
    'n UINTEGER, site UINTEGER, sensor UINTEGER, epoch DOUBLE, seq DOUBLE, word_set UINTEGER, from_us DOUBLE, to_us DOUBLE, generation DOUBLE',
  s_flow:
    'n UINTEGER, row UINTEGER, ts_us DOUBLE, duration_us DOUBLE, src UINTEGER, sport USMALLINT, dst UINTEGER, ' +
    'dport USMALLINT, proto UINTEGER, orig_packets DOUBLE, orig_bytes DOUBLE, resp_packets DOUBLE, resp_bytes DOUBLE, ' +
    'conn_state UINTEGER, history UINTEGER, vlan USMALLINT, score FLOAT, flows DOUBLE, weight DOUBLE',
  s_dns:
    'n UINTEGER, row UINTEGER, id UINTEGER, ts_us DOUBLE, client UINTEGER, cport USMALLINT, server UINTEGER, ' +
    'sport USMALLINT, proto UINTEGER, service UINTEGER, qname UINTEGER, qtype UINTEGER, qclass USMALLINT, ' +
    'rcode UINTEGER, latency_us DOUBLE, query_bytes UINTEGER, response_bytes UINTEGER, score FLOAT, weight DOUBLE, ' +
    'vlan USMALLINT',
  s_answer: 'owner UINTEGER, place UINTEGER, text UINTEGER',
  s_finding:
    'n UINTEGER, row UINTEGER, id UINTEGER, first_us DOUBLE, last_us DOUBLE, kind UINTEGER, src UINTEGER, ' +
    'dst UINTEGER, dst_port DOUBLE, proto UINTEGER, domain UINTEGER, score DOUBLE',
  s_reason: 'owner UINTEGER, place UINTEGER, name UINTEGER, points DOUBLE, text UINTEGER',
  s_ledger: 'n UINTEGER, name UINTEGER, value DOUBLE',
  s_word: 'n UINTEGER, host UINTEGER, source UINTEGER, word UINTEGER, occurrences UINTEGER',
};

const us = (column: string) => `make_timestamp(CAST(${column} AS BIGINT))`;
const text = (alias: string, column: string) => `JOIN s_text ${alias} ON ${alias}.id = ${column}`;
const maybe = (alias: string, column: string) => `LEFT JOIN s_text ${alias} ON ${alias}.id = ${column}`;
const WHOSE =
  'site.text AS site, sensor.text AS sensor, CAST(b.epoch AS BIGINT) AS epoch, CAST(b.seq AS BIGINT) AS seq';
const BATCH = (alias: string) =>
  `JOIN s_batch b ON b.n = ${alias}.n ${text('site', 'b.site')} ${text('sensor', 'b.sensor')}`;

/** What is written into the files of each table. */
export const SELECT: Record<TableName, string> = {
  flow: `SELECT ${us('f.ts_us')} AS ts, f.duration_us / 1e6 AS duration,
      src.text AS src, CAST(f.sport AS INTEGER) AS sport, dst.text AS dst, CAST(f.dport AS INTEGER) AS dport,
      proto.text AS proto, CAST(f.orig_packets AS BIGINT) AS orig_packets, CAST(f.orig_bytes AS BIGINT) AS orig_bytes,
      CAST(f.resp_packets AS BIGINT) AS resp_packets, CAST(f.resp_bytes AS BIGINT) AS resp_bytes,
      state.text AS conn_state, history.text AS history, CAST(f.vlan AS INTEGER) AS vlan, f.score AS score,
      CAST(f.flows AS BIGINT) AS flows, f.weight AS weight, ${WHOSE}, CAST(f.row AS INTEGER) AS row
    FROM s_flow f ${BATCH('f')} ${text('src', 'f.src')} ${text('dst', 'f.dst')} ${text('proto', 'f.proto')}
      ${text('state', 'f.conn_state')} ${text('history', 'f.history')}`,

  dns: `SELECT ${us('f.ts_us')} AS ts, client.text AS client, CAST(f.cport AS INTEGER) AS cport,
      server.text AS server, CAST(f.sport AS INTEGER) AS sport, proto.text AS proto, service.text AS service,
      qname.text AS qname, qtype.text AS qtype, CAST(f.qclass AS INTEGER) AS qclass, rcode.text AS rcode,
      coalesce(a.answers, []) AS answers, CASE WHEN f.latency_us >= 0 THEN f.latency_us / 1e6 END AS latency,
      CAST(f.query_bytes AS BIGINT) AS query_bytes, CAST(f.response_bytes AS BIGINT) AS response_bytes,
      f.score AS score, f.weight AS weight, CAST(f.vlan AS INTEGER) AS vlan, ${WHOSE}, CAST(f.row AS INTEGER) AS row
    FROM s_dns f ${BATCH('f')} ${text('client', 'f.client')} ${text('server', 'f.server')}
      ${text('proto', 'f.proto')} ${text('service', 'f.service')} ${text('qname', 'f.qname')}
      ${text('qtype', 'f.qtype')} ${maybe('rcode', 'f.rcode')}
      LEFT JOIN (SELECT owner, list(t.text ORDER BY place) AS answers
        FROM s_answer ${text('t', 's_answer.text')} GROUP BY owner) a ON a.owner = f.id`,

  finding: `SELECT ${us('f.first_us')} AS first_seen, ${us('f.last_us')} AS last_seen, kind.text AS kind,
      src.text AS src, dst.text AS dst, CASE WHEN f.dst_port >= 0 THEN CAST(f.dst_port AS INTEGER) END AS dst_port,
      proto.text AS proto, domain.text AS domain, f.score AS score, coalesce(r.reasons, []) AS reasons,
      CAST(b.generation AS BIGINT) AS model_generation, ${WHOSE}, CAST(f.row AS INTEGER) AS row
    FROM s_finding f ${BATCH('f')} ${text('kind', 'f.kind')} ${text('src', 'f.src')} ${maybe('dst', 'f.dst')}
      ${maybe('proto', 'f.proto')} ${maybe('domain', 'f.domain')}
      LEFT JOIN (SELECT owner, list({'name': m.text, 'points': points, 'text': t.text} ORDER BY place) AS reasons
        FROM s_reason ${text('m', 's_reason.name')} ${text('t', 's_reason.text')} GROUP BY owner) r ON r.owner = f.id`,

  ledger: `SELECT ${us('b.from_us')} AS window_start, ${us('b.to_us')} AS window_end, name.text AS name, f.value AS value,
      ${WHOSE}
    FROM s_ledger f ${BATCH('f')} ${text('name', 'f.name')}`,

  word: `SELECT ${us('b.from_us')} AS window_start, ${us('b.to_us')} AS window_end, host.text AS host,
      source.text AS source, word.text AS word, CAST(f.occurrences AS BIGINT) AS occurrences,
      wordset.text AS word_set, ${WHOSE}
    FROM s_word f ${BATCH('f')} ${text('host', 'f.host')} ${text('source', 'f.source')} ${text('word', 'f.word')}
      ${text('wordset', 'b.word_set')}`,
};
