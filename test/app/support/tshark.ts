import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** What tshark reads from one capture, each list sorted. */
export interface Reading {
  /** `sni ja3` of the first ClientHello of each connection. */
  clients: string[];
  /** JA3S of the last ServerHello of each connection. */
  servers: string[];
  /** SHA-1 of the first certificate of each connection. */
  certificates: string[];
  /** Server names in QUIC. */
  quic: string[];
  /** `method host uri agent`. */
  requests: string[];
  /** Status codes, less 1xx other than 101. */
  statuses: string[];
}

const FIELDS = [
  'tcp.stream',
  'udp.stream',
  'tls.handshake.type',
  'tls.handshake.ja3',
  'tls.handshake.ja3s',
  'tls.handshake.extensions_server_name',
  'tls.handshake.certificate',
  'http.request.method',
  'http.host',
  'http.request.uri',
  'http.user_agent',
  'http.response.code',
  'frame.number',
] as const;

/** Kept beside the file, because tshark needs a while for all captures. */
async function output(path: string, filter: string, wholeBodies: boolean): Promise<string[]> {
  const args = ['-n', '-r', path, '-Y', filter, '-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=\x1f'];
  args.push(
    '-o',
    'tcp.reassemble_out_of_order:TRUE',
    '-o',
    'tcp.try_heuristic_first:TRUE',
    '-o',
    `http.desegment_body:${wholeBodies ? 'TRUE' : 'FALSE'}`,
  );
  for (const field of FIELDS) args.push('-e', field);
  const kept = `${path}.${createHash('sha256').update(args.join(' ')).digest('hex').slice(0, 12)}.app`;
  if (!existsSync(kept)) {
    const { stdout } = await promisify(execFile)('tshark', args, { maxBuffer: 1 << 28 });
    writeFileSync(`${kept}.${process.pid}`, stdout);
    renameSync(`${kept}.${process.pid}`, kept);
  }
  return readFileSync(kept, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

const fieldsOf = (line: string) => line.split('\t').map((field) => (field === '' ? [] : field.split('\x1f')));

export async function tsharkReads(path: string): Promise<Reading> {
  const clients = new Map<string, string>();
  const servers = new Map<string, string>();
  const certificates = new Map<string, string>();
  const quic = new Map<string, string>();
  const requests: string[] = [];
  const statuses: string[] = [];
  const hellos = 'tls.handshake.type in {1, 2, 11} and (tcp or quic)';
  for (const line of await output(path, `(${hellos}) or (tcp and http.request)`, true)) {
    const [tcp, udp, types, ja3, ja3s, names, certificate, methods, hosts, uris, agents] = fieldsOf(line);
    const stream = tcp!.length > 0 ? `t${tcp![0]}` : `u${udp![0]}`;
    if (ja3!.length > 0 && !clients.has(stream)) {
      clients.set(stream, `${(names![0] ?? '-').toLowerCase()} ${ja3![0]}`);
      if (tcp!.length === 0) quic.set(stream, (names![0] ?? '-').toLowerCase());
    }
    if (ja3s!.length > 0) servers.set(stream, ja3s!.at(-1)!);
    if (types!.includes('11') && certificate!.length > 0 && !certificates.has(stream))
      certificates.set(stream, createHash('sha1').update(Buffer.from(certificate![0]!, 'hex')).digest('hex'));
    for (const [i, method] of methods!.entries()) {
      // Fields that a request lacks shift the lists, so only frames with one request can be told apart.
      const many = methods!.length > 1;
      requests.push(
        many ? `${method} ${uris![i]}` : `${method} ${hosts![0] ?? '-'} ${uris![0] ?? '-'} ${agents![0] ?? '-'}`,
      );
    }
  }
  // A response whose body was not captured whole is only told when bodies are not waited for.
  for (const line of await output(path, 'tcp and http.response', false)) {
    for (const code of fieldsOf(line)[11]!) if (Number(code) >= 200 || code === '101') statuses.push(code);
  }
  const sorted = (values: Iterable<string>) => [...values].sort();
  return {
    clients: sorted(clients.values()),
    servers: sorted(servers.values()),
    certificates: sorted(certificates.values()),
    quic: sorted(quic.values()),
    requests: requests.sort(),
    statuses: statuses.sort(),
  };
}
