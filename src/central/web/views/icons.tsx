import { SEVERITY_WORDS, type Severity } from '../logic/kinds.js';

/** How loud a line is, by the number of bars filled; colour only repeats it. */
export function Meter({ level }: { level: Severity }) {
  return (
    <svg className="meter" data-level={level} viewBox="0 0 18 14" role="img" aria-label={SEVERITY_WORDS[level]}>
      <title>{SEVERITY_WORDS[level]}</title>
      {[1, 2, 3, 4].map((n) => (
        <rect
          key={n}
          className={n <= level ? 'meter-on' : 'meter-off'}
          x={(n - 1) * 4.75}
          y={12 - n * 3}
          width={3.5}
          height={n * 3 + 2}
          rx={0.8}
        />
      ))}
    </svg>
  );
}

const PATHS = {
  right: 'M6 3.5 10.5 8 6 12.5',
  left: 'M10 3.5 5.5 8l4.5 4.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  out: 'M3 8h10M9 4l4 4-4 4',
  in: 'M13 8H3M7 4 3 8l4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  warn: 'M8 2 1.5 13.5h13ZM8 6.5v3.2M8 11.6v.1',
  check: 'm3 8.5 3.5 3.5L13 4.5',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4 14 14',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 .8v1.6M8 13.6v1.6M.8 8h1.6M13.6 8h1.6M2.9 2.9 4 4M12 12l1.1 1.1M13.1 2.9 12 4M4 12l-1.1 1.1',
  moon: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3Z',
  auto: 'M8 2a6 6 0 1 0 0 12ZM8 2a6 6 0 0 1 0 12',
  filter: 'M2 3.5h12L9.5 9v4l-3-1.5V9Z',
} as const;

/** A small drawing beside a word; it says nothing that the word does not. */
export function Icon({ name, solid = false }: { name: keyof typeof PATHS; solid?: boolean }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} data-solid={solid || undefined} />
    </svg>
  );
}

/** The sign of the house: a wire, a tap, a spot. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect className="logo-ground" width="32" height="32" rx="7" />
      <path className="logo-wire" d="M5 10.5h22M16 10.5v6" />
      <circle className="logo-spot" cx="16" cy="21.5" r="4.6" />
    </svg>
  );
}
