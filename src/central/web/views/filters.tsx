import { count } from '../logic/format.js';
import { SEVERITIES, SEVERITY_WORDS, type Severity } from '../logic/kinds.js';
import { useField, useUrl } from './hooks.js';
import { Icon, Meter } from './icons.js';

interface Props {
  counts: Record<Severity, number>;
  least: number;
  shown: number;
  loaded: number;
  total: number;
  allOpen: boolean;
  onFoldAll: () => void;
}

/** What narrows the list: words, and how loud a line must be. Stays in sight while the list scrolls. */
export function Filters({ counts, least, shown, loaded, total, allOpen, onFoldAll }: Props) {
  const [query, setQuery] = useField('q');
  const { set } = useUrl();
  return (
    <div className="filters">
      <div className="field">
        <Icon name="filter" />
        <input
          data-filter
          type="search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            event.currentTarget.blur();
          }}
          placeholder="Filter by address, network, domain, kind…"
          aria-label="Filter the lines by address, network, domain or kind"
          autoComplete="off"
          spellCheck={false}
          maxLength={300}
        />
        <span className="keycap" aria-hidden="true">
          /
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a legend and borders for what is one row of buttons. */}
      <div className="levels" role="group" aria-label="Show lines from this level up">
        {SEVERITIES.map((level) => (
          <button
            key={level}
            type="button"
            className="level"
            aria-pressed={least === level && level > 1}
            data-in={level >= least}
            onClick={() => set({ sev: least === level || level === 1 ? null : String(level) }, true)}
            title={level === 1 ? 'Show all levels' : `Show ${SEVERITY_WORDS[level].toLowerCase()} and up`}
          >
            <Meter level={level} />
            <span className="level-word">{SEVERITY_WORDS[level]}</span>{' '}
            <span className="level-count">{count(counts[level])}</span>
          </button>
        ))}
      </div>
      <p className="tally" role="status">
        {shown === total
          ? `${count(total)} ${total === 1 ? 'line' : 'lines'}`
          : `${count(shown)} of ${count(Math.max(total, loaded))} lines`}
      </p>
      <button type="button" className="button" onClick={onFoldAll} disabled={shown === 0}>
        {allOpen ? 'Fold all' : 'Open all'}
      </button>
    </div>
  );
}
