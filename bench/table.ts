import { bytesText } from '../src/base/units.js';

/** What a program took for the packets of one capture; null where it was not run. */
export type Cell = { ns: number; rssBytes: number; code: number } | null;

export interface Result {
  captures: readonly string[];
  /** The floor is the first; a cell for each capture. */
  rows: readonly { name: string; cells: readonly Cell[] }[];
  /** Lines below the table: machine, date, versions, what is missing. */
  notes: readonly string[];
}

export const BEGIN = '<!-- bench:begin (npm run bench -- --write) -->';
export const END = '<!-- bench:end -->';

/** A Markdown table: nanoseconds of CPU a packet, and in brackets how many times the floor of the same capture. */
export function table({ captures, rows, notes }: Result): string {
  const floor = rows[0]!.cells;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cell = (c: Cell, i: number): string => {
    if (c === null) return '';
    if (c.code !== 0) return `failed (${c.code})`;
    const base = floor[i];
    const times = base == null ? '' : ` (${(c.ns / base.ns).toFixed(1)})`;
    return `${Math.round(c.ns).toLocaleString('en-US')}${times}`;
  };
  const rss = (cells: readonly Cell[]): string => {
    const most = Math.max(0, ...cells.map((c) => (c === null || c.code !== 0 ? 0 : c.rssBytes)));
    return most > 0 ? bytesText(most) : '';
  };
  return [
    line(['ns of CPU a packet (times the floor)', ...captures, 'peak RSS']),
    line(['---', ...captures.map(() => '---:'), '---:']),
    ...rows.map((row) => line([row.name, ...row.cells.map(cell), rss(row.cells)])),
    '',
    ...notes,
  ].join('\n');
}

/** Puts the text between the markers of a README; makes a section for it where there are none yet. */
export function inReadme(readme: string, text: string): string {
  const block = `${BEGIN}\n${text}\n${END}`;
  const begin = readme.indexOf('<!-- bench:begin');
  const end = readme.indexOf(END);
  if (begin >= 0 && end > begin) return readme.slice(0, begin) + block + readme.slice(end + END.length);
  if (begin >= 0 || end >= 0) throw new Error('the README has one of the two bench markers: mend it by hand');
  const section = `## Performance\n\n${block}\n\n`;
  const more = readme.indexOf('\n## More\n');
  return more < 0
    ? `${readme.trimEnd()}\n\n${section.trimEnd()}\n`
    : `${readme.slice(0, more + 1)}${section}${readme.slice(more + 1)}`;
}
