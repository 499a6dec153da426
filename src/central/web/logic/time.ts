/** Times in UTC, as the days of the lake are; local time is for the hover. All times are milliseconds since the epoch. */
const two = (n: number) => String(n).padStart(2, '0');
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Date's own range (ECMA-262 §21.4.1.1); beyond it a Date is invalid and its getters give NaN. */
const usable = (ms: number | null | undefined): ms is number =>
  typeof ms === 'number' && Math.abs(ms) <= 8.64e15 && !Number.isNaN(ms);

/** `2026-11-20`. */
export function dayOf(ms: number): string {
  return usable(ms) ? new Date(ms).toISOString().slice(0, -14) : '–';
}

/** `14:03:07`, or `14:03` without seconds. */
export function clock(ms: number, seconds = true): string {
  if (!usable(ms)) return '–';
  const d = new Date(ms);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}${seconds ? `:${two(d.getUTCSeconds())}` : ''}`;
}

/** `20 Nov 2026`; a text that is no day is given back. */
export function dayLabel(day: string): string {
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || !usable(ms)) return day;
  const d = new Date(ms);
  return `${WEEKDAYS[d.getUTCDay()]} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
}

/** Both: `2026-11-20 14:03:07 UTC`. */
export function stamp(ms: number | null | undefined): string {
  return usable(ms) ? `${dayOf(ms)} ${clock(ms)} UTC` : '–';
}

/** What hovering shows: the exact UTC time and the reader's own. */
export function hover(ms: number, zone?: string): string {
  if (!usable(ms)) return '';
  const local = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'long',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(ms);
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC')}\n${local}, here`;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its two largest units: `15 h 28 min`, `4 min 3 s`, `820 ms`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < 1) return ms === 0 ? '0 s' : '< 1 ms';
  if (ms < 1000) return `${Math.floor(ms)} ms`;
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return pair(Math.floor(ms / MINUTE), 'min', Math.floor((ms % MINUTE) / 1000), 's');
  if (ms < DAY) return pair(Math.floor(ms / HOUR), 'h', Math.floor((ms % HOUR) / MINUTE), 'min');
  return pair(Math.floor(ms / DAY), 'd', Math.floor((ms % DAY) / HOUR), 'h');
}

function pair(a: number, unitA: string, b: number, unitB: string): string {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;
}

/** How long ago, in one unit: `just now`, `3 min ago`, `2 h ago`. A clock that runs ahead is said, not hidden. */
export function ago(ms: number | null | undefined, now: number): string {
  if (!usable(ms)) return 'never';
  const past = now - ms;
  if (past < -5000) return `${oneUnit(-past)} ahead of this clock`;
  return past < 5000 ? 'just now' : `${oneUnit(past)} ago`;
}

/** How long until: `in 12 min`, or `due now`. */
export function until(ms: number | null | undefined, now: number): string {
  if (!usable(ms)) return 'not planned';
  return ms - now < 1000 ? 'due now' : `in ${oneUnit(ms - now)}`;
}

function oneUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}

/** First and last as short as the day in view allows: `08:12 – 23:40`, with dates only where they differ from it. */
export function span(first: number, last: number, day: string | null): string {
  const from = at(first, day);
  const sameMinute = clock(first, false) === clock(last, false) && dayOf(first) === dayOf(last);
  if (sameMinute) return at(first, day, true);
  return `${from} – ${at(last, dayOf(first) === dayOf(last) ? dayOf(last) : day)}`;
}

function at(ms: number, day: string | null, seconds = false): string {
  const own = dayOf(ms);
  return own === day ? clock(ms, seconds) : `${own.slice(5)} ${clock(ms, seconds)}`;
}
