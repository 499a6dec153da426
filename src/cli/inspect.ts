import { readFileSync } from 'node:fs';
import { Exit, OperatorError } from '../base/errors.js';
import { isoUs } from '../base/time.js';
import { bytesText, parseSeconds, spanText } from '../base/units.js';
import { type Finding, findingScore } from '../record/finding.js';
import { type PipelineConfig, readPipelineConfig } from '../sensor/config.js';
import { type InspectResult, inspectTraffic } from '../sensor/inspect.js';
import type { Command } from './command.js';
import { makeLog } from './log.js';
import { type Colours, colours, Progress, printable } from './terminal.js';

const list = (value: unknown): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];

export const inspect: Command = {
  options: (y) =>
    y
      .positional('captures', { type: 'string', array: true, describe: 'Capture files or folders, as with -r' })
      .option('r', {
        alias: 'read',
        type: 'string',
        requiresArg: true,
        describe: 'Capture file, folder, or - for stdin; may be given more than once',
      })
      .option('i', {
        alias: 'interface',
        type: 'string',
        requiresArg: true,
        describe: 'Interface to listen on, until --duration is over or Ctrl-C',
      })
      .option('duration', {
        type: 'string',
        requiresArg: true,
        describe: 'How long to listen on an interface, e.g. 60s',
      })
      .option('f', {
        alias: 'filter',
        type: 'string',
        requiresArg: true,
        describe: 'BPF expression; other frames are left out and counted',
      })
      .option('c', {
        alias: 'config',
        type: 'string',
        requiresArg: true,
        describe: 'YAML file with pipeline settings (tapspot reference sensor lists them)',
      })
      .option('flows', {
        type: 'string',
        requiresArg: true,
        describe: 'Write every flow to this file: NDJSON, or Parquet when it ends in .parquet',
      })
      .option('dns', {
        type: 'string',
        requiresArg: true,
        describe: 'Write every DNS transaction to this file, likewise',
      })
      .option('json', { type: 'boolean', describe: 'NDJSON on stdout: a line for each finding, then a summary' })
      .option('n', {
        alias: 'top',
        type: 'number',
        default: 20,
        describe: 'Lines to show (0: all); --json always has all',
      })
      .option('shards', { type: 'number', describe: 'Worker threads that share the packets' })
      .option('memory', { type: 'string', requiresArg: true, describe: 'What the tables may take, e.g. 256MiB' })
      .option('words', { choices: ['tapspot', 'spot'] as const, describe: 'Word set of the topic model' })
      .option('seed', { type: 'number', describe: 'Seed of the topic model' })
      .option('home', { type: 'string', requiresArg: true, describe: 'Own networks, e.g. 10.0.0.0/8' })
      .option('v', { alias: 'verbose', type: 'boolean', describe: 'Say more on stderr' })
      .example('$0 inspect -r capture.pcapng', 'the strangest things in a capture')
      .example('xz -dc day.pcap.xz | $0 inspect -r - --json', 'from a pipe, for a program'),
  async run(args, env) {
    const paths = [...list(args.r), ...list(args.captures)];
    const interfaces = list(args.i);
    if (paths.length === 0 && interfaces.length === 0) {
      throw new OperatorError('USAGE', Exit.usage, 'Say what to read: -r FILE (or a folder, or -), or -i INTERFACE.');
    }
    if (paths.length > 0 && interfaces.length > 0)
      throw new OperatorError('USAGE', Exit.usage, 'Use -r or -i, not both.');

    const config = pipelineConfig(args);
    const log = makeLog(args.v ? 'debug' : 'warn', env);
    const progress = new Progress(process.stderr);
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
    let result: InspectResult;
    try {
      result = await inspectTraffic({
        paths,
        interfaces,
        durationSeconds: durationOf(args.duration),
        config,
        flowsFile: (args.flows as string | undefined) ?? null,
        dnsFile: (args.dns as string | undefined) ?? null,
        signal: stop.signal,
        log,
        onStart: () => {
          if (interfaces.length > 0)
            process.stderr.write(`tapspot: listening on ${interfaces.join(', ')}; Ctrl-C shows what was found\n`);
        },
        onProgress: (p) =>
          progress.update(p.done, p.total, `${count(p.packets)} packets${p.done === p.total ? ', scoring' : ''}`),
      });
    } finally {
      progress.end();
      process.removeListener('SIGINT', onSignal);
      process.removeListener('SIGTERM', onSignal);
    }
    if (args.json) printJson(result);
    else printPeople(result, Number(args.n), colours(process.stdout, env));
    for (const fault of result.faults) process.stderr.write(`tapspot: ${printable(fault)}\n`);
    return result.faults.length > 0 ? Exit.data : Exit.ok;
  },
};

/** Settings from the file named by -c, with what the command line says on top. */
function pipelineConfig(args: Record<string, unknown>): PipelineConfig {
  const base = args.c === undefined ? '{}' : readText(String(args.c));
  const config = readPipelineConfig(base, args.c === undefined ? 'defaults' : String(args.c));
  const given = Object.fromEntries(
    Object.entries({
      filter: args.f,
      shards: args.shards,
      memory: args.memory,
      words: args.words,
      seed: args.seed,
      homeNetworks: args.home,
    }).filter(([, value]) => value !== undefined),
  );
  const over = overrides(given);
  return { ...config, ...Object.fromEntries(Object.keys(given).map((key) => [key, over[key]])) };
}

/** What the command line sets, checked as the file would be; a mistake here is one of usage. */
function overrides(given: Record<string, unknown>): Record<string, unknown> {
  try {
    return readPipelineConfig(JSON.stringify(given), 'command line') as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new OperatorError('USAGE', Exit.usage, error.message.replaceAll(/^command line:\d+:\d+: /gm, '--'));
  }
}

function durationOf(text: unknown): number | null {
  if (text === undefined) return null;
  const seconds = parseSeconds(String(text));
  if (seconds === null)
    throw new OperatorError('USAGE', Exit.usage, `--duration ${text}: write a span such as 60s or 5m`);
  return seconds;
}

function printJson(result: InspectResult): void {
  result.findings.forEach((f, i) => {
    const line = {
      type: 'finding',
      rank: i + 1,
      score: findingScore(f),
      kind: f.kind,
      src: f.src,
      dst: f.dst,
      dstPort: f.dstPort,
      proto: f.proto,
      domain: f.domain,
      firstSeen: isoUs(f.firstUs),
      lastSeen: isoUs(f.lastUs),
      reasons: f.reasons,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
  const { packets, bytes, flows, dnsMessages, dnsTransactions, verdicts, elapsedSeconds } = result.summary;
  process.stdout.write(
    `${JSON.stringify({ type: 'summary', packets, bytes, flows, dnsMessages, dnsTransactions, verdicts, elapsedSeconds })}\n`,
  );
}

function printPeople(result: InspectResult, top: number, paint: Colours): void {
  const out: string[] = [];
  const shown = top > 0 ? result.findings.slice(0, top) : result.findings;
  shown.forEach((f, i) => {
    const score = findingScore(f);
    const tone = score >= 60 ? paint.red : score >= 30 ? paint.yellow : paint.dim;
    const when = `${clock(f.firstUs)}, ${spanText(Math.max(0, f.lastUs - f.firstUs) / 1e6)}`;
    out.push(
      `${String(i + 1).padStart(3)}  ${tone(score.toFixed(1).padStart(5))}  ${paint.bold(f.kind.padEnd(18))} ${printable(entity(f))}  ${paint.dim(when)}`,
    );
    for (const r of [...f.reasons].sort((a, b) => b.points - a.points)) {
      const points = `${r.points < 0 ? '−' : '+'}${Math.abs(r.points).toFixed(1)}`;
      out.push(`${paint.dim(points.padStart(17))}  ${printable(r.text)}`);
    }
  });
  if (shown.length === 0) {
    const unread = result.summary.packets === 0 && result.faults.length > 0;
    out.push(unread ? 'Nothing could be read.' : 'Nothing here deserves a look.');
  }
  const s = result.summary;
  const hidden = result.findings.length - shown.length;
  out.push(
    '',
    `${hidden > 0 ? `${hidden} more lines with -n 0. ` : ''}${count(s.packets)} packets, ${bytesText(s.bytes)}, ${count(s.flows)} flows, ${count(s.dnsTransactions)} DNS transactions in ${spanText(s.elapsedSeconds)}.`,
  );
  const odd = Object.entries(s.verdicts).filter(([name, n]) => n > 0 && !s.ordinaryVerdicts.includes(name));
  if (odd.length > 0)
    out.push(paint.dim(`Not in any flow: ${odd.map(([name, n]) => `${count(n)} ${name}`).join(', ')}.`));
  for (const note of s.notes) out.push(paint.yellow(note));
  process.stdout.write(`${out.join('\n')}\n`);
}

/** `10.1.0.7 → 10.2.0.1:445/tcp`, `10.1.0.7 → evil.example`. */
function entity(f: Finding): string {
  const far = f.domain ?? f.dst;
  const port = f.dstPort === null ? '' : `:${f.dstPort}`;
  if (far === null && port === '') return f.src;
  return `${f.src} → ${far ?? '*'}${port}${f.proto && port ? `/${f.proto}` : ''}`;
}

const clock = (us: number) => isoUs(us)?.slice(0, 19).replace('T', ' ') ?? '?';
const count = (n: number) => n.toLocaleString('en-US');

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OperatorError('CONFIG_UNREADABLE', Exit.noInput, `${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
