import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** One DNS message as another decoder, or ours, reads it. */
export interface Reading {
  frame: number;
  id: number;
  response: boolean;
  opcode: number;
  rcode: number;
  /** As the header counts them. */
  questions: number;
  answers: number;
  /** First question, lower case; empty where there is none. */
  name: string;
  type: number;
}

export const noTshark = (() => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'tshark is not installed';
  }
})();

const FIELDS = [
  'frame.number',
  'dns.id',
  'dns.flags',
  'dns.count.queries',
  'dns.count.answers',
  'dns.qry.type',
  'dns.qry.name', // last, because names may hold the separator
];

/**
 * What tshark reads from a capture file. The output is kept beside the file, because tshark needs half a minute for
 * all captures.
 */
export async function tsharkReads(path: string): Promise<Reading[]> {
  const args = ['-n', '-r', path, '-Y', 'dns || mdns || llmnr', '-T', 'fields'];
  args.push('-E', 'separator=|', '-E', 'aggregator=\x1f', '-o', 'tcp.reassemble_out_of_order:TRUE');
  for (const field of FIELDS) args.push('-e', field);
  const kept = `${path}.${createHash('sha256').update(args.join(' ')).digest('hex').slice(0, 12)}.dns`;
  if (!existsSync(kept)) {
    const { stdout } = await promisify(execFile)('tshark', args, { maxBuffer: 1 << 28 });
    writeFileSync(`${kept}.${process.pid}`, stdout);
    renameSync(`${kept}.${process.pid}`, kept);
  }
  return readFileSync(kept, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap(readingsOf);
}

/** A frame may hold several messages, and a message several questions: each field is then a list. */
function readingsOf(line: string): Reading[] {
  const fields = line.split('|');
  const [frame, ids, flags, questions, answers, types] = fields.map((f) => f.split('\x1f'));
  const names = fields.slice(6).join('|').split('\x1f');
  let question = 0;
  return ids!.map((id, i) => {
    const word = Number(flags![i]);
    const count = Number(questions![i]);
    const reading: Reading = {
      frame: Number(frame![0]),
      id: Number(id),
      response: word >= 0x8000,
      opcode: (word >> 11) & 15,
      rcode: word & 15,
      questions: count,
      answers: Number(answers![i]),
      name: count > 0 ? (names[question] ?? '').toLowerCase().replace('<root>', '.') : '',
      type: count > 0 ? Number(types![question] ?? 0) : 0,
    };
    question += count;
    return reading;
  });
}
