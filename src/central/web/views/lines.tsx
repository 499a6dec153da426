import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import type { ShortlistLine } from '../../api/types.js';
import { Line } from './line.js';

export interface LinesHandle {
  /** Scrolls a line into view and gives it the focus. */
  show(index: number): void;
}

interface Props {
  ref?: Ref<LinesHandle>;
  lines: readonly ShortlistLine[];
  keys: readonly string[];
  open: ReadonlySet<string>;
  at: number;
  most: number;
  day: string | null;
  fresh: ReadonlySet<string>;
  onToggle: (key: string) => void;
  onSelect: (key: string | null) => void;
  onNarrow: (token: string) => void;
}

/**
 * The list, of which only the part in view is in the document. The line a reader is at stays under their eyes when
 * others arrive above it.
 */
export function Lines({ ref, lines, keys, open, at, most, day, fresh, onToggle, onSelect, onNarrow }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const place = () => setMargin((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    place();
    const watcher = new ResizeObserver(place);
    watcher.observe(document.body);
    return () => watcher.disconnect();
  }, []);

  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 14;
  const rows = useWindowVirtualizer({
    count: lines.length,
    estimateSize: () => 4 * rem,
    getItemKey: (i) => keys[i] ?? i,
    overscan: 6,
    scrollMargin: margin,
    // Room for the bars that stay on top.
    scrollPaddingStart: 8 * rem,
    scrollPaddingEnd: 2 * rem,
    // The held line stays in the document, so that the focus on it survives scrolling.
    rangeExtractor: (range) => {
      const out: number[] = [];
      const from = Math.max(0, range.startIndex - range.overscan);
      const to = Math.min(range.count - 1, range.endIndex + range.overscan);
      for (let i = from; i <= to; i++) out.push(i);
      if (at >= 0 && at < from) out.unshift(at);
      if (at > to) out.push(at);
      return out;
    },
  });

  useKeepPlace(rows, keys, at);

  const focusOn = useRef<string | null>(null);
  useImperativeHandle(ref, () => ({
    show(index) {
      focusOn.current = keys[index] ?? null;
      rows.scrollToIndex(index, { align: 'auto' });
    },
  }));
  // A line that has just been scrolled to may be rendered only now.
  useEffect(() => {
    if (focusOn.current === null) return;
    const line = list.current?.querySelector<HTMLElement>(`[data-key="${focusOn.current}"]`);
    if (line === null || line === undefined) return;
    line.focus({ preventScroll: true });
    focusOn.current = null;
  });

  return (
    <>
      <div className="line-grid line-heads" aria-hidden="true">
        <span />
        <span>Score</span>
        <span>What, and the strongest reason</span>
        <span>Who</span>
        <span>When, UTC</span>
        <span className="line-where">Seen by</span>
        <span />
      </div>
      <ol ref={list} className="lines" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => (
          <Line
            key={item.key}
            ref={rows.measureElement}
            index={item.index}
            top={item.start - margin}
            total={lines.length}
            line={lines[item.index]!}
            name={keys[item.index]!}
            open={open.has(keys[item.index]!)}
            held={item.index === at}
            fresh={fresh.has(keys[item.index]!)}
            most={most}
            day={day}
            onToggle={onToggle}
            onSelect={onSelect}
            onNarrow={onNarrow}
          />
        ))}
      </ol>
    </>
  );
}

type Rows = ReturnType<typeof useWindowVirtualizer<Element>>;

/**
 * Keeps the line one reads where it is when lines come or go above it: the held one if it is in view, else the first
 * in view. At the very top with nothing held, new lines may push in: that is the top's meaning.
 */
function useKeepPlace(rows: Rows, keys: readonly string[], at: number): void {
  const anchor = useRef<{ key: string; offset: number } | null>(null);
  const before = useRef(keys);
  useLayoutEffect(() => {
    if (before.current !== keys && anchor.current !== null) {
      const to = keys.indexOf(anchor.current.key);
      const start = to < 0 ? undefined : rows.measurementsCache[to]?.start;
      if (start !== undefined) {
        const drift = start - window.scrollY - anchor.current.offset;
        if (Math.abs(drift) >= 1) window.scrollBy({ top: drift, behavior: 'instant' });
      }
    }
    before.current = keys;
  }, [rows, keys]);
  useEffect(() => {
    const note = () => {
      const y = window.scrollY;
      const seen = rows.getVirtualItems().filter((i) => i.end > y && i.start < y + window.innerHeight);
      const kept = seen.find((i) => i.index === at) ?? (y > 40 ? seen[0] : undefined);
      anchor.current = kept === undefined ? null : { key: String(kept.key), offset: kept.start - y };
    };
    note();
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  });
}
