import { Icon } from './icons.js';

/** A filter of one panel. The first one on a screen is where `/` leads. */
export function PanelFilter({
  value,
  onChange,
  what,
}: {
  value: string;
  onChange: (text: string) => void;
  what: string;
}) {
  return (
    <div className="field field-small">
      <Icon name="filter" />
      <input
        data-filter
        type="search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          event.currentTarget.blur();
        }}
        placeholder="Filter"
        aria-label={`Filter the ${what}`}
        autoComplete="off"
        spellCheck={false}
        maxLength={300}
      />
    </div>
  );
}
