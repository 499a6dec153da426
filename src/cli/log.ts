import { type Logger, pino } from 'pino';
import { colours, printable } from './terminal.js';

/** syslog(3) priorities, which journald reads from a `<N>` at the head of a line (sd-daemon(3)). */
const PRIORITY: Record<number, number> = { 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };
const WORD: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/**
 * The log, on stderr: readable lines on a terminal; JSON lines elsewhere, with the priority in front where systemd
 * takes them (JOURNAL_STREAM, systemd.exec(5)).
 */
export function makeLog(level: string, env: NodeJS.ProcessEnv): Logger {
  const journal = env.JOURNAL_STREAM !== undefined;
  const person = process.stderr.isTTY === true;
  const paint = colours(process.stderr, env);
  const write = (line: string) => {
    if (!person && !journal) return process.stderr.write(line);
    const { level: n, time, msg, pid: _pid, hostname: _host, ...rest } = JSON.parse(line) as Record<string, unknown>;
    if (!person) return process.stderr.write(`<${PRIORITY[n as number] ?? 6}>${line}`);
    const word = WORD[n as number] ?? 'info';
    const tone =
      word === 'info' ? paint.green : word === 'warn' ? paint.yellow : word === 'debug' ? paint.dim : paint.red;
    const details = Object.entries(rest).map(([k, v]) => `${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`);
    const clock = new Date(time as number).toISOString().slice(11, 19);
    return process.stderr.write(
      `${paint.dim(clock)} ${tone(word.padEnd(5))} ${printable(String(msg))}${details.length > 0 ? ` ${paint.dim(printable(details.join(' ')))}` : ''}\n`,
    );
  };
  return pino({ level, base: null }, { write: (line: string) => void write(line) });
}
