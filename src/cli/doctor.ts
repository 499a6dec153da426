import { loadConfig } from '../base/config.js';
import { Exit, OperatorError } from '../base/errors.js';
import { bytesText, spanText } from '../base/units.js';
import { captureVersion } from '../capture/native.js';
import { SensorConfig } from '../sensor/config.js';
import { type Examination, examineFiles, examineTap, type TapSettings } from '../sensor/doctor/doctor.js';
import { count, type Finding, type Severity } from '../sensor/doctor/finding.js';
import { shardsOf } from '../sensor/pipeline.js';
import type { Command } from './command.js';
import { type Finding as Checked, checkClock, checkFolder } from './environment.js';
import { type Colours, colours, Progress, printable } from './terminal.js';

const SECONDS_MAX = 3600;
const list = (value: unknown): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];

export const doctor: Command = {
  options: (y) =>
    y
      .option('i', {
        alias: 'interface',
        type: 'string',
        requiresArg: true,
        describe: 'Interface to sample; may be given more than once',
      })
      .option('r', {
        alias: 'read',
        type: 'string',
        requiresArg: true,
        describe: 'Capture file or folder to examine instead',
      })
      .option('c', {
        alias: 'config',
        type: 'string',
        requiresArg: true,
        describe: "A sensor's configuration: its interfaces, filter, ring and spool are examined",
      })
      .option('f', {
        alias: 'filter',
        type: 'string',
        requiresArg: true,
        describe: 'BPF expression as the sensor would use it',
      })
      .option('seconds', {
        type: 'number',
        requiresArg: true,
        default: 10,
        describe: 'How long to sample an interface',
      })
      .option('json', { type: 'boolean', describe: 'NDJSON on stdout: a line for each finding, then a summary' })
      .option('strict', { type: 'boolean', describe: 'Exit with 2 when there are warnings' }),
  async run(args, env) {
    const config = args.c === undefined ? null : loadConfig(String(args.c), SensorConfig);
    const paths = args.r === undefined ? [] : list(args.r);
    const interfaces = list(args.i);
    if (paths.length > 0 && interfaces.length > 0) throw usage('either -i or -r, not both');
    if (config !== null && paths.length + interfaces.length === 0) {
      interfaces.push(...config.interfaces);
      paths.push(...config.captures);
    }
    if (paths.length + interfaces.length === 0)
      throw usage('name what to examine: -i INTERFACE, -r FILE or -c sensor.yaml (tapspot devices lists interfaces)');
    const seconds = Number(args.seconds);
    if (!(seconds > 0 && seconds <= SECONDS_MAX)) throw usage(`--seconds ${args.seconds}: give 1 to ${SECONDS_MAX}`);

    const filter = (args.f === undefined ? config?.filter : String(args.f)) || null;
    const findings: Finding[] = config === null ? [] : machineOf(config);
    const examined: Examination[] = [];
    if (interfaces.length > 0) examined.push(...(await sample(interfaces, filter, config, seconds, findings)));
    else for await (const e of examineFiles(paths, filter, Date.now() * 1000)) examined.push(e);
    for (const e of examined) findings.push(...e.findings);
    findings.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
    if (args.json) printJson(findings, examined);
    else printPeople(findings, examined, colours(process.stdout, env));
    for (const e of examined) if (e.fault !== null) process.stderr.write(`tapspot: ${printable(e.fault)}\n`);

    const fault = findings.find((f) => f.severity === 'fault');
    if (fault !== undefined) return fault.exit ?? Exit.failed;
    return args.strict && findings.some((f) => f.severity === 'warning') ? Exit.warnings : Exit.ok;
  },
};

const RANK: Record<Severity, number> = { fault: 0, warning: 1, note: 2 };

const usage = (what: string) => new OperatorError('USAGE', Exit.usage, `doctor: ${what}`);

/** The questions about spool and clock that `check` asks too. What is well is not worth a line here. */
function machineOf(config: SensorConfig): Finding[] {
  const checked: Checked[] = [];
  checkFolder('spool', config.spool.directory, config.spool.limit, checked);
  checkClock(checked);
  return checked
    .filter((c) => c.grade !== 'ok')
    .map((c) => ({
      severity: c.grade === 'fault' ? 'fault' : 'warning',
      code: c.about,
      where: null,
      text: c.text,
      evidence: {},
      mend:
        c.about === 'clock'
          ? 'timedatectl set-ntp true'
          : c.grade === 'fault'
            ? `Let the sensor's user write ${config.spool.directory}, or set spool.directory.`
            : 'Set spool.limit below what is free, or make room.',
      ...(c.exit === undefined ? {} : { exit: c.exit }),
    }));
}

/** All interfaces at the same time; one that cannot be opened is a finding, and the others are sampled. */
async function sample(
  interfaces: readonly string[],
  filter: string | null,
  config: SensorConfig | null,
  seconds: number,
  findings: Finding[],
): Promise<Examination[]> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  const progress = new Progress(process.stderr);
  const began = performance.now();
  const timer = setInterval(
    () => progress.update((performance.now() - began) / 1000, seconds, `listening on ${interfaces.join(', ')}`),
    200,
  );
  try {
    const examined = await Promise.all(
      [...new Set(interfaces)].map(async (device) => {
        const settings: TapSettings = {
          device,
          filter,
          snapLen: config?.snaplen ?? 65_535,
          bufferBytes: config?.buffer ?? 64 << 20,
          promiscuous: config?.promiscuous ?? true,
          shards: shardsOf(config?.shards ?? 'auto'),
        };
        try {
          return await examineTap(settings, seconds, stop.signal);
        } catch (error) {
          // A mistake in the command line is told as such; what the machine refuses is a finding.
          if (!(error instanceof OperatorError) || error.exit === Exit.usage) throw error;
          findings.push(refusal(device, error));
          return null;
        }
      }),
    );
    return examined.filter((e) => e !== null);
  } finally {
    clearInterval(timer);
    progress.end();
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
}

function refusal(device: string, error: OperatorError): Finding {
  const mends: Partial<Record<string, string>> = {
    'capture.no-permission':
      'sudo tapspot doctor …, or for the service: AmbientCapabilities=CAP_NET_RAW (tapspot install sensor writes it)',
    'capture.no-libpcap': 'apt-get install libpcap0.8',
    'capture.no-addon': 'npm run build:native',
    'capture.device-down': `ip link set ${device} up`,
    'capture.no-device': 'tapspot devices',
  };
  return {
    severity: 'fault',
    code: error.code,
    where: device,
    text: error.message,
    evidence: { libpcap: captureVersion() ?? 'none', uid: process.getuid?.() ?? -1 },
    mend: mends[error.code] ?? null,
    exit: error.exit,
  };
}

function printJson(findings: readonly Finding[], examined: readonly Examination[]): void {
  for (const { exit: _, ...finding } of findings)
    process.stdout.write(`${JSON.stringify({ type: 'finding', ...finding })}\n`);
  for (const { findings: own, ...rest } of examined)
    process.stdout.write(`${JSON.stringify({ type: 'summary', ...rest, findings: own.length })}\n`);
}

function printPeople(findings: readonly Finding[], examined: readonly Examination[], paint: Colours): void {
  const out: string[] = [];
  const several = examined.length > 1;
  for (const f of findings) {
    const tone = f.severity === 'fault' ? paint.red : f.severity === 'warning' ? paint.yellow : paint.cyan;
    const where = several && f.where !== null ? `${printable(f.where)}: ` : '';
    out.push(`${tone(f.severity.padEnd(7))}  ${paint.bold(f.code)}  ${where}${printable(f.text)}`);
    const seen = Object.entries(f.evidence).map(([name, value]) => `${name} ${value}`);
    if (seen.length > 0) out.push(paint.dim(`         seen: ${printable(seen.join(', '))}`));
    if (f.mend !== null) out.push(`         mend: ${printable(f.mend)}`);
    out.push('');
  }
  out.push(...closing(examined, paint));
  process.stdout.write(`${out.join('\n')}\n`);
}

/** What was looked at, one line for all that are well. */
function closing(examined: readonly Examination[], paint: Colours): string[] {
  const out: string[] = [];
  const isIll = (e: Examination) => e.findings.some((f) => f.severity !== 'note');
  const well = examined.filter((e) => !isIll(e));
  const line = (what: string, of: readonly Examination[]) => {
    const sum = (pick: (e: Examination) => number) => of.reduce((n, e) => n + pick(e), 0);
    const size = `${count(sum((e) => e.frames))} frames, ${bytesText(sum((e) => e.wireBytes))} in ${spanText(sum((e) => e.seconds))}`;
    out.push(`${what}: ${size}; looked at ${of[0]!.looked.join(', ')}.`);
    const skipped = sum((e) => e.skipped);
    if (skipped > 0)
      out.push(paint.dim(`${count(skipped)} of them were counted but not looked into: the tap was too fast for that.`));
  };
  for (const e of examined) if (isIll(e)) line(printable(e.where), [e]);
  if (well.length > 0) {
    const names = well.length > 3 ? `${well.length} of them` : well.map((e) => printable(e.where)).join(', ');
    line(`${paint.green('No trouble')} on ${names}`, well);
  }
  return out;
}
