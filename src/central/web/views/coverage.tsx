import { Link } from 'wouter';
import type { CoverageView } from '../../api/types.js';
import { coverageLevel, coverageWords, worstFirst } from '../logic/coverage.js';
import { count, plural } from '../logic/format.js';
import { shared } from '../logic/url.js';
import { useUrl } from './hooks.js';
import { Icon } from './icons.js';
import { Wire } from './wire.js';

/** Beside every conclusion, how much of the traffic it stands on. The sensors that lost most come first. */
const NAMED_MAX = 4;

export function Coverage({ all }: { all: readonly CoverageView[] }) {
  const { search } = useUrl();
  const ranked = worstFirst(all);
  const more = ranked.slice(NAMED_MAX);
  return (
    <section className="coverage" aria-label="Coverage">
      <h2>Coverage</h2>
      <ul>
        {ranked.slice(0, NAMED_MAX).map((c) => (
          <li key={`${c.site}/${c.sensor}`}>
            <CoverageMeter of={c} />
            <span className="coverage-name">
              <Wire text={`${c.site}/${c.sensor}`} max={28} />
            </span>{' '}
            <span className="soft">{coverageWords(c)}</span>
          </li>
        ))}
        {more.length > 0 ? (
          <li>
            <Link href={`/sensors${shared(search)}`}>{plural(more.length, 'more sensor')}</Link>{' '}
            <span className="soft">{rest(more)}</span>
          </li>
        ) : null}
      </ul>
    </section>
  );
}

function rest(more: readonly CoverageView[]): string {
  const whole = more.filter((c) => coverageLevel(c) === 'whole').length;
  if (whole === more.length) return 'that missed next to nothing';
  return `${whole} of them missed next to nothing`;
}

/** A bar for what was seen. Where nobody can know, it is hatched and carries a question mark. */
export function CoverageMeter({ of }: { of: CoverageView }) {
  const level = coverageLevel(of);
  return (
    <span className="cover" data-level={level} title={exact(of)}>
      {level === 'whole' ? (
        <Icon name="check" />
      ) : level === 'unknown' ? (
        <b aria-hidden="true">?</b>
      ) : (
        <Icon name="warn" />
      )}
      <span className="cover-bar" aria-hidden="true">
        <span style={{ width: `${100 * Math.min(1, Math.max(0, of.coverage ?? 0))}%` }} />
      </span>
    </span>
  );
}

function exact(of: CoverageView): string {
  const frames = `${count(of.frames)} frames kept`;
  return of.coverage === null
    ? `${frames}; this sensor cannot count what it drops`
    : `${frames}, ${count(of.dropped)} dropped`;
}
