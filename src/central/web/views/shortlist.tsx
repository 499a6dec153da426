import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import type { ShortlistView } from '../../api/types.js';
import { count, plural } from '../logic/format.js';
import { severity } from '../logic/kinds.js';
import { bySeverity, lineFilter, lineKey, moveTo, scaleEnd, toggleToken } from '../logic/shortlist.js';
import { ago, dayLabel } from '../logic/time.js';
import { dayParam, entityPath, listParam, shared } from '../logic/url.js';
import { LINES_MAX, useShortlist } from './api.js';
import { Coverage } from './coverage.js';
import { DayPicker } from './day-picker.js';
import { Filters } from './filters.js';
import { useKeys, useNow, useTitle, useUrl } from './hooks.js';
import { Lines, type LinesHandle } from './lines.js';
import { Empty, Failed, Loading, Stale } from './states.js';
import { Moment } from './wire.js';

/** The home screen: what deserves a look today, strongest first. */
export function Shortlist() {
  const { search } = useUrl();
  const day = dayParam(search);
  const answer = useShortlist(day);
  useTitle(answer.data?.day ? `Shortlist, ${dayLabel(answer.data.day)}` : 'Shortlist');
  if (answer.data === undefined) {
    return (
      <>
        <header className="head">
          <h1>Shortlist</h1>
        </header>
        {answer.isError ? (
          <Failed what="the shortlist" error={answer.error} retry={answer.refetch} />
        ) : (
          <Loading what="the shortlist" rows={12} />
        )}
      </>
    );
  }
  return (
    <>
      {answer.isError ? (
        <Stale error={answer.error} since={<Moment ms={answer.dataUpdatedAt} />} retry={answer.refetch} />
      ) : null}
      <Loaded view={answer.data} turning={answer.isPlaceholderData} />
    </>
  );
}

function Loaded({ view, turning }: { view: ShortlistView; turning: boolean }) {
  const { search, set } = useUrl();
  const params = new URLSearchParams(search);
  const query = params.get('q') ?? '';
  const least = Number(/^[234]$/.exec(params.get('sev') ?? '')?.[0] ?? 1);
  const openText = listParam(search, 'open').join('.');
  const held = params.get('at');

  const wanted = useDeferredValue(query);
  const matching = useMemo(() => view.lines.filter(lineFilter(wanted)), [view.lines, wanted]);
  const lines = useMemo(() => matching.filter((l) => severity(l.score) >= least), [matching, least]);
  const keys = useMemo(() => lines.map(lineKey), [lines]);
  const open = useMemo(() => new Set(openText.split('.').filter((k) => k !== '')), [openText]);
  const counts = useMemo(() => bySeverity(matching), [matching]);
  const most = useMemo(() => scaleEnd(view.lines), [view.lines]);
  const fresh = useFresh(view);

  const handle = useRef<LinesHandle>(null);
  const at = held === null ? -1 : keys.indexOf(held);
  const select = useCallback((key: string | null) => set({ at: key }), [set]);
  const toggle = useCallback(
    (key: string) => {
      const now = new Set(listParam(location.search, 'open'));
      if (!now.delete(key)) now.add(key);
      set({ open: [...now].join('.'), at: key });
    },
    [set],
  );
  const narrow = useCallback(
    (token: string) => set({ q: toggleToken(new URLSearchParams(location.search).get('q') ?? '', token) }, true),
    [set],
  );
  const move = (by: number) => {
    const to = moveTo(at, by, keys.length);
    if (to < 0) return;
    select(keys[to]!);
    handle.current?.show(to);
  };
  const visit = (event: KeyboardEvent) => {
    // A focused link or button does its own thing.
    if (at < 0 || (event.target as Element).closest('a, button, summary') !== null) return false;
    const path = entityPath(lines[at]!.src, location.search);
    if (path !== null) navigate(path);
  };
  const leave = () => (at >= 0 ? select(null) : false);
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    o: () => at >= 0 && toggle(keys[at]!),
    Enter: visit,
    Escape: leave,
  });

  const allOpen = keys.length > 0 && keys.every((k) => open.has(k));
  return (
    <div className={turning ? 'shortlist turning' : 'shortlist'} aria-busy={turning}>
      <header className="head">
        <h1>Shortlist</h1>
        <DayPicker days={view.days} day={view.day} />
        <Knowledge model={view.model} />
      </header>
      {view.coverage.length > 0 ? <Coverage all={view.coverage} /> : null}
      {view.lines.length > 0 ? (
        <Filters
          counts={counts}
          least={least}
          shown={lines.length}
          loaded={view.lines.length}
          total={view.total}
          allOpen={allOpen}
          onFoldAll={() => set({ open: allOpen ? null : keys.slice(0, 50).join('.') })}
        />
      ) : null}
      {lines.length > 0 ? (
        <Lines
          ref={handle}
          lines={lines}
          keys={keys}
          open={open}
          at={at}
          most={most}
          day={view.day}
          fresh={fresh}
          onToggle={toggle}
          onSelect={select}
          onNarrow={narrow}
        />
      ) : (
        <Nothing view={view} filtered={view.lines.length > 0} />
      )}
      {view.total > view.lines.length && lines.length > 0 ? (
        <p className="beyond">
          The {count(view.lines.length)} strongest of {plural(view.total, 'line')} are here; a page holds at most{' '}
          {count(LINES_MAX)}. The filter looks at these only.
        </p>
      ) : null}
    </div>
  );
}

function Nothing({ view, filtered }: { view: ShortlistView; filtered: boolean }) {
  const { set } = useUrl();
  if (filtered) {
    return (
      <Empty title="No line matches">
        <p>
          {plural(view.lines.length, 'line')} of this day {view.lines.length === 1 ? 'is' : 'are'} hidden by the filter.
        </p>
        <p>
          <button type="button" className="button" onClick={() => set({ q: null, sev: null })}>
            Clear the filter
          </button>
        </p>
      </Empty>
    );
  }
  if (view.day === null) {
    return (
      <Empty title="No data yet">
        <p>
          No sensor has sent a batch to this central. Start one on a tap or on a capture file, and the list fills by
          itself. <Link href="/sensors">Sensors</Link> shows who is connected.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing stands out on this day">
      <p>
        The sensors sent data and no detector found a reason to list anything. Read that together with the coverage
        above: what was dropped cannot be listed.
      </p>
    </Empty>
  );
}

/** What judged the list, and how old its knowledge is. */
function Knowledge({ model }: { model: ShortlistView['model'] }) {
  const now = useNow();
  const { search } = useUrl();
  const path = `/model${shared(search)}`;
  if (model === null) {
    return (
      <Link
        href={path}
        className="knowledge"
        title="Until the central has trained, each sensor scores by its own baseline."
      >
        No model trained yet
      </Link>
    );
  }
  return (
    <Link href={path} className="knowledge">
      <span>Model {count(model.generation)}</span>
      <span className="soft">
        trained <Moment ms={model.trainedAt} text={ago(model.trainedAt, now)} />
      </span>
    </Link>
  );
}

/** Keys of lines that came after the day was first shown here; nothing is new on the first look. */
function useFresh(view: ShortlistView): ReadonlySet<string> {
  const seen = useRef<{ day: string | null; keys: Set<string> } | null>(null);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(() => new Set());
  useEffect(() => {
    const keys = view.lines.map(lineKey);
    if (seen.current === null || seen.current.day !== view.day) {
      seen.current = { day: view.day, keys: new Set(keys) };
      setFresh((held) => (held.size === 0 ? held : new Set()));
      return;
    }
    const before = seen.current.keys;
    const more = keys.filter((k) => !before.has(k));
    setFresh((held) => (more.every((k) => held.has(k)) && more.length === held.size ? held : new Set(more)));
  }, [view]);
  return fresh;
}
