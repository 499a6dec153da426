import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
import type { Sort } from '../logic/url.js';
import { Icon } from './icons.js';

export interface TableColumn<R, C extends string> {
  readonly id: C | string;
  readonly title: string;
  /** The column it sorts by, if it sorts. */
  readonly sort?: C;
  readonly number?: boolean;
  readonly about?: string;
  readonly cell: (row: R) => ReactNode;
}

interface Props<R, C extends string> {
  name: string;
  className: string;
  columns: readonly TableColumn<R, C>[];
  rows: readonly R[];
  rowKey: (row: R, index: number) => string;
  sort: Sort<C>;
  onSort: (column: C) => void;
  /** What is shown below a row that is open. Without it all rows are equally high, and none need be measured. */
  below?: (row: R) => ReactNode;
}

/** A table of any length, of which only the rows in view are in the document (ARIA APG, table and sortable table). */
export function Table<R, C extends string>({
  name,
  className,
  columns,
  rows,
  rowKey,
  sort,
  onSort,
  below,
}: Props<R, C>) {
  const scroller = useRef<HTMLDivElement>(null);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 14;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => Math.round(2 * rem),
    getItemKey: (i) => rowKey(rows[i]!, i),
    overscan: 10,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keys (WCAG 2.1.1).
    <section className="table-scroll" ref={scroller} tabIndex={0} aria-label={`${name}, ${rows.length} rows`}>
      {/* biome-ignore-start lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: rows are placed by the virtualiser, which the layout of <table> does not allow; cells of a table take no focus. */}
      <div className={`table ${className}`} role="table" aria-label={name} aria-rowcount={rows.length + 1}>
        <div role="rowgroup" className="table-head">
          <div role="row" aria-rowindex={1} className="table-row">
            {columns.map((c) => (
              <div
                key={c.id}
                role="columnheader"
                className={c.number ? 'number' : undefined}
                aria-sort={
                  c.sort === undefined
                    ? undefined
                    : sort.column === c.sort
                      ? sort.descending
                        ? 'descending'
                        : 'ascending'
                      : 'none'
                }
                title={c.about}
              >
                {c.sort === undefined ? (
                  c.title
                ) : (
                  <button
                    type="button"
                    onClick={() => onSort(c.sort!)}
                    data-sorted={sort.column === c.sort || undefined}
                  >
                    {c.title}
                    <span className="sort" data-up={(sort.column === c.sort && !sort.descending) || undefined}>
                      <Icon name="down" />
                    </span>
                  </button>
                )}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="table-body" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]!;
            return (
              <div
                key={item.key}
                ref={below === undefined ? undefined : virtual.measureElement}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                className="table-row"
                style={{
                  transform: `translateY(${item.start}px)`,
                  height: below === undefined ? item.size : undefined,
                }}
              >
                {columns.map((c) => (
                  <div key={c.id} role="cell" className={c.number ? 'number' : undefined}>
                    {c.cell(row)}
                  </div>
                ))}
                {below?.(row)}
              </div>
            );
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above */}
    </section>
  );
}

/** A number with a bar as long as its part of the largest. */
export function Amount({ text, share, full }: { text: string; share: number; full?: string }) {
  return (
    <span className="amount" title={full}>
      <span className="amount-bar" aria-hidden="true" style={{ width: `${100 * Math.min(1, Math.max(0, share))}%` }} />
      {text}
    </span>
  );
}
