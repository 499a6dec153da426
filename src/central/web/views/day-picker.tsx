import { dayLabel } from '../logic/time.js';
import { useKeys, useUrl } from './hooks.js';
import { Icon } from './icons.js';

/** Only days that have data can be picked; the newest is the default and needs no place in the address. */
export function DayPicker({ days, day }: { days: readonly string[]; day: string | null }) {
  const { set } = useUrl();
  const all = day === null || days.includes(day) ? days : [day, ...days].sort().reverse();
  const at = day === null ? -1 : all.indexOf(day);
  const earlier = at < 0 ? undefined : all[at + 1];
  const later = at < 1 ? undefined : all[at - 1];
  const pick = (to: string | undefined) => {
    if (to === undefined) return false;
    set({ day: to === days[0] ? null : to, at: null, open: null, t: null }, true);
  };
  useKeys({ '[': () => pick(earlier), ']': () => pick(later) });
  if (all.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: one control of three parts, named as one.
    <div className="days" role="group" aria-label="Day, UTC">
      <button type="button" onClick={() => pick(earlier)} disabled={earlier === undefined} title="Day before ([)">
        <Icon name="left" />
        <span className="unseen">Day before</span>
      </button>
      <select aria-label="Day, UTC" value={day ?? ''} onChange={(event) => pick(event.target.value)}>
        {all.map((d) => (
          <option key={d} value={d}>
            {dayLabel(d)}
            {d === days[0] ? ' · newest' : ''}
            {days.includes(d) ? '' : ' · no data'}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => pick(later)} disabled={later === undefined} title="Day after (])">
        <Icon name="right" />
        <span className="unseen">Day after</span>
      </button>
    </div>
  );
}
