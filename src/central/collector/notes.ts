import type { Range, SequenceNote } from '../lake/stored.js';

interface Settled {
  site: string;
  sensor: string;
  epoch: number;
  sequence: number;
  gap: number;
  what: 'batch' | 'refused' | 'gap';
}

/** What a commit settles, gathered by sensor and epoch, neighbours joined. */
export const SequenceNotes = {
  of(items: readonly Settled[]): SequenceNote[] {
    const notes = new Map<string, Required<SequenceNote>>();
    for (const { site, sensor, epoch, sequence, gap, what } of items) {
      const key = `${site}/${sensor}/${epoch}`;
      let note = notes.get(key);
      if (note === undefined) {
        notes.set(key, (note = { site, sensor, epoch, stored: [], missing: [], refused: [] }));
      }
      if (what === 'batch') join(note.stored, sequence, sequence);
      if (what === 'refused') join(note.refused, sequence, sequence);
      if (gap > 0) join(note.missing, sequence - gap, sequence - 1);
    }
    return [...notes.values()];
  },
};

function join(ranges: Range[], from: number, to: number): void {
  const last = ranges.at(-1);
  if (last !== undefined && last[0] <= from && from <= last[1] + 1) last[1] = Math.max(last[1], to);
  else ranges.push([from, to]);
}
